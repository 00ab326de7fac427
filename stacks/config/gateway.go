package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/components/gateway"
	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/stacks/catalog"
)

// validateGateway judges the doors by what those of their kind offer.
func (s Settings) validateGateway(f *faults, offers map[gateway.Kind]gateway.Offer) {
	g := s.Gateway
	offer, known := offers[g.Kind]
	if !known {
		f.add("gateway.kind", g.Kind, "one of %v is allowed", gateway.Kinds)
		return
	}
	if g.Label != "" && !naming.IsKebab(g.Label) {
		f.add("gateway.label", g.Label, "%s", naming.Kebab)
	}
	if !offer.LogsElsewhere {
		between(f, "gateway.logDays", g.LogDays, logDays)
	} else if g.LogDays != 0 {
		f.add("gateway.logDays", g.LogDays, "nothing is allowed: %s", gateway.LogsElsewhere)
	}
	s.validateDoors(f, offer)
	for _, name := range slices.Sorted(maps.Keys(g.Audiences)) {
		a, at := g.Audiences[name], "gateway.audiences."+name
		oneOf(f, at+".auth", a.Auth, offer.Auths)
		if a.Auth == gateway.JWT && (!strings.HasPrefix(a.Issuer, "https://") || len(a.Audiences) == 0) {
			f.add(at, a.Issuer, "tokens need an https issuer and at least one accepted audience")
		}
		if a.Auth == gateway.JWT && offer.BringKeys && len(a.Keys) == 0 {
			f.add(at+".keys", "", "doors of kind %s do not ask the issuer for its public keys: at least one is needed, by the name that tokens call it", g.Kind)
		}
		if !offer.BringKeys && len(a.Keys) > 0 {
			f.add(at+".keys", slices.Sorted(maps.Keys(a.Keys)), "nothing is allowed: doors of kind %s ask the issuer for its keys", g.Kind)
		}
		if a.Auth == gateway.MutualTLS && !strings.Contains(a.TrustStore, "BEGIN CERTIFICATE") {
			f.add(at+".trustStore", "", "mutual TLS needs the certificates of the accepted authorities, as PEM")
		}
		if a.Auth == gateway.Key && len(a.Callers) == 0 {
			f.add(at+".callers", "", "keys need callers who have one, by name")
		}
		for _, route := range s.routesTo(name) {
			if rate := offer.Rate; !rate.Holds(route.Rate) {
				f.add(at, route.Path, "its rate is %d: %s at doors of kind %s", route.Rate, rate.Allowed(), g.Kind)
			}
		}
	}
	s.validateServed(f)
}

// validateDoors wants what doors in the cluster need, or the ingress behind those outside of it, and nothing that would be without
// effect.
func (s Settings) validateDoors(f *faults, offer gateway.Offer) {
	g := s.Gateway
	between(f, "gateway.replicas", g.Replicas, offer.Replicas)
	if g.Kind != gateway.Kong {
		if len(g.Sources) > 0 {
			f.add("gateway.sources", g.Sources, "nothing is allowed: doors of kind %s are open to everybody who proves who calls", g.Kind)
		}
		if s.Mesh.Kind == workload.NoMesh {
			f.add("mesh.kind", s.Mesh.Kind, "%q is allowed with doors of kind %s: what they lead to in the cluster is a proxy of the mesh; without one, let gateway.kind be %s",
				workload.Istio, g.Kind, gateway.Kong)
		}
		if offer.Published && s.Certificates.ACME == nil {
			f.add("certificates.acme", "", "an authority that everybody knows is needed: doors of kind %s reach the cluster by a public name, and it signs that name's certificate", g.Kind)
		}
		return
	}
	for i, from := range g.Sources {
		if from.IsValid() && (!from.Addr().Is4() || from != from.Masked() || from.Bits() == 0) {
			f.add(fmt.Sprintf("gateway.sources[%d]", i), from, "a range of IPv4 without host bits is allowed; for everybody, name none")
		}
	}
	if s.Certificates.ACME == nil {
		f.add("certificates.acme", "", "an authority that everybody knows is needed: it signs the certificates of the doors of kind %s", g.Kind)
	}
}

// routesTo are the catalogue's routes of an audience.
func (s Settings) routesTo(audience string) []catalog.Route {
	var out []catalog.Route
	for _, name := range s.Catalog.Names() {
		for _, route := range s.Catalog.Services[name].Routes {
			if slices.Contains(route.Audiences, audience) {
				out = append(out, route)
			}
		}
	}
	return out
}

// validateServed wants each audience of the catalogue to have a door.
func (s Settings) validateServed(f *faults) {
	known := slices.Sorted(maps.Keys(s.Gateway.Audiences))
	for _, name := range s.Catalog.Names() {
		for _, route := range s.Catalog.Services[name].Routes {
			for _, audience := range route.Audiences {
				if !slices.Contains(known, audience) {
					f.add("gateway.audiences", known, "service %s serves %s to %q, which is missing here", name, route.Path, audience)
				}
			}
		}
	}
}
