package cidr

import (
	"fmt"
	"net/netip"
)

// Regional is how a range is divided where subnets span zones.
type Regional struct {
	Nodes         netip.Prefix // machines, a quarter
	Pods          netip.Prefix // the half: a machine takes a /24 of it for its 110 pods
	Services      netip.Prefix // virtual addresses inside the cluster
	Proxies       netip.Prefix // of load balancers
	Producers     netip.Prefix // given to the cloud's own services, such as databases
	ControlPlanes netip.Prefix // of clusters, each with a /28 of it
}

// smallestProducers is the least range that Google takes for the services it runs
// (https://cloud.google.com/vpc/docs/configure-private-services-access#allocating-range).
const smallestProducers = 24

// SplitRegional divides an IPv4 range of a region. A /16 gives pods a /17, nodes a /18 and the others a /20 each.
func SplitRegional(prefix netip.Prefix) (Regional, error) {
	if !prefix.IsValid() || !prefix.Addr().Is4() {
		return Regional{}, fmt.Errorf("cidr %q: an IPv4 range is needed, as 10.16.0.0/16", prefix)
	}
	if prefix != prefix.Masked() {
		return Regional{}, fmt.Errorf("cidr %q: has host bits; the range is %s", prefix, prefix.Masked())
	}
	small := prefix.Bits() + 4
	if small > smallestProducers {
		return Regional{}, fmt.Errorf(
			"cidr %q: too small: the range of the cloud's services would be /%d, and /%d is the least; /%d or wider is needed",
			prefix, small, smallestProducers, smallestProducers-4)
	}
	last := nth(prefix, prefix.Bits()+2, 3)
	return Regional{
		Pods: nth(prefix, prefix.Bits()+1, 0), Nodes: nth(prefix, prefix.Bits()+2, 2),
		Services: nth(last, small, 0), Proxies: nth(last, small, 1),
		Producers: nth(last, small, 2), ControlPlanes: nth(last, small, 3),
	}, nil
}
