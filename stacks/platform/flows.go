package platform

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/network"
	"platform/stacks/catalog"
	"platform/stacks/config"
)

// reachable wants an environment to have a range for each network that services reach.
func reachable(s config.Settings) []error {
	var faults []error
	for _, name := range s.Catalog.Names() {
		for i, r := range s.Catalog.Services[name].Reaches {
			if _, known := s.Network.Reserved[r.Network]; !known && r.Network != catalog.Internet {
				faults = append(faults, fmt.Errorf("services.%s.reaches[%d].network: value %q: %s is allowed, or a network of network.reserved: %s",
					name, i, r.Network, catalog.Internet, strings.Join(slices.Sorted(maps.Keys(s.Network.Reserved)), ", ")))
			}
		}
	}
	return faults
}

// buildFlows opens for each service what the catalogue says that it talks to, and nothing else.
func (e *environment) buildFlows(ctx *pulumi.Context) error {
	s, inside := e.settings, e.insideRanges()
	for _, name := range s.Catalog.Names() {
		entry := s.Catalog.Services[name]
		built := e.services[name]
		ready, err := flows.Open(ctx, tenancyOf(name), flows.Args{
			Service: name, Namespace: built.place.Outputs.Namespace, Calls: entry.Calls, CalledBy: s.Catalog.Callers(name),
			Routed: len(entry.Routes) > 0, Telemetry: e.telemetry.Given(), Meshed: e.mesh != nil, Ways: e.ways(name), Inside: inside, Tags: s.ServiceTags(name),
		}, built.place)
		if err != nil {
			return err
		}
		built.ready = append(built.ready, ready...)
		if err := e.admit(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// insideRanges are the company's own, which are not the internet.
func (e *environment) insideRanges() []netip.Prefix {
	inside := []netip.Prefix{e.settings.Network.CIDR}
	for _, name := range slices.Sorted(maps.Keys(e.settings.Network.Reserved)) {
		inside = append(inside, e.settings.Network.Reserved[name])
	}
	return inside
}

// around is what is around a part of the platform's own that takes these ways.
func (e *environment) around(ways map[string]network.Way) flows.Around {
	return flows.Around{API: e.cluster.API, Ways: ways, Inside: e.insideRanges()}
}

// ways are those that a service takes out of the cluster. Whoever uses anything of the cloud needs the tokens of its
// identity.
func (e *environment) ways(service string) map[string]network.Way {
	entry, built, out := e.settings.Catalog.Services[service], e.services[service], map[string]network.Way{}
	for endpoint, used := range map[network.Endpoint]bool{
		network.EndpointQueues:    len(entry.Publishes)+len(entry.Consumes) > 0,
		network.EndpointDocuments: entry.Documents,
		network.EndpointSecrets:   len(entry.Secrets) > 0,
	} {
		if used {
			out[string(endpoint)] = e.network.Ways[endpoint]
		}
	}
	if built.database != nil {
		out["database"] = built.database.Way
	}
	if len(out) > 0 {
		out["identity"] = e.cluster.Identity
	}
	for _, r := range entry.Reaches {
		if r.Network == catalog.Internet {
			out["reach-"+r.Network] = network.OverInternet(r.Ports...)
		} else {
			out["reach-"+r.Network] = network.At(r.Ports, e.settings.Network.Reserved[r.Network].String())
		}
	}
	return out
}
