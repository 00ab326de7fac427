package flows

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/naming"
	"platform/components/network"
	"platform/components/tags"
)

// Args are the flows of one service.
type Args struct {
	Service   string
	Namespace pulumi.StringInput // that of the service
	Calls     []string           // services
	CalledBy  []string           // services
	Routed    bool               // the gateway leads to it
	Telemetry bool               // somebody takes what it tells of itself
	Meshed    bool               // what goes from pod to pod goes through the mesh's tunnel
	// Ways are those that the service takes out of the cluster, by what they are for.
	Ways map[string]network.Way
	// Inside are ranges that are not the internet, besides those that nobody has there.
	Inside []netip.Prefix
	Tags   tags.Set
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	if !naming.IsKebab(a.Service) {
		fault("service", a.Service, naming.Kebab)
	}
	for path, services := range map[string][]string{"calls": a.Calls, "calledBy": a.CalledBy} {
		for i, other := range services {
			if !naming.IsKebab(other) || other == a.Service {
				fault(fmt.Sprintf("%s[%d]", path, i), other, "the name of another service is allowed")
			}
		}
	}
	faults = append(faults, wayFaults("ways", a.Ways)...)
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}

// wayFaults are the faults of ways, in the order of their names.
func wayFaults(path string, ways map[string]network.Way) []error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		way, at := ways[name], path+"."+name
		if len(way.Ports) == 0 {
			faults = append(faults, fmt.Errorf("%s.ports: value \"[]\": at least one is needed: without any, all would be open", at))
		}
		faults = append(faults, portFaults(at+".ports", way.Ports)...)
		if way.Internet == (way.Ranges.OutputState != nil) {
			faults = append(faults, fmt.Errorf("%s: value %q: either ranges or the internet is allowed", at, name))
		}
	}
	return faults
}

func portFaults(path string, ports []int) []error {
	var faults []error
	for i, port := range ports {
		if port < 1 || port > 65535 {
			faults = append(faults, fmt.Errorf("%s[%d]: value %q: 1 to 65535 is allowed", path, i, fmt.Sprint(port)))
		}
	}
	return faults
}
