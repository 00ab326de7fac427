package checks

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

var exposuresOnGCP = map[string]judgement{
	"gcp:sql/databaseInstance:DatabaseInstance": unless(func(o *cloud.Object) bool {
		public, said := o.Value("settings.ipConfiguration.ipv4Enabled").(bool)
		return said && !public
	}, "a database without a public address", "one with it"),
	"gcp:container/cluster:Cluster": unless(func(o *cloud.Object) bool {
		var ranges []string
		for _, block := range objects(o.Value("masterAuthorizedNetworksConfig.cidrBlocks")) {
			ranges = append(ranges, texts(block["cidrBlock"])...)
		}
		return o.Bool("privateClusterConfig.enablePrivateNodes") && (o.Bool("privateClusterConfig.enablePrivateEndpoint") || named(ranges))
	}, "private nodes, and an API that named ranges reach", "nodes or an API that everyone reaches"),
	"gcp:compute/firewall:Firewall": unless(func(o *cloud.Object) bool {
		return len(objects(o.Value("allows"))) == 0 || o.Str("direction") == "EGRESS" || !slices.Contains(o.List("sourceRanges"), anywhere)
	}, "no way in from the internet", "a rule that is open to "+anywhere),
	"gcp:compute/network:Network": unless(func(o *cloud.Object) bool { return o.Bool("deleteDefaultRoutesOnCreate") },
		"a network without Google's own route to the internet", "one with it"),
	"gcp:compute/globalForwardingRule:GlobalForwardingRule": unless(func(o *cloud.Object) bool { return o.Str("portRange") == "443" },
		"a door over TLS only", "one without"),
	"gcp:compute/backendService:BackendService": unless(func(o *cloud.Object) bool { return o.Str("securityPolicy") != "" },
		"a door with a policy that limits rates", "one without"),
	"compute:forwarding-rule": unless(func(o *cloud.Object) bool { return !strings.HasPrefix(o.Str("scheme"), "EXTERNAL") || ofDoor(o) },
		"an internal load balancer for the Service or Ingress, or one of a door", "one with a public address"),
	"compute:instance": unless(func(o *cloud.Object) bool { return !o.Bool("public") }, "a machine without a public address", "one with it"),
}
