package gcp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	networkType    = "gcp:compute/network:Network"
	subnetworkType = "gcp:compute/subnetwork:Subnetwork"
	routerType     = "gcp:compute/router:Router"
	natType        = "gcp:compute/routerNat:RouterNat"
	addressType    = "gcp:compute/globalAddress:GlobalAddress"
	routeType      = "compute:route" // that a network or a subnet comes with

	peeringPurpose = "VPC_PEERING"
)

var computeNetworkHooks = map[string]cloud.Hook{
	networkType:                     {Created: networkCreated, Deleted: networkDeleted},
	subnetworkType:                  {Created: subnetworkCreated, Updated: subnetworkUpdated, Deleted: takesOwned},
	"gcp:compute/firewall:Firewall": {Created: firewallFits, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return firewallFits(t, o) }},
	"gcp:compute/route:Route":       {Created: routeCreated},
	natType:                         {Created: natCreated, Updated: natUpdated, Deleted: takesOwned},
	addressType:                     {Created: addressCreated},
	"gcp:compute/address:Address":   {Created: addressCreated},
}

// takesOwned removes what the cloud made for an object together with it.
func takesOwned(t *cloud.Tx, o *cloud.Object) error {
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	return nil
}

// networkOf finds a network by id, link or name, as resources may name it.
func networkOf(t *cloud.Tx, named string) *cloud.Object {
	return t.Lookup([]string{networkType}, []string{"id", "selfLink", "name"}, named)
}

// networkCreated: a network comes with a route to the internet, unless the program does not want it
// (https://cloud.google.com/vpc/docs/routes#routingpacketsinternet). Networks with a subnet in every region of the
// world are not simulated: no environment may have one.
func networkCreated(t *cloud.Tx, o *cloud.Object) error {
	if o.Bool("autoCreateSubnetworks") {
		return cloud.Refuse("FAILED_PRECONDITION", "autoCreateSubnetworks: subnets in every region of the world would leave the residency")
	}
	if !o.Bool("deleteDefaultRoutesOnCreate") {
		t.Mint(cloud.Object{
			Type: routeType, ID: o.ID + "/routes/default", Hidden: true, Owner: o.Key(),
			Props: map[string]any{"network": o.ID, "destRange": "0.0.0.0/0", "nextHopGateway": "default-internet-gateway"},
		})
	}
	return nil
}

// networkDeleted takes the network's own routes, and what an abandoned connection left. While a server lies behind
// that, the network stays.
func networkDeleted(t *cloud.Tx, o *cloud.Object) error {
	servers := t.Find(serverType, func(s *cloud.Object) bool {
		private := s.Str("settings.ipConfiguration.privateNetwork")
		return private != "" && (private == o.ID || private == o.Str("selfLink"))
	})
	if len(servers) > 0 {
		return cloud.Refuse("resourceInUseByAnotherResource", "the network resource %s is already being used by %s", o.ID, servers[0])
	}
	return takesOwned(t, o)
}

// blocks are the address ranges that a subnet or a reserved range takes from its network.
func blocks(o *cloud.Object) ([]netip.Prefix, error) {
	texts := []string{o.Str("ipCidrRange")}
	if o.Type == addressType {
		texts = []string{blockOf(o)}
	}
	secondary, _ := o.Value("secondaryIpRanges").([]any)
	for _, e := range secondary {
		if m, ok := e.(map[string]any); ok {
			texts = append(texts, fmt.Sprint(m["ipCidrRange"]))
		}
	}
	var out []netip.Prefix
	for _, text := range texts {
		block, err := netip.ParsePrefix(text)
		if err != nil || block != block.Masked() {
			return nil, cloud.Refuse("invalid", "%s: %q is no network range", o.ID, text)
		}
		out = append(out, block)
	}
	return out, nil
}

// blockOf is the range of a reserved address.
func blockOf(o *cloud.Object) string {
	return fmt.Sprintf("%s/%d", o.Str("address"), int(o.Num("prefixLength")))
}

