package rules

import (
	"encoding/json"
	"slices"
	"strings"
)

// document is a policy of AWS as far as rules ask for it
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html).
type document struct {
	spot       spot
	statements []statement
}

type statement struct {
	Sid, Effect                              string
	Action, NotAction, Resource, NotResource texts
	Principal                                principal
	Condition                                json.RawMessage
}

// texts is one text or a list of them.
type texts []string

func (t *texts) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*t = texts{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(t))
}

// principal says whether a statement speaks of everybody.
type principal struct{ all bool }

func (p *principal) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		p.all = one == "*"
		return nil
	}
	var many map[string]texts
	if err := json.Unmarshal(raw, &many); err != nil {
		return err
	}
	p.all = slices.Contains(many["AWS"], "*")
	return nil
}

// documentAt reads a policy; false where it is not known yet, or is none, which the cloud itself refuses.
func documentAt(r Resource, path string) (document, bool) {
	s := at(r.Props, path)[0]
	if s.unknown || !s.value.IsString() {
		return document{}, false
	}
	var whole struct{ Statement json.RawMessage }
	if json.Unmarshal([]byte(s.value.AsString()), &whole) != nil {
		return document{}, false
	}
	d := document{spot: s}
	if json.Unmarshal(whole.Statement, &d.statements) != nil {
		var one statement
		if json.Unmarshal(whole.Statement, &one) != nil {
			return document{}, false
		}
		d.statements = []statement{one}
	}
	return d, true
}

// shown is what a message may show of a part of the policy.
func (d document) shown(part string) string {
	if d.spot.secret {
		return "[secret]"
	}
	return part
}

// conditional says whether a statement holds under a condition alone.
func (s statement) conditional() bool {
	return len(s.Condition) > 0 && strings.TrimSpace(string(s.Condition)) != "{}"
}
