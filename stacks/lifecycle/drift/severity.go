package drift

import (
	"fmt"
	"regexp"
	"strings"

	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/status"
)

// Severity is how soon somebody must look.
type Severity int

// The severities. None is of what does not differ.
const (
	None   Severity = iota
	Low             // it can wait for the working day
	High            // it works, and not as was agreed
	Urgent          // something is gone, or open
)

var severities = []string{"none", "low", "high", "urgent"}

func (s Severity) String() string { return severities[s] }

// MarshalText writes the word.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads it.
func (s *Severity) UnmarshalText(text []byte) error {
	for i, word := range severities {
		if word == string(text) {
			*s = Severity(i)
			return nil
		}
	}
	return fmt.Errorf("severity %q: one of %v is allowed", text, severities)
}

// Status is the exit status of a severity.
func (s Severity) Status() int { return []int{0, status.Found, status.Grave, status.Urgent}[s] }

var (
	// everywhere is an address range of everybody, as the three clouds write it.
	everywhere = regexp.MustCompile(`(^|[\s"'\[,])(0\.0\.0\.0/0|::/0|\*|Internet|allUsers|allAuthenticatedUsers)($|[\s"'\],])`)
	// doors are properties that say who may come.
	doors = regexp.MustCompile(`(?i)ingress|cidr|sourceaddressprefix|sourceranges|securityrules|members?$|principal|policy|public`)
	// shields are properties that keep something safe, where they are true.
	shields = regexp.MustCompile(`(?i)delet(e|ion)protection|encrypt|blockpublic|restrictpublic|ignorepublic|enablerotation|rotationenabled|httpsonly|enforce`)
	// labels are properties on which nothing depends but reports.
	labels = regexp.MustCompile(`(?i)^(tags|tagsAll|labels|effectiveLabels|pulumiLabels|terraformLabels)(\.|\[|$)|description$|displayName$`)
	// access are types that say who may do what.
	access = regexp.MustCompile(`(?i)iam|policy|roleassignment|permission|accessentry|member|grant`)
)

// judge says how bad a difference is, and why.
func (d Difference) judge() (Severity, string) {
	switch d.Kind {
	case Deleted:
		if _, holds := guard.Holds(d.Type); holds {
			return Urgent, "what cannot be brought back is gone"
		}
		return High, "something that Git asks for is gone"
	case Added:
		return High, "somebody made it by hand, or something was left: no up will remove it"
	}
	low := len(d.Changes) > 0
	for _, c := range d.Changes {
		opened := doors.MatchString(c.Path) && everywhere.MatchString(c.New) && !everywhere.MatchString(c.Old)
		exposed := strings.Contains(strings.ToLower(c.Path), "public") && enabled(c.New) && !enabled(c.Old)
		if opened || exposed {
			return Urgent, c.Path + " lets everybody in"
		}
		if shields.MatchString(c.Path) && enabled(c.Old) && !enabled(c.New) {
			return Urgent, c.Path + " protects no more"
		}
		low = low && labels.MatchString(c.Path)
	}
	switch {
	case low:
		return Low, "it works as agreed; reports and bills may be wrong"
	case access.MatchString(d.Type):
		return High, "who may do what is not what Git says"
	}
	return High, "it is not set up as Git says"
}

func enabled(value string) bool {
	value = strings.Trim(strings.ToLower(value), `"`)
	return value == "true" || value == "enabled"
}
