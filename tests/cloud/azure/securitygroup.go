package azure

import (
	"cmp"
	"maps"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// admits tells whether a security group lets traffic from one of Azure's own ranges in to a port of a subnet. Its
// rules are asked in the order of their priorities, and the first that fits decides; then Azure's own do
// (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview).
func admits(group *cloud.Object, from, to string, port int) bool {
	rules := objects(group.Value("securityRules"))
	number := func(r map[string]any) float64 {
		n, _ := r["priority"].(float64)
		return n
	}
	slices.SortFunc(rules, func(a, b map[string]any) int { return cmp.Compare(number(a), number(b)) })
	for _, r := range rules {
		if word(r, "direction") == "Inbound" && (word(r, "protocol") == "*" || strings.EqualFold(word(r, "protocol"), "Tcp")) &&
			anyOf(both(r, "sourceAddressPrefix", "sourceAddressPrefixes"), func(s string) bool { return fromFits(s, from) }) &&
			anyOf(both(r, "destinationAddressPrefix", "destinationAddressPrefixes"), func(s string) bool { return toFits(s, to) }) &&
			anyOf(both(r, "destinationPortRange", "destinationPortRanges"), func(s string) bool { return portFits(s, port) }) {
			return word(r, "access") == "Allow"
		}
	}
	return from == "AzureLoadBalancer"
}

func anyOf(values []string, fits func(string) bool) bool { return slices.ContainsFunc(values, fits) }

// both are the values of a property that has a form for one and a form for many.
func both(r map[string]any, one, many string) []string {
	out := (&cloud.Object{Inputs: r}).List(many)
	if s := word(r, one); s != "" {
		out = append(out, s)
	}
	return out
}

// fromFits: Azure's own services lie in the internet, its load balancers do not.
func fromFits(prefix, from string) bool {
	return prefix == "*" || strings.EqualFold(prefix, from) ||
		from != "AzureLoadBalancer" && (strings.EqualFold(prefix, "Internet") || prefix == "0.0.0.0/0")
}

func toFits(prefix, subnet string) bool {
	if prefix == "*" || prefix == "VirtualNetwork" {
		return true
	}
	wide, err := netip.ParsePrefix(prefix)
	narrow, err2 := netip.ParsePrefix(subnet)
	return err == nil && err2 == nil && wide.Bits() <= narrow.Bits() && wide.Contains(narrow.Addr())
}

func portFits(ports string, port int) bool {
	if ports == "*" {
		return true
	}
	first, last, isRange := strings.Cut(ports, "-")
	if !isRange {
		last = first
	}
	low, err := strconv.Atoi(first)
	high, err2 := strconv.Atoi(last)
	return err == nil && err2 == nil && low <= port && port <= high
}
