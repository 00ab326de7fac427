package rules

import (
	"platform/policies/document"
)

// policy is one of AWS as far as rules ask for it.
type policy struct {
	spot       spot
	statements []document.Statement
}

// documentAt reads a policy; false where it is not known yet, or is none, which the cloud itself refuses.
func documentAt(r Resource, path string) (policy, bool) {
	s := at(r.Props, path)[0]
	if s.unknown || !s.value.IsString() {
		return policy{}, false
	}
	statements, ok := document.Parse(s.value.AsString())
	return policy{s, statements}, ok
}

// shown is what a message may show of a part of the policy.
func (p policy) shown(part string) string {
	if p.spot.secret {
		return "[secret]"
	}
	return part
}