// fits refuses ranges that overlap each other or what else is in the network
// (https://cloud.google.com/vpc/docs/subnets#ipv4-ranges).
func fits(t *cloud.Tx, o *cloud.Object) error {
	own, err := blocks(o)
	if err != nil {
		return err
	}
	for i, block := range own {
		if block.Bits() < 4 || block.Bits() > 29 {
			return cloud.Refuse("invalid", "%s: %s: /4 to /29 is allowed", o.ID, block)
		}
		for _, other := range own[i+1:] {
			if block.Overlaps(other) {
				return cloud.Refuse("invalid", "%s: its ranges %s and %s overlap", o.ID, block, other)
			}
		}
	}
	network := networkOf(t, o.Str("network"))
	neighbours := append(t.Find(subnetworkType, nil), t.Find(addressType, func(a *cloud.Object) bool { return a.Str("purpose") == peeringPurpose })...)
	for _, other := range neighbours {
		if other.Key() == o.Key() || networkOf(t, other.Str("network")) != network {
			continue
		}
		taken, err := blocks(other)
		if err != nil {
			return err
		}
		for _, block := range own {
			for _, b := range taken {
				if block.Overlaps(b) {
					return cloud.Refuse("invalid", "%s: %s conflicts with %s of %s", o.ID, block, b, other)
				}
			}
		}
	}
	return nil
}

// subnetworkCreated: each range of a subnet comes with a route that can not be removed
// (https://cloud.google.com/vpc/docs/routes#subnet-routes).
func subnetworkCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := fits(t, o); err != nil {
		return err
	}
	if err := purposeFits(t, o); err != nil {
		return err
	}
	own, err := blocks(o)
	if err != nil {
		return err
	}
	for _, block := range own {
		t.Mint(cloud.Object{
			Type: routeType, ID: o.ID + "/routes/" + block.String(), Hidden: true, Owner: o.Key(),
			Props: map[string]any{"network": o.Str("network"), "destRange": block.String()},
		})
	}
	o.Outputs["gatewayAddress"] = own[0].Addr().Next().String()
	return nil
}

// subnetworkUpdated makes the routes again: ranges may have come or gone.
func subnetworkUpdated(t *cloud.Tx, _, o *cloud.Object) error {
	if err := takesOwned(t, o); err != nil {
		return err
	}
	return subnetworkCreated(t, o)
}

// purposeFits: a subnet of proxies has no machines, so nothing to log or to give access, and a region of a network
// has one active one (https://cloud.google.com/load-balancing/docs/proxy-only-subnets).
func purposeFits(t *cloud.Tx, o *cloud.Object) error {
	names := map[string]bool{}
	secondary, _ := o.Value("secondaryIpRanges").([]any)
	for _, e := range secondary {
		m, _ := e.(map[string]any)
		name := fmt.Sprint(m["rangeName"])
		if names[name] {
			return cloud.Refuse("invalid", "%s: two secondary ranges are named %s", o.ID, name)
		}
		names[name] = true
	}
	if !strings.HasSuffix(o.Str("purpose"), "MANAGED_PROXY") {
		if o.Str("role") != "" {
			return cloud.Refuse("invalid", "%s: role is for subnets of proxies", o.ID)
		}
		return nil
	}
	switch {
	case o.Value("logConfig") != nil:
		return cloud.Refuse("invalid", "%s: logConfig is not for subnets of proxies", o.ID)
	case o.Bool("privateIpGoogleAccess"):
		return cloud.Refuse("invalid", "%s: privateIpGoogleAccess is not for subnets of proxies", o.ID)
	case len(secondary) > 0:
		return cloud.Refuse("invalid", "%s: subnets of proxies have no secondary ranges", o.ID)
	case o.Str("role") == "":
		return cloud.Refuse("invalid", "%s: role of a subnet of proxies must be ACTIVE or BACKUP", o.ID)
	}
	if block, err := netip.ParsePrefix(o.Str("ipCidrRange")); err == nil && block.Bits() > 26 {
		return cloud.Refuse("invalid", "%s: %s: a subnet of proxies has 64 addresses or more", o.ID, block)
	}
	network := networkOf(t, o.Str("network"))
	others := t.Find(subnetworkType, func(s *cloud.Object) bool {
		return s.ID != o.ID && s.Region == o.Region && s.Str("purpose") == o.Str("purpose") && s.Str("role") == "ACTIVE"
	})
	for _, other := range others {
		if o.Str("role") == "ACTIVE" && networkOf(t, other.Str("network")) == network {
			return cloud.Refuse("invalid", "%s: %s is the active subnet of proxies already", o.ID, other)
		}
	}
	return nil
}

