package azure

import (
	"fmt"
	"net/netip"
	"reflect"

	"platform/tests/cloud"
)

const (
	addressType = "azure-native:network:PublicIPAddress"
	natType     = "azure-native:network:NatGateway"
	rulesType   = "azure-native:network:NetworkSecurityGroup"

	interfaceType = "network:interface"
)

var networkHooks = map[string]cloud.Hook{
	networkType:  {Created: networkCreated, Updated: networkUpdated, Deleted: inUse("InUseVirtualNetworkCannotBeDeleted")},
	subnetType:   {Created: subnetCreated, Updated: subnetUpdated, Deleted: inUse("InUseSubnetCannotBeDeleted")},
	rulesType:    {Created: rulesFit, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return rulesFit(t, o) }, Deleted: inUse("InUseNetworkSecurityGroupCannotBeDeleted")},
	addressType:  {Created: addressCreated, Updated: zonesStay, Deleted: inUse("PublicIPAddressCannotBeDeleted")},
	natType:      {Created: natFits, Updated: natUpdated, Deleted: inUse("InUseNatGatewayCannotBeDeleted")},
	zoneType:     {Deleted: inUse("CannotDeleteResource")},
	linkType:     {Created: linkFits},
	endpointType: {Created: endpointCreated, Updated: endpointUpdated, Deleted: inUse("InUsePrivateEndpointCannotBeDeleted")},
	namesType:    {Created: namesCreated, Updated: namesUpdated, Deleted: takesOwned},
	flowLogType:  {Created: flowLogCreated, Updated: flowLogUpdated},
}

// networkCreated also makes the region's network watcher if there is none.
func networkCreated(t *cloud.Tx, o *cloud.Object) error {
	var seen []netip.Prefix
	for _, text := range o.List("addressSpace.addressPrefixes") {
		block, err := netip.ParsePrefix(text)
		if err != nil || block.Bits() < 2 || block.Bits() > 29 {
			return cloud.Refuse("InvalidCIDRNotation", "the address prefix %s in %s: /2 to /29 is allowed", text, o)
		}
		for _, other := range seen {
			if other.Overlaps(block) {
				return cloud.Refuse("VnetAddressSpaceOverlapsWithItself", "the address prefixes %s and %s of %s overlap", other, block, o)
			}
		}
		for _, kept := range platformRanges {
			if kept.Overlaps(block) {
				return cloud.Refuse("AddressPrefixInReservedRange", "the address prefix %s of %s overlaps %s, which Azure keeps for itself", block, o, kept)
			}
		}
		seen = append(seen, block)
	}
	return watch(t, o)
}

// platformRanges cannot be in a network
// (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq#what-address-ranges-can-i-use-in-my-virtual-networks).
var platformRanges = []netip.Prefix{
	netip.MustParsePrefix("224.0.0.0/4"), netip.MustParsePrefix("255.255.255.255/32"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("168.63.129.16/32"),
}

func networkUpdated(t *cloud.Tx, _, o *cloud.Object) error {
	for _, subnet := range t.Find(subnetType, func(s *cloud.Object) bool { return subnetOf(s, o) }) {
		if err := inNetwork(o, subnet); err != nil {
			return err
		}
	}
	return networkCreated(t, o)
}

func subnetOf(s, network *cloud.Object) bool {
	return s.Str("virtualNetworkName") == network.Str("virtualNetworkName") && s.Str("resourceGroupName") == network.Str("resourceGroupName")
}

// prefixes are a subnet's ranges.
func prefixes(s *cloud.Object) []string {
	if one := s.Str("addressPrefix"); one != "" {
		return []string{one}
	}
	return s.List("addressPrefixes")
}

func inNetwork(network, s *cloud.Object) error {
	for _, text := range prefixes(s) {
		block, err := netip.ParsePrefix(text)
		if err != nil {
			return cloud.Refuse("InvalidCIDRNotation", "the address prefix %s of %s is invalid", text, s)
		}
		inside := false
		for _, whole := range network.List("addressSpace.addressPrefixes") {
			p, err := netip.ParsePrefix(whole)
			inside = inside || err == nil && p.Contains(block.Addr()) && block.Bits() >= p.Bits()
		}
		if !inside {
			return cloud.Refuse("NetcfgInvalidSubnet", "subnet %s is not valid because its range %s is outside that of %s", s, text, network)
		}
		// Azure keeps five addresses of each
		// (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq#are-there-any-restrictions-on-using-ip-addresses-within-these-subnets).
		if block.Addr().Is4() && block.Bits() > 29 {
			return cloud.Refuse("NetcfgInvalidSubnet", "subnet %s is not valid: its range %s is smaller than /29", s, text)
		}
	}
	return nil
}

func subnetCreated(t *cloud.Tx, o *cloud.Object) error {
	network := t.Lookup([]string{networkType}, []string{"virtualNetworkName"}, o.Str("virtualNetworkName"))
	if err := inNetwork(network, o); err != nil {
		return err
	}
	for _, other := range t.Find(subnetType, func(s *cloud.Object) bool { return s.ID != o.ID && subnetOf(s, network) }) {
		if a, b, overlap := overlapping(prefixes(o), prefixes(other)); overlap {
			return cloud.Refuse("NetcfgSubnetRangesOverlap", "subnet %s is not valid because its range %s overlaps with %s of %s", o, a, b, other)
		}
	}
	for _, beside := range []*cloud.Object{t.Get(rulesType, o.Str("networkSecurityGroup.id")), t.Get(natType, o.Str("natGateway.id"))} {
		if beside != nil && beside.Str("location") != network.Str("location") {
			return cloud.Refuse("InvalidResourceReference", "%s is in %s, %s is not", beside, beside.Str("location"), network)
		}
	}
	return nil
}

func overlapping(some, others []string) (a, b string, overlap bool) {
	for _, a := range some {
		for _, b := range others {
			p, errA := netip.ParsePrefix(a)
			q, errB := netip.ParsePrefix(b)
			if errA == nil && errB == nil && p.Overlaps(q) {
				return a, b, true
			}
		}
	}
	return "", "", false
}

// subnetUpdated: what lives in a subnet keeps its range and its delegation
// (https://learn.microsoft.com/azure/virtual-network/manage-subnet-delegation).
func subnetUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if inside := t.Holders(o.Key()); len(inside) > 0 {
		if !reflect.DeepEqual(prefixes(old), prefixes(o)) {
			return cloud.Refuse("InUsePrefixCannotBeDeleted", "%s is in use by %s and its range cannot be changed", o, inside[0])
		}
		if !reflect.DeepEqual(old.Value("delegations"), o.Value("delegations")) {
			return cloud.Refuse("SubnetMissingRequiredDelegation", "%s is in use by %s and its delegation cannot be changed", o, inside[0])
		}
	}
	return subnetCreated(t, o)
}

