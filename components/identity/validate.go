package identity

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"platform/components/naming"
)

// maxLabel is the longest name of a namespace
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names).
const maxLabel = 63

// Actions lists every action in the order in which messages name them.
var Actions = []Action{Publish, Consume, ReadWrite, Connect, Read, Store, ProveNames, ManageRecords, Observe}

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
	for _, role := range slices.Sorted(maps.Keys(a.Rights)) {
		if !naming.IsKebab(role) {
			faults = append(faults, fmt.Errorf("rights.%s: value %q: %s", role, role, naming.Kebab))
		}
		if action := a.Rights[role]; !slices.Contains(Actions, action) {
			faults = append(faults, fmt.Errorf("rights.%s: value %q: one of %v is allowed", role, action, Actions))
		}
	}
	return errors.Join(faults...)
}

// grants are the rights with what they are on, in the order in which that is told.
func (a Args) grants(on []On) ([]Grant, error) {
	var (
		faults []error
		out    []Grant
	)
	given := map[string]bool{}
	for _, o := range on {
		action, has := a.Rights[o.Role]
		switch {
		case !has:
			faults = append(faults, fmt.Errorf("rights.%s: it is given but none of the identity's rights, which are %v", o.Role, slices.Sorted(maps.Keys(a.Rights))))
		case given[o.Role]:
			faults = append(faults, fmt.Errorf("rights.%s: it is given twice; a right is on one resource", o.Role))
		}
		given[o.Role] = true
		out = append(out, Grant{Action: action, On: o})
	}
	for _, role := range slices.Sorted(maps.Keys(a.Rights)) {
		if !given[role] {
			faults = append(faults, fmt.Errorf("rights.%s: it is not given: say what it is on", role))
		}
	}
	return out, errors.Join(faults...)
}
