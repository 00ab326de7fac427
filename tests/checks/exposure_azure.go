package checks

import (
	"fmt"
	"slices"
	"strings"

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
	"azure-native:network:NetworkSecurityGroup": closedToTheInternet,
	"azure-native:apimanagement:Api": unless(func(o *cloud.Object) bool {
		return slices.Equal(o.List("protocols"), []string{"https"})
	}, "a door over TLS only", "one without"),
	"network:frontend": unless(func(o *cloud.Object) bool { return o.Bool("internal") },
		"an internal load balancer for the Service", "one with a public address"),
}

// closedToTheInternet lets the internet in nowhere but at the door, over TLS.
func closedToTheInternet(o *cloud.Object, _ world) (want, got string) {
	for _, rule := range objects(o.Value("securityRules")) {
		from := append(texts(rule["sourceAddressPrefixes"]), fmt.Sprint(rule["sourceAddressPrefix"]))
		open := slices.ContainsFunc(from, func(s string) bool { return s == "*" || s == "Internet" || s == anywhere })
		if rule["direction"] != "Inbound" || rule["access"] != "Allow" || !open {
			continue
		}
		if door := strings.HasSuffix(o.ID, "-public") && rule["destinationPortRange"] == "443"; !door {
			return "no way in from the internet", fmt.Sprintf("rule %v, open to %v", rule["name"], from)
		}
	}
	return "", ""
}
