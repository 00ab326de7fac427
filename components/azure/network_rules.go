package azure

import (
	"net/netip"

	azurenetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// overlayRange holds the addresses of pods and Services, which are not part of the network: shared address
// space, so that no network of the enterprise can have them (https://www.rfc-editor.org/rfc/rfc6598).
const overlayRange = "100.64.0.0/10"

// Azure's names for ranges that it keeps itself
// (https://learn.microsoft.com/azure/virtual-network/service-tags-overview).
const (
	fromAnywhere      = "*"
	fromInternet      = "Internet"
	inNetwork         = "VirtualNetwork"
	fromBalancer      = "AzureLoadBalancer"
	fromAPIManagement = "ApiManagement"
	toEntra           = "AzureActiveDirectory"
	toStorage         = "Storage"
	toKeyVault        = "AzureKeyVault"
)

// The ports of what the tiers serve.
const (
	portTLS            = "443"
	portBroker         = "5671" // AMQP over TLS
	portGatewayControl = "3443"
	portGatewayProbe   = "6390"
)

// Rules are read from the lowest priority on, and are numbered with room between them
// (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#security-rules).
const (
	firstPriority = 100
	lastPriority  = 4096
	priorityStep  = 10
)

// databasePorts are Postgres' own and PgBouncer's.
var databasePorts = []string{"5432", "6432"}

// flow is traffic that a security group lets through or stops.
type flow struct {
	name     string
	inbound  bool
	deny     bool
	from, to string
	ports    []string // all if empty
	why      string
	last     bool // after all others
}

// tierRules are what a tier adds to the rules with which Azure begins each security group: all inside the network
// reach each other, load balancers probe, all reach the internet, nobody else comes in
// (https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#default-security-rules).
func tierRules(tier string, blocks map[string]netip.Prefix, args network.Args) []flow {
	switch tier {
	case tierPublic:
		return publicRules(blocks[tier].String())
	case tierPrivate:
		return privateRules(blocks[tier].String(), args)
	case tierData:
		return dataRules(blocks[tier].String(), blocks[tierPrivate].String())
	}
	return endpointRules(blocks[tier].String())
}

// publicRules are those that API Management needs, which faces the internet
// (https://learn.microsoft.com/azure/api-management/virtual-network-reference#required-ports).
func publicRules(own string) []flow {
	return []flow{
		{name: "clients", inbound: true, from: fromInternet, to: own, ports: []string{portTLS}, why: "Clients of the gateway, by TLS"},
		{name: "gateway-control", inbound: true, from: fromAPIManagement, to: own, ports: []string{portGatewayControl}, why: "Azure manages the gateway"},
		{name: "gateway-probe", inbound: true, from: fromBalancer, to: own, ports: []string{portGatewayProbe}, why: "Azure probes the gateway"},
	}
}

// privateRules let pods reach each other and nodes reach them: their addresses are not the network's
// (https://learn.microsoft.com/azure/aks/azure-cni-overlay#network-security-groups). What comes by a load balancer of AKS still
// bears the public address to which it was sent, and AKS opens its own group alone, not that of the subnet
// (https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/, https://learn.microsoft.com/azure/aks/concepts-network-services).
func privateRules(own string, args network.Args) []flow {
	out := []flow{
		{name: "pods-from-pods", inbound: true, from: overlayRange, to: overlayRange, why: "Pods reach each other across nodes"},
		{name: "pods-from-nodes", inbound: true, from: own, to: overlayRange, why: "Nodes probe and serve their pods"},
		{name: "pods-to-pods", from: overlayRange, to: overlayRange, why: "Pods reach each other across nodes"},
		{name: "nodes-to-pods", from: own, to: overlayRange, why: "Nodes probe and serve their pods"},
	}
	if args.Doors {
		out = append(out, flow{name: "doors", inbound: true, from: fromInternet, to: fromAnywhere, ports: []string{portTLS}, why: "Callers of the doors in the cluster, by TLS"})
	}
	if args.NAT == network.NATNone {
		// Without a NAT gateway Azure would still lend addresses by which machines reach the internet
		// (https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access).
		out = append(out, flow{name: "no-internet", deny: true, from: fromAnywhere, to: fromInternet, why: "No way out", last: true})
	}
	return out
}

// dataRules close the tier but for databases' clients, and on the way out but for what the servers themselves
// need (https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-networking-private#virtual-network-concepts).
func dataRules(own, private string) []flow {
	return []flow{
		{name: "clients", inbound: true, from: private, to: own, ports: databasePorts, why: "Services reach their databases"},
		{name: "replicas-in", inbound: true, from: own, to: own, ports: databasePorts, why: "Servers follow each other"},
		{name: "nobody-else", inbound: true, deny: true, from: fromAnywhere, to: fromAnywhere, why: "Nothing else comes in", last: true},
		{name: "replicas-out", from: own, to: own, ports: databasePorts, why: "Servers follow each other"},
		{name: "backups", from: own, to: toStorage, ports: []string{portTLS}, why: "Servers write logs and backups"},
		{name: "logins", from: own, to: toEntra, ports: []string{portTLS}, why: "Servers check who logs in"},
		{name: "keys", from: own, to: toKeyVault, ports: []string{portTLS}, why: "Servers unwrap their keys"},
		{name: "nothing-else", deny: true, from: fromAnywhere, to: fromAnywhere, why: "Nothing else goes out", last: true},
	}
}

// endpointRules: endpoints answer by TLS, and never open connections themselves.
func endpointRules(own string) []flow {
	return []flow{
		{name: "clients", inbound: true, from: inNetwork, to: own, ports: []string{portTLS, portBroker}, why: "TLS from inside the network"},
		{name: "nobody-else", inbound: true, deny: true, from: fromAnywhere, to: fromAnywhere, why: "Nothing else comes in", last: true},
		{name: "nothing", deny: true, from: fromAnywhere, to: fromAnywhere, why: "Nothing goes out", last: true},
	}
}

// securityRules gives each direction's rules their priorities, in order.
func securityRules(flows []flow) azurenetwork.SecurityRuleTypeArray {
	next := map[bool]int{true: firstPriority, false: firstPriority}
	var out azurenetwork.SecurityRuleTypeArray
	for _, f := range flows {
		rule := azurenetwork.SecurityRuleTypeArgs{
			Name: pulumi.String(f.name), Description: pulumi.String(f.why), Protocol: pulumi.String("Tcp"),
			Access: pulumi.String("Allow"), Direction: pulumi.String("Outbound"), Priority: pulumi.Int(next[f.inbound]),
			SourceAddressPrefix: pulumi.String(f.from), SourcePortRange: pulumi.String(fromAnywhere), DestinationAddressPrefix: pulumi.String(f.to),
		}
		if f.inbound {
			rule.Direction = pulumi.String("Inbound")
		}
		if f.deny {
			rule.Access = pulumi.String("Deny")
		}
		if f.last {
			rule.Priority = pulumi.Int(lastPriority)
		} else {
			next[f.inbound] += priorityStep
		}
		switch len(f.ports) {
		case 0:
			rule.Protocol, rule.DestinationPortRange = pulumi.String("*"), pulumi.String(fromAnywhere)
		case 1:
			rule.DestinationPortRange = pulumi.String(f.ports[0])
		default:
			rule.DestinationPortRanges = pulumi.ToStringArray(f.ports)
		}
		out = append(out, rule)
	}
	return out
}