// firewallFits: https://cloud.google.com/firewall/docs/firewalls#rule_components
func firewallFits(_ *cloud.Tx, o *cloud.Object) error {
	if o.Str("direction") == "EGRESS" {
		if o.Value("sourceTags") != nil || o.Value("sourceServiceAccounts") != nil {
			return cloud.Refuse("invalid", "%s: what leaves has no source but ranges", o.ID)
		}
	} else if o.Value("sourceRanges") == nil && o.Value("sourceTags") == nil && o.Value("sourceServiceAccounts") == nil {
		return cloud.Refuse("invalid", "%s: one of sourceRanges, sourceTags, sourceServiceAccounts must be set", o.ID)
	}
	for _, property := range []string{"allows", "denies"} {
		list, _ := o.Value(property).([]any)
		for _, e := range list {
			m, _ := e.(map[string]any)
			portless := !slices.Contains([]any{"tcp", "udp", "sctp", "6", "17", "132"}, m["protocol"])
			if ports, _ := m["ports"].([]any); len(ports) > 0 && portless {
				return cloud.Refuse("invalid", "%s: protocol %v has no ports", o.ID, m["protocol"])
			}
		}
	}
	return nil
}

// routeCreated: a route of one's own may not be as exact as a subnet's, or more
// (https://cloud.google.com/vpc/docs/routes#static_routes).
func routeCreated(t *cloud.Tx, o *cloud.Object) error {
	to, err := netip.ParsePrefix(o.Str("destRange"))
	if err != nil {
		return cloud.Refuse("invalid", "%s: %q is no range", o.ID, o.Str("destRange"))
	}
	network := networkOf(t, o.Str("network"))
	for _, subnet := range t.Find(subnetworkType, nil) {
		if networkOf(t, subnet.Str("network")) != network {
			continue
		}
		taken, err := blocks(subnet)
		if err != nil {
			return err
		}
		for _, block := range taken {
			if block.Contains(to.Addr()) && to.Bits() >= block.Bits() {
				return cloud.Refuse("invalid", "%s: %s lies in %s of %s", o.ID, to, block, subnet)
			}
		}
	}
	return nil
}

// natCreated: https://cloud.google.com/nat/docs/ports-and-addresses
func natCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := natFits(t, o); err != nil {
		return err
	}
	router := t.Lookup([]string{routerType}, []string{"name"}, o.Str("router"))
	network := networkOf(t, router.Str("network"))
	for _, other := range t.Find(natType, func(n *cloud.Object) bool { return n.ID != o.ID && n.Region == o.Region }) {
		beside := t.Lookup([]string{routerType}, []string{"name"}, other.Str("router"))
		if networkOf(t, beside.Str("network")) == network && shares(o, other) {
			return cloud.Refuse("invalid", "%s: a subnet is translated by %s already", o.ID, other)
		}
	}
	if o.Str("type") == "PUBLIC" && o.Str("natIpAllocateOption") == "AUTO_ONLY" {
		// More are made as machines ask for ports; they go with the gateway.
		t.Mint(cloud.Object{
			Type: "compute:address", ID: "projects/" + o.Account + "/regions/" + o.Region + "/addresses/nat-auto-ip-" + t.Random(7),
			Hidden: true, Owner: o.Key(), Props: map[string]any{"address": publicAddress(t, o), "purpose": "NAT_AUTO"},
		})
	}
	return nil
}

// shares tells whether two gateways translate the same subnet.
func shares(a, b *cloud.Object) bool {
	whole := func(o *cloud.Object) bool { return o.Str("sourceSubnetworkIpRangesToNat") != "LIST_OF_SUBNETWORKS" }
	if whole(a) || whole(b) {
		return true
	}
	return slices.ContainsFunc(translated(a), func(s string) bool { return slices.Contains(translated(b), s) })
}

