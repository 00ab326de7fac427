// Package document reads who may do what as the clouds write it, and says how wide it is. Policies judge by it, and
// the audit of access tells of it.
package document

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

// Statement is one of a policy of AWS
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html).
type Statement struct {
	Sid, Effect                              string
	Action, NotAction, Resource, NotResource Texts
	Principal, NotPrincipal                  Principal
	Condition                                json.RawMessage
}

// Texts is one text or a list of them.
type Texts []string

// UnmarshalJSON takes both forms.
func (t *Texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = Texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// Principal is of whom a statement speaks; All says that it is everybody.
type Principal struct {
	All   bool
	Names []string // sorted; services and providers of identities among them
}

// UnmarshalJSON takes a star, or lists by kind.
func (p *Principal) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*p = Principal{All: one == "*", Names: []string{one}}
		return nil
	}
	var many map[string]Texts
	if err := json.Unmarshal(raw, &many); err != nil {
		return err
	}
	p.All = slices.Contains(many["AWS"], "*")
	for _, names := range many {
		p.Names = append(p.Names, names...)
	}
	slices.Sort(p.Names)
	return nil
}

// Parse reads a policy; false where it is none, which the cloud itself refuses.
func Parse(text string) ([]Statement, bool) {
	var whole struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(text), &whole) != nil {
		return nil, false
	}
	var many []Statement
	if json.Unmarshal(whole.Statement, &many) == nil {
		return many, true
	}
	var one Statement
	if json.Unmarshal(whole.Statement, &one) != nil {
		return nil, false
	}
	return []Statement{one}, true
}

// Conditional says whether a statement holds under a condition alone.
func (s Statement) Conditional() bool {
	return len(s.Condition) > 0 && strings.TrimSpace(string(s.Condition)) != "{}"
}

// version is the part of an Azure token that names the API's version.
var version = regexp.MustCompile(`^(azure-native:[a-z]+)/v[0-9a-z]+:`)

// Kind is a type as tables name it: without the version of Azure's API, which changes no meaning.
func Kind(of string) string {
	if !strings.HasPrefix(of, "azure-native:") {
		return of
	}
	return version.ReplaceAllString(of, "$1:")
}