// delegation is the service to which a subnet is handed over, if it is.
func delegation(s *cloud.Object) string { return s.Str("delegations.0.serviceName") }

// mintInterface makes the network interface by which something has an address in a subnet, which cannot be
// deleted meanwhile. Azure does not pass the owner's tags on to it.
func mintInterface(t *cloud.Tx, owner *cloud.Object, name, subnet string) *cloud.Object {
	return t.Mint(cloud.Object{
		Type: interfaceType, ID: groupID(owner) + "/providers/Microsoft.Network/networkInterfaces/" + name, Hidden: true, Owner: owner.Key(),
		Holds: []cloud.Key{{Type: subnetType, ID: subnet}}, Props: map[string]any{"name": name, "subnetId": subnet, "public": false},
	})
}

func groupID(o *cloud.Object) string {
	return "/subscriptions/" + o.Account + "/resourceGroups/" + o.Str("resourceGroupName")
}

// addressCreated takes an address from the ranges reserved for documentation and tests
// (https://www.rfc-editor.org/rfc/rfc2544, 198.18.0.0/15).
func addressCreated(t *cloud.Tx, o *cloud.Object) error {
	var a, b, c byte
	if _, err := fmt.Sscanf(t.Random(6), "%02x%02x%02x", &a, &b, &c); err != nil {
		return err
	}
	address := fmt.Sprintf("198.%d.%d.%d", 18+a%2, b, c)
	o.Outputs["ipAddress"] = address
	o.Random = append(o.Random, address)
	return nil
}

// zonesStay: https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses#availability-zone
func zonesStay(_ *cloud.Tx, old, o *cloud.Object) error {
	if !reflect.DeepEqual(old.Value("zones"), o.Value("zones")) {
		return cloud.Refuse("ResourceAvailabilityZonesCannotBeModified", "%s has the zones %v, which cannot be modified", o, old.Value("zones"))
	}
	return nil
}

// natFits: an address serves one gateway, in the gateway's region
// (https://learn.microsoft.com/azure/nat-gateway/nat-gateway-resource).
func natFits(t *cloud.Tx, o *cloud.Object) error {
	for _, id := range addresses(o) {
		address := t.Get(addressType, id)
		if address == nil {
			continue
		}
		if address.Str("location") != o.Str("location") {
			return cloud.Refuse("InvalidResourceReference", "%s is in %s, %s is not", address, address.Str("location"), o)
		}
		for _, holder := range t.Holders(address.Key()) {
			if holder.ID != o.ID {
				return cloud.Refuse("PublicIPAddressInUse", "%s is in use by %s", address, holder)
			}
		}
	}
	return nil
}

// addresses are the ids of a gateway's public addresses.
func addresses(nat *cloud.Object) []string {
	var out []string
	list, _ := nat.Value("publicIpAddresses").([]any)
	for _, e := range list {
		reference, _ := e.(map[string]any)
		if id, ok := reference["id"].(string); ok {
			out = append(out, id)
		}
	}
	return out
}

func natUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := zonesStay(t, old, o); err != nil {
		return err
	}
	return natFits(t, o)
}
