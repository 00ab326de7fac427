package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

var databaseNotPublic = Rule{
	ID: "database-not-public", Severity: Critical, Controls: boundary,
	Holds: "No database, store of documents or broker can be reached from the internet",
	Why:   "a stolen password, or a hole in the server, is then all that a stranger needs",
	Mend:  "close the public endpoint; services reach it through the network's data subnets or a private endpoint",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("publiclyAccessible", orNothing(is("false")), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html#USER_VPC.Hiding"),
		},
		"azure-native:dbforpostgresql:Server": {
			must("network.publicNetworkAccess", is("Disabled"), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private"),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("publicNetworkAccess", is("Disabled"), "https://learn.microsoft.com/azure/cosmos-db/how-to-configure-private-endpoints"),
		},
		// A namespace of another tier than Premium has no private endpoint
		// (https://learn.microsoft.com/azure/service-bus-messaging/private-link-service).
		"azure-native:servicebus:Namespace": {
			must("publicNetworkAccess", is("Disabled"), "https://learn.microsoft.com/azure/service-bus-messaging/private-link-service").
				on(where("sku.name", is("Premium"))),
		},
		"gcp:sql/databaseInstance:DatabaseInstance": {
			must("settings.ipConfiguration.ipv4Enabled", is("false"), "https://cloud.google.com/sql/docs/postgres/configure-private-ip"),
		},
	},
}

var bucketNotPublic = Rule{
	ID: "bucket-not-public", Severity: Critical, Controls: boundary,
	Holds: "No bucket can be opened to everybody",
	Why:   "one mistaken grant on one object would publish it",
	Mend:  "block public access at the bucket or the account, and let grants name who reads",
	table: map[string][]condition{
		"aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": blocks("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"),
		"azure-native:storage:StorageAccount": {
			must("allowBlobPublicAccess", is("false"), "https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-prevent"),
			must("networkRuleSet.defaultAction", is("Deny"), "https://learn.microsoft.com/azure/storage/common/storage-network-security"),
		},
		"gcp:storage/bucket:Bucket": {
			must("publicAccessPrevention", is("enforced"), "https://cloud.google.com/storage/docs/public-access-prevention"),
			must("uniformBucketLevelAccess", is("true"), "https://cloud.google.com/storage/docs/uniform-bucket-level-access"),
		},
	},
	looks: []string{"aws:s3/bucketV2:BucketV2"},
	whole: func(s *stack, _ Environment) []fault {
		return s.lacking("aws:s3/bucketV2:BucketV2", "no block of public access", "a BucketPublicAccessBlock of it",
			ofKind("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"))
	},
}

