package checks

import (
	"fmt"
	"slices"
	"strings"

	doors "platform/components/kubernetes/kong"
	"platform/tests/cloud"
)

var exposuresOnAzure = map[string]judgement{
	"azure-native:dbforpostgresql/v20240801:Server": unless(func(o *cloud.Object) bool {
		return o.Str("network.publicNetworkAccess") == "Disabled"
	}, "a database without public access", "one with it"),
	"azure-native:documentdb:DatabaseAccount": unless(func(o *cloud.Object) bool {
		return o.Str("publicNetworkAccess") == "Disabled" || len(objects(o.Value("ipRules"))) > 0
	}, "an account that named addresses reach at most", "one that everyone reaches"),
	"azure-native:storage:StorageAccount": unless(func(o *cloud.Object) bool {
		allowed, said := o.Value("allowBlobPublicAccess").(bool)
		return said && !allowed && (o.Str("publicNetworkAccess") == "Disabled" || o.Str("networkRuleSet.defaultAction") == "Deny")
	}, "no public blobs, and a network rule that denies", "an account that the internet reaches"),
	"azure-native:containerservice:ManagedCluster": unless(func(o *cloud.Object) bool {
		return o.Bool("apiServerAccessProfile.enablePrivateCluster") || named(o.List("apiServerAccessProfile.authorizedIPRanges"))
	}, "an API that named ranges reach", "one that everyone reaches"),
	groupType: closedToTheInternet,
	"azure-native:apimanagement:Api": unless(func(o *cloud.Object) bool {
		return slices.Equal(o.List("protocols"), []string{"https"})
	}, "a door over TLS only", "one without"),
	"network:frontend": func(o *cloud.Object, all world) (want, got string) {
		switch {
		case o.Bool("internal"):
			return "", ""
		case !ofDoor(o):
			return "an internal load balancer for the Service, or one of a door", "one with a public address"
		case !slices.ContainsFunc(all.of(groupType), func(g *cloud.Object) bool { return strings.HasSuffix(g.ID, privateGroup) && opensDoors(g) }):
			return "a group of the nodes' subnet that lets callers of the door in", "one that stops them"
		}
		return "", ""
	},
}

const (
	groupType    = "azure-native:network:NetworkSecurityGroup"
	publicGroup  = "-public"
	privateGroup = "-private"
)

// opensDoors says whether a group of a subnet lets the internet in at the port of doors. AKS opens a group of its own, and that
// of a subnet which it was given it leaves alone.
func opensDoors(group *cloud.Object) bool {
	return slices.ContainsFunc(objects(group.Value("securityRules")), func(rule map[string]any) bool {
		return rule["direction"] == "Inbound" && rule["access"] == "Allow" && rule["sourceAddressPrefix"] == "Internet" && rule["destinationPortRange"] == "443"
	})
}

// closedToTheInternet lets the internet in nowhere but at doors, over TLS: those of the cloud are in the public subnet, those of the
// cluster on its nodes.
func closedToTheInternet(o *cloud.Object, all world) (want, got string) {
	inside := slices.ContainsFunc(all.of(serviceType), func(s *cloud.Object) bool {
		return s.Str("spec.type") == "LoadBalancer" && s.Str("metadata.namespace") == doors.Namespace
	})
	for _, rule := range objects(o.Value("securityRules")) {
		from := append(texts(rule["sourceAddressPrefixes"]), fmt.Sprint(rule["sourceAddressPrefix"]))
		open := slices.ContainsFunc(from, func(s string) bool { return s == "*" || s == "Internet" || s == anywhere })
		if rule["direction"] != "Inbound" || rule["access"] != "Allow" || !open {
			continue
		}
		at := strings.HasSuffix(o.ID, publicGroup) || inside && strings.HasSuffix(o.ID, privateGroup)
		if !at || rule["destinationPortRange"] != "443" {
			return "no way in from the internet", fmt.Sprintf("rule %v, open to %v", rule["name"], from)
		}
	}
	return "", ""
}
