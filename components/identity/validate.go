package identity

import (
	"errors"
	"fmt"
	"slices"

	"platform/components/naming"
)

// maxLabel is the longest name of a namespace
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names).
const maxLabel = 63

// Actions lists every action in the order in which messages name them.
var Actions = []Action{Publish, Consume, ReadWrite, Connect, Read, ProveNames, ManageRecords, Observe}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	for _, field := range []struct{ path, value string }{
		{"service", a.Service}, {"namespace", a.Namespace}, {"serviceAccount", a.ServiceAccount},
	} {
		if !naming.IsKebab(field.value) || len(field.value) > maxLabel {
			faults = append(faults, fmt.Errorf("%s: value %q: %s, %d characters at most", field.path, field.value, naming.Kebab, maxLabel))
		}
	}
	return errors.Join(faults...)
}

// Validate returns every fault of the grants.
func (a GrantsArgs) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Service) {
		faults = append(faults, fmt.Errorf("service: value %q: %s", a.Service, naming.Kebab))
	}
	seen := map[string]bool{}
	for _, grant := range a.Grants {
		path := "grants." + grant.Role
		if !naming.IsKebab(grant.Role) {
			faults = append(faults, fmt.Errorf("%s.role: value %q: %s", path, grant.Role, naming.Kebab))
		}
		if seen[grant.Role] {
			faults = append(faults, fmt.Errorf("%s.role: value %q: it is given twice; one grant for each role is allowed", path, grant.Role))
		}
		seen[grant.Role] = true
		if !slices.Contains(Actions, grant.Action) {
			faults = append(faults, fmt.Errorf("%s.action: value %q: one of %v is allowed", path, grant.Action, Actions))
		}
	}
	return errors.Join(faults...)
}