func translated(nat *cloud.Object) []string {
	list, _ := nat.Value("subnetworks").([]any)
	var out []string
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, fmt.Sprint(m["name"]))
		}
	}
	return out
}

func natFits(t *cloud.Tx, o *cloud.Object) error {
	listed, subnets := o.Str("sourceSubnetworkIpRangesToNat") == "LIST_OF_SUBNETWORKS", translated(o)
	dynamic, least, most := o.Bool("enableDynamicPortAllocation"), o.Num("minPortsPerVm"), o.Num("maxPortsPerVm")
	switch {
	case listed != (len(subnets) > 0):
		return cloud.Refuse("invalid", "%s: subnetworks are for LIST_OF_SUBNETWORKS, and needed there", o.ID)
	case o.Str("type") == "PUBLIC" && o.Str("natIpAllocateOption") == "":
		return cloud.Refuse("invalid", "%s: a public gateway needs natIpAllocateOption", o.ID)
	case o.Str("natIpAllocateOption") == "AUTO_ONLY" && o.Value("natIps") != nil:
		return cloud.Refuse("invalid", "%s: natIps are for MANUAL_ONLY", o.ID)
	case o.Str("natIpAllocateOption") == "MANUAL_ONLY" && len(o.List("natIps")) == 0:
		return cloud.Refuse("invalid", "%s: MANUAL_ONLY needs natIps", o.ID)
	case dynamic && o.Bool("enableEndpointIndependentMapping"):
		return cloud.Refuse("invalid", "%s: dynamic ports exclude endpoint-independent mapping", o.ID)
	case !dynamic && most != 0:
		return cloud.Refuse("invalid", "%s: maxPortsPerVm is for dynamic ports", o.ID)
	case dynamic && (!power(least) || !power(most) || least != 0 && least < 32 || most != 0 && most <= least):
		return cloud.Refuse("invalid", "%s: ports %v to %v: powers of two are allowed, 32 or more, the second above the first", o.ID, least, most)
	}
	for _, name := range subnets {
		subnet := t.Lookup([]string{subnetworkType}, []string{"id", "selfLink"}, name)
		if strings.HasSuffix(subnet.Str("purpose"), "MANAGED_PROXY") {
			return cloud.Refuse("invalid", "%s: %s has no machines to translate", o.ID, subnet)
		}
	}
	return nil
}

func natUpdated(t *cloud.Tx, _, o *cloud.Object) error { return natFits(t, o) }

// power tells whether n is a power of two, or not given.
func power(n float64) bool {
	i := int(n)
	return i&(i-1) == 0
}

// addressCreated: an address for peering is a range of a network, all others are chosen by the cloud if the program
// does not (https://cloud.google.com/compute/docs/reference/rest/v1/globalAddresses/insert).
func addressCreated(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("purpose") == peeringPurpose {
		if o.Str("addressType") != "INTERNAL" || o.Str("network") == "" || o.Num("prefixLength") == 0 {
			return cloud.Refuse("invalid", "%s: a range for peering is INTERNAL and needs network and prefixLength", o.ID)
		}
		if o.Str("address") == "" {
			return cloud.Refuse("invalid", "%s: the simulated cloud chooses no ranges: say which address", o.ID)
		}
		return fits(t, o)
	}
	if o.Str("address") == "" {
		o.Outputs["address"] = publicAddress(t, o)
	}
	return nil
}

// publicAddress takes an address from the ranges reserved for documentation and tests
// (https://www.rfc-editor.org/rfc/rfc2544, 198.18.0.0/15).
func publicAddress(t *cloud.Tx, o *cloud.Object) string {
	var a, b, c byte
	if _, err := fmt.Sscanf(t.Random(6), "%02x%02x%02x", &a, &b, &c); err != nil {
		return ""
	}
	address := fmt.Sprintf("198.%d.%d.%d", 18+a%2, b, c)
	o.Random = append(o.Random, address)
	return address
}
