package azure

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
)

// serviceTags are names of ranges that Azure keeps; most are also known with a region at the end
// (https://learn.microsoft.com/azure/virtual-network/service-tags-overview#available-service-tags).
var serviceTags = []string{
	"ActionGroup", "ApiManagement", "AppConfiguration", "AppService", "AzureActiveDirectory", "AzureBackup", "AzureCloud", "AzureContainerRegistry",
	"AzureCosmosDB", "AzureDevOps", "AzureFrontDoor.Backend", "AzureKeyVault", "AzureLoadBalancer", "AzureMonitor", "AzurePlatformDNS",
	"AzurePlatformIMDS", "AzurePlatformLKM", "AzureResourceManager", "AzureTrafficManager", "EventHub", "GatewayManager", "GuestAndHybridManagement",
	"Internet", "MicrosoftContainerRegistry", "MicrosoftDefenderForEndpoint", "ServiceBus", "Sql", "Storage", "VirtualNetwork",
}

// rulesFit: https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#security-rules
func rulesFit(_ *cloud.Tx, o *cloud.Object) error {
	names, priorities := map[string]bool{}, map[string]string{}
	rules, _ := o.Value("securityRules").([]any)
	for _, e := range rules {
		rule, _ := e.(map[string]any)
		name := fmt.Sprint(rule["name"])
		if names[strings.ToLower(name)] {
			return cloud.Refuse("InvalidRequestFormat", "%s: two rules are named %q", o, name)
		}
		names[strings.ToLower(name)] = true
		at := fmt.Sprintf("%v %v", rule["direction"], rule["priority"])
		if other, taken := priorities[at]; taken {
			return cloud.Refuse("SecurityRuleConflict", "%s: the rules %q and %q have the same priority and direction: %s", o, other, name, at)
		}
		priorities[at] = name
		for _, side := range []string{"source", "destination"} {
			for _, kind := range []string{"AddressPrefix", "PortRange"} {
				if rule[side+kind] == nil && rule[side+plural(kind)] == nil {
					return cloud.Refuse("SecurityRuleParameterMissing", "%s: rule %q has neither %s%s nor %s%s", o, name, side, kind, side, plural(kind))
				}
			}
			for _, where := range values(rule, side, "AddressPrefix") {
				if !isRange(where) {
					return cloud.Refuse("SecurityRuleInvalidAddressPrefix", "%s: rule %q has the invalid %s address prefix %q", o, name, side, where)
				}
			}
			for _, ports := range values(rule, side, "PortRange") {
				if !isPorts(ports) {
					return cloud.Refuse("SecurityRuleInvalidPortRange", "%s: rule %q has the invalid %s port range %q", o, name, side, ports)
				}
			}
		}
	}
	return nil
}

func plural(kind string) string {
	if strings.HasSuffix(kind, "x") {
		return kind + "es"
	}
	return kind + "s"
}

// values are what a rule says in its single or its plural property.
func values(rule map[string]any, side, kind string) []string {
	if one, ok := rule[side+kind].(string); ok {
		return []string{one}
	}
	var out []string
	many, _ := rule[side+plural(kind)].([]any)
	for _, e := range many {
		out = append(out, fmt.Sprint(e))
	}
	return out
}

func isRange(text string) bool {
	if text == "*" || slices.Contains(serviceTags, text) {
		return true
	}
	if head, _, regional := strings.Cut(text, "."); regional && slices.Contains(serviceTags, head) {
		return true
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return true
	}
	_, err := netip.ParsePrefix(text)
	return err == nil
}

func isPorts(text string) bool {
	if text == "*" {
		return true
	}
	first, last, isRange := strings.Cut(text, "-")
	if !isRange {
		last = first
	}
	from, errFrom := strconv.Atoi(first)
	to, errTo := strconv.Atoi(last)
	return errFrom == nil && errTo == nil && from <= to && to <= 65535
}
