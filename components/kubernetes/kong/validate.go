package kong

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if err := a.Doors.Validate(Offer()); err != nil {
		faults = append(faults, err)
	}
	if err := replicas.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
	}
	if !slices.Contains(workload.MeshKinds, a.Mesh) {
		fault("mesh", a.Mesh, "one of %v is allowed", workload.MeshKinds)
	}
	for i, from := range a.Sources {
		if !from.IsValid() || !from.Addr().Is4() || from != from.Masked() || from.Bits() == 0 {
			fault(fmt.Sprintf("sources[%d]", i), from, "a range of IPv4 without host bits is allowed; for everybody, name none")
		}
	}
	for path, value := range map[string]string{"issuer": a.Issuer, "priority": a.Priority} {
		if value == "" {
			fault(path, value, "a value is needed")
		}
	}
	if len(a.After) == 0 {
		faults = append(faults, errors.New("after: none is given: what signs certificates and publishes names must be there first"))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Doors.Audiences)) {
		source, given := a.Keys[name]
		wanted := a.Doors.Audiences[name].Auth == gateway.Key
		if wanted && (len(source.Store) != 1 || source.Key == nil) {
			fault("keys."+name, "", "where the keys of its callers come from must be said")
		}
		if !wanted && given {
			fault("keys."+name, "a source", "nothing is allowed: the audience has no keys")
		}
		for _, route := range a.Doors.Routes {
			if burst := windows * route.Rate; slices.Contains(route.Audiences, name) && route.Burst != burst {
				fault("routes."+route.Path+".burst", route.Burst, "%d is allowed: a door counts in windows of a second, and knows no burst of its own", burst)
			}
		}
	}
	for _, key := range a.Doors.Tags.Missing() {
		fault("tags."+key, a.Doors.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}
