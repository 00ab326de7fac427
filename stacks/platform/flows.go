package platform

import (
	"fmt"
	"maps"
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
	s := e.settings
	for _, name := range s.Catalog.Names() {
		entry := s.Catalog.Services[name]
		made, err := flows.New(ctx, "flows-"+name, flows.Args{
			Service: name, Namespace: e.services[name].namespace, Calls: entry.Calls, CalledBy: s.Catalog.Callers(name),
			Routed: len(entry.Routes) > 0, Ways: e.ways(name), Inside: e.insideRanges(), Tags: s.ServiceTags(name),
		}, e.inside...)
		if err != nil {
			return err
		}
		e.services[name].ready = append(e.services[name].ready, made.Ready...)
	}
	return nil
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