func blocks(properties ...string) []condition {
	var out []condition
	for _, p := range properties {
		out = append(out, must(p, is("true"), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"))
	}
	return out
}

// notTheWorld wants a range that is not the whole internet.
var notTheWorld = allow("a range of known addresses", func(v property.Value) bool { return !world(text(v)) })

// world says whether a source is everybody.
func world(source string) bool {
	return slices.Contains([]string{"0.0.0.0/0", "::/0", "*", "Internet", "Any"}, source)
}

var endpointPrivate = Rule{
	ID: "cluster-endpoint-private", Severity: Critical, Controls: boundary,
	Holds: "The API of a cluster is not open to the whole internet",
	Why:   "who steals a token, or finds a hole in the API server, can then use it from anywhere",
	Mend:  "leave cluster.publicAccess out of the environment's file, or list the ranges that need it",
	table: map[string][]condition{
		"aws:eks/cluster:Cluster": {
			must("vpcConfig.publicAccessCidrs", given("a list of ranges"), "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html").
				on(where("vpcConfig.endpointPublicAccess", unset("false"))),
			must("vpcConfig.publicAccessCidrs[]", notTheWorld, "https://docs.aws.amazon.com/eks/latest/userguide/cluster-endpoint.html"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("apiServerAccessProfile.authorizedIPRanges", given("a list of ranges"), "https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges").
				on(where("apiServerAccessProfile.enablePrivateCluster", unset("true"))),
			must("apiServerAccessProfile.authorizedIPRanges[]", notTheWorld, "https://learn.microsoft.com/azure/aks/private-clusters"),
		},
		"gcp:container/cluster:Cluster": {
			must("privateClusterConfig.enablePrivateNodes", is("true"), "https://cloud.google.com/kubernetes-engine/docs/concepts/network-isolation"),
			must("masterAuthorizedNetworksConfig.cidrBlocks", given("a list of ranges"), "https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks").
				on(where("privateClusterConfig.enablePrivateEndpoint", unset("true"))),
			must("masterAuthorizedNetworksConfig.cidrBlocks[].cidrBlock", notTheWorld, "https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks"),
		},
	},
}

var noOpenIngress = Rule{
	ID: "no-open-ingress", Severity: Critical, Controls: boundary,
	Holds: "The internet comes in by TLS on port 443 alone",
	Why:   "scanners find an open port within minutes",
	Mend:  "name the ranges or groups that may come, or lead callers through the gateway",
	table: map[string][]condition{
		"aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": {
			must("ingress", allow("nothing, as this group is of everything that names none", nobody), "https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html"),
		},
		// What names nobody lets everybody in.
		"kubernetes:networking.k8s.io/v1:NetworkPolicy": {
			must("spec.ingress[].from", given("those who may come"), "https://kubernetes.io/docs/concepts/services-networking/network-policies/"),
			must("spec.ingress[].from[].ipBlock.cidr", notTheWorld, "https://kubernetes.io/docs/concepts/services-networking/network-policies/").
				on(outside("platform:gateway:Gateway")),
		},
		"kubernetes:core/v1:Service": {
			must("spec.ports[].port", is(door), "https://kubernetes.io/docs/concepts/services-networking/service/#loadbalancer").on(where("spec.type", is("LoadBalancer"))),
		},
	},
	looks: []string{
		"aws:ec2/securityGroup:SecurityGroup", "aws:ec2/securityGroupRule:SecurityGroupRule", "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule",
		"azure-native:network:NetworkSecurityGroup", "azure-native:network:SecurityRule", "gcp:compute/firewall:Firewall",
	},
	each: openIngress,
}

// outside limits a condition to what is not part of a component: the doors let the internet in, where the load balancer before
// them has port 443 alone.
func outside(component string) guard {
	return func(r Resource, _ Environment) (matters, known bool) { return !r.under(component), true }
}

// nobody is let in by a list without rules.
func nobody(v property.Value) bool { return v.IsNull() || v.IsArray() && v.AsArray().Len() == 0 }

// door is the one port that everybody may knock at.
const door = "443"

// openIngress finds what lets everybody in. Where a part is not known yet the rule is judged again at up.
func openIngress(r Resource, _ Environment) []fault {
	var out []fault
	find := func(rule spot, sources []string, ports []spot) {
		for _, source := range sources {
			for _, s := range rule.at(source) {
				if s.unknown || !world(text(s.value)) {
					continue
				}
				for _, port := range ports {
					if !port.unknown && text(port.value) != door {
						out = append(out, fault{r, s.path, fmt.Sprintf("%s on port %s", s.shown(), port.shown()), "the internet on port 443 alone"})
						break
					}
				}
			}
		}
	}
	itself := spot{value: property.New(r.Props)}
	said := func(path, value string) bool { return text(at(r.Props, path)[0].value) == value }
	awsSources := []string{"cidrBlocks[]", "ipv6CidrBlocks[]"}
	switch r.kind() {
	// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
	case "aws:ec2/securityGroup:SecurityGroup":
		for _, rule := range at(r.Props, "ingress[]") {
			find(rule, awsSources, append(rule.at("fromPort"), rule.at("toPort")...))
		}
	case "aws:ec2/securityGroupRule:SecurityGroupRule":
		if said("type", "ingress") {
			find(itself, awsSources, append(itself.at("fromPort"), itself.at("toPort")...))
		}
	case "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule":
		find(itself, []string{"cidrIpv4", "cidrIpv6"}, append(itself.at("fromPort"), itself.at("toPort")...))
	// https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview
	case "azure-native:network:NetworkSecurityGroup":
		for _, rule := range at(r.Props, "securityRules[]") {
			if lets(rule) {
				find(rule, azureSources, azurePorts(rule))
			}
		}
	case "azure-native:network:SecurityRule":
		if lets(itself) {
			find(itself, azureSources, azurePorts(itself))
		}
	// https://cloud.google.com/firewall/docs/firewalls
	case "gcp:compute/firewall:Firewall":
		if !said("direction", "EGRESS") {
			for _, rule := range at(r.Props, "allows[]") {
				find(itself, []string{"sourceRanges[]"}, gcpPorts(rule))
			}
		}
	}
	return out
}

var azureSources = []string{"sourceAddressPrefix", "sourceAddressPrefixes[]"}

// lets says whether a rule of Azure lets something in.
func lets(rule spot) bool {
	return strings.EqualFold(text(rule.at("direction")[0].value), "Inbound") && strings.EqualFold(text(rule.at("access")[0].value), "Allow")
}

func azurePorts(rule spot) []spot {
	if ports := rule.at("destinationPortRanges[]"); len(ports) > 0 {
		return ports
	}
	return rule.at("destinationPortRange")
}

// gcpPorts are the ports of a rule; one that names none is of all.
func gcpPorts(rule spot) []spot {
	if ports := rule.at("ports[]"); len(ports) > 0 {
		return ports
	}
	return rule.at("ports")
}

var publicAddress = Rule{
	ID: "public-address", Severity: High, Controls: boundary,
	Holds: "Only the ways out of the network and the doors of the gateway have public addresses",
	Why:   "a machine with a public address is one firewall rule away from the internet",
	Mend:  "take the address away; machines go out by NAT, and callers come in by the gateway",
	table: map[string][]condition{
		"aws:ec2/subnet:Subnet": {
			must("mapPublicIpOnLaunch", orNothing(is("false")), "https://docs.aws.amazon.com/vpc/latest/userguide/subnet-public-ip.html"),
		},
		"aws:ec2/launchTemplate:LaunchTemplate": {
			must("networkInterfaces[].associatePublicIpAddress", orNothing(is("false")), "https://docs.aws.amazon.com/autoscaling/ec2/userguide/create-launch-template.html"),
		},
		"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": {
			must("spec.associatePublicIPAddress", orNothing(is("false")), "https://karpenter.sh/docs/concepts/nodeclasses/"),
		},
		"aws:lb/loadBalancer:LoadBalancer": {
			must("internal", is("true"), "https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/how-elastic-load-balancing-works.html"),
		},
		"azure-native:containerservice:AgentPool": {
			must("enableNodePublicIP", orNothing(is("false")), "https://learn.microsoft.com/azure/aks/use-node-public-ips"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("agentPoolProfiles[].enableNodePublicIP", orNothing(is("false")), "https://learn.microsoft.com/azure/aks/use-node-public-ips"),
		},
		"azure-native:network:NetworkInterface": {
			must("ipConfigurations[].publicIPAddress", allow("nothing", empty), "https://learn.microsoft.com/azure/virtual-network/ip-services/public-ip-addresses"),
		},
		"gcp:container/nodePool:NodePool": {
			must("networkConfig.enablePrivateNodes", is("true"), "https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters"),
		},
		"gcp:compute/instance:Instance": {
			must("networkInterfaces[].accessConfigs", allow("nothing", empty), "https://cloud.google.com/compute/docs/ip-addresses"),
		},
	},
	looks: []string{
		"aws:ec2/eip:Eip", "azure-native:network:PublicIPAddress", "gcp:compute/address:Address", "gcp:compute/globalAddress:GlobalAddress",
		"kubernetes:core/v1:Service",
	},
	each: func(r Resource, _ Environment) []fault {
		// https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
		if r.kind() == "kubernetes:core/v1:Service" {
			s := at(r.Props, "spec.type")[0]
			if typ := text(s.value); s.unknown || typ != "LoadBalancer" && typ != "NodePort" || r.under("platform:gateway:Gateway") {
				return nil
			}
			return []fault{{r, s.path, s.shown(), "a Service of the gateway's, or one that only the cluster reaches"}}
		}
		kind := at(r.Props, "addressType")[0]
		if kind.unknown || text(kind.value) == "INTERNAL" || r.under("platform:network:Network") || r.under("platform:gateway:Gateway") {
			return nil
		}
		return []fault{{r, "", "a public address outside the network's and the gateway's components", "a public address of NAT or of a door"}}
	},
}
