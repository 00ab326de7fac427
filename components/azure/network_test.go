package azure

import (
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"pgregory.net/rapid"

	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

func anyNetwork(nat network.NAT, endpoints ...network.Endpoint) network.Args {
	return network.Args{
		CIDR: netip.MustParsePrefix("10.64.0.0/16"), Zones: []string{"1", "2", "3"}, NAT: nat, Endpoints: endpoints, FlowLogDays: 90,
		Tags: tags.Set{tags.Team: "platform"},
	}
}

// recordNetwork also returns the ids that other capabilities read.
func recordNetwork(t *testing.T, args network.Args) (record.Resources, network.Outputs) {
	t.Helper()
	var out network.Outputs
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := network.New(ctx, "network", d, args)
		if err != nil {
			return err
		}
		out = made.Outputs
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources, out
}

type (
	object = map[string]any
	list   = []any
)

func TestTiersHaveTheirRangesInOneNetwork(t *testing.T) {
	resources, out := recordNetwork(t, anyNetwork(network.NATNone, network.EndpointSecrets))
	record.Exactly(t, resources, "azure-native:network:VirtualNetwork network", object{
		"resourceGroupName": "group", "virtualNetworkName": "dev-azure-network", "location": "germanywestcentral",
		"addressSpace": object{"addressPrefixes": list{"10.64.0.0/16"}}, "tags": object{"team": "platform"},
		"enableDdosProtection": false, "enableVmProtection": false, // the SDK's defaults
	})
	for tier, block := range map[string]string{
		"private": "10.64.0.0/17", "public": "10.64.192.0/21", "data": "10.64.224.0/21", "endpoints": "10.64.200.0/21",
	} {
		want := object{
			"resourceGroupName": "group", "virtualNetworkName": "network", "subnetName": "dev-azure-network-" + tier, "addressPrefix": block,
			"networkSecurityGroup":              object{"id": "id-network-" + tier + "-security"},
			"privateEndpointNetworkPolicies":    "Enabled",
			"privateLinkServiceNetworkPolicies": "Enabled",
		}
		if tier == "private" { // storage has no endpoint here
			want["serviceEndpoints"] = list{object{"service": "Microsoft.Storage"}}
		}
		if tier == "data" {
			want["delegations"] = list{object{"name": "postgres", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}}
			want["serviceEndpoints"] = list{object{"service": "Microsoft.Storage"}}
		}
		record.Exactly(t, resources, "azure-native:network:Subnet network-"+tier, want)
	}
	for _, subnets := range [][]network.Subnet{out.PublicSubnets, out.PrivateSubnets, out.DataSubnets} {
		if len(subnets) != 1 || subnets[0].Zone != network.AllZones {
			t.Errorf("subnets are %v, want one that spans the zones", subnets)
		}
	}
}

func TestRangesAreDisjointAndInside(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		whole := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, byte(rapid.IntRange(0, 255).Draw(t, "second")), 0, 0}), rapid.IntRange(16, 20).Draw(t, "bits"))
		blocks, err := ranges(whole, 3)
		if err != nil {
			t.Fatal(err)
		}
		for tier, block := range blocks {
			// Azure takes no subnet smaller than /29, and API Management none smaller than /27.
			if !whole.Contains(block.Addr()) || block != block.Masked() || block.Bits() > 27 {
				t.Fatalf("%s: %s is not a subnet of %s", tier, block, whole)
			}
			for other, taken := range blocks {
				if other != tier && taken.Overlaps(block) {
					t.Fatalf("%s and %s overlap: %s, %s", tier, other, block, taken)
				}
			}
		}
	})
}

func TestOneGatewayLeadsOutOfThePrivateTierOnly(t *testing.T) {
	resources, _ := recordNetwork(t, anyNetwork(network.NATSingle))
	record.Exactly(t, resources, "azure-native:network:PublicIPAddress network-nat-address", object{
		"resourceGroupName": "group", "publicIpAddressName": "dev-azure-network-nat", "location": "germanywestcentral",
		"sku": object{"name": "Standard", "tier": "Regional"}, "publicIPAllocationMethod": "Static", "publicIPAddressVersion": "IPv4",
		"zones": list{"1", "2", "3"}, "tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:network:NatGateway network-nat", object{
		"resourceGroupName": "group", "natGatewayName": "dev-azure-network", "location": "germanywestcentral", "sku": object{"name": "Standard"},
		"publicIpAddresses": list{object{"id": "id-network-nat-address"}}, "idleTimeoutInMinutes": 4.0, "tags": object{"team": "platform"},
	})
	for _, tier := range []string{"public", "private", "data"} {
		_, out := resources["azure-native:network:Subnet network-"+tier]["natGateway"]
		if out != (tier == "private") {
			t.Errorf("the %s tier has the gateway: %t", tier, out)
		}
	}
	if _, made := resources["azure-native:network:Subnet network-endpoints"]; made {
		t.Error("a place for endpoints is made although none was asked for")
	}
}

func TestAGatewayForEachZoneIsRefused(t *testing.T) {
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := network.New(ctx, "network", d, anyNetwork(network.NATPerZone, network.EndpointIdentity))
		return err
	})
	if err == nil {
		t.Fatal("accepted")
	}
	for _, want := range []string{
		`nat: value "per-zone": one of [none single] is allowed`,
		`endpoints: value "identity": any of [storage documents registry secrets queues] are allowed`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
}

// letThrough are the flows that a group's rules decide on, as "<direction> <access> <from> <to> <ports>".
func letThrough(group engine.PropertyMap) []string {
	var out []string
	rules, _ := group.Mappable()["securityRules"].(list)
	for _, e := range rules {
		rule, _ := e.(object)
		ports, single := rule["destinationPortRange"].(string)
		if !single {
			var many []string
			several, _ := rule["destinationPortRanges"].(list)
			for _, p := range several {
				port, _ := p.(string)
				many = append(many, port)
			}
			ports = strings.Join(many, ",")
		}
		word := func(name string) string {
			s, _ := rule[name].(string)
			return s
		}
		out = append(out, strings.Join([]string{
			word("direction"), word("access"), word("sourceAddressPrefix"), word("destinationAddressPrefix"), ports,
		}, " "))
	}
	return out
}

func TestEachTierLetsThroughWhatItIsFor(t *testing.T) {
	resources, _ := recordNetwork(t, anyNetwork(network.NATNone, network.EndpointSecrets))
	for tier, want := range map[string][]string{
		"public": {
			"Inbound Allow Internet 10.64.192.0/21 443",
			"Inbound Allow ApiManagement 10.64.192.0/21 3443",
			"Inbound Allow AzureLoadBalancer 10.64.192.0/21 6390",
		},
		"private": {
			"Inbound Allow 100.64.0.0/10 100.64.0.0/10 *",
			"Inbound Allow 10.64.0.0/17 100.64.0.0/10 *",
			"Outbound Allow 100.64.0.0/10 100.64.0.0/10 *",
			"Outbound Allow 10.64.0.0/17 100.64.0.0/10 *",
			"Outbound Deny * Internet *",
		},
		"data": {
			"Inbound Allow 10.64.0.0/17 10.64.224.0/21 5432,6432",
			"Inbound Allow 10.64.224.0/21 10.64.224.0/21 5432,6432",
			"Inbound Deny * * *",
			"Outbound Allow 10.64.224.0/21 10.64.224.0/21 5432,6432",
			"Outbound Allow 10.64.224.0/21 Storage 443",
			"Outbound Allow 10.64.224.0/21 AzureActiveDirectory 443",
			"Outbound Allow 10.64.224.0/21 AzureKeyVault 443",
			"Outbound Deny * * *",
		},
		"endpoints": {
			"Inbound Allow VirtualNetwork 10.64.200.0/21 443,5671",
			"Inbound Deny * * *",
			"Outbound Deny * * *",
		},
	} {
		if got := letThrough(resources["azure-native:network:NetworkSecurityGroup network-"+tier+"-security"]); !slices.Equal(got, want) {
			t.Errorf("%s\ngot  %s\nwant %s", tier, strings.Join(got, "\n     "), strings.Join(want, "\n     "))
		}
	}
}

// Whoever calls a door in the cluster comes to the nodes, still with the door's public address.
func TestNodesAreOpenToTheInternetWhereTheClusterHasDoors(t *testing.T) {
	args := anyNetwork(network.NATSingle)
	closed, _ := recordNetwork(t, args)
	args.Doors = true
	open, _ := recordNetwork(t, args)
	for tier, want := range map[string][]string{"private": {"Inbound Allow Internet * 443"}, "public": nil, "data": nil} {
		key := "azure-native:network:NetworkSecurityGroup network-" + tier + "-security"
		before := letThrough(closed[key])
		got := slices.DeleteFunc(letThrough(open[key]), func(flow string) bool { return slices.Contains(before, flow) })
		if len(before) == 0 || !slices.Equal(got, want) {
			t.Errorf("%s: doors open %v, want %v", tier, got, want)
		}
	}
}

func TestRefusalsAreReadLast(t *testing.T) {
	for _, rule := range securityRules(dataRules("10.0.0.0/24", "10.0.1.0/24")) {
		inputs := reflect.ValueOf(rule)
		deny := inputs.FieldByName("Access").Interface() == pulumi.String("Deny")
		if last := inputs.FieldByName("Priority").Interface() == pulumi.Int(lastPriority); last != deny {
			t.Errorf("%v has priority %v", inputs.FieldByName("Name"), inputs.FieldByName("Priority"))
		}
	}
}

func TestPrivateNamesAreThereForWhatWasAskedFor(t *testing.T) {
	resources, out := recordNetwork(t, anyNetwork(network.NATNone, network.EndpointQueues, network.EndpointSecrets))
	record.Exactly(t, resources, "azure-native:network:PrivateZone network-zone-queues", object{
		"resourceGroupName": "group", "privateZoneName": "privatelink.servicebus.windows.net", "location": "Global", "tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:network:VirtualNetworkLink network-zone-queues-link", object{
		"resourceGroupName": "group", "privateZoneName": "network-zone-queues", "virtualNetworkLinkName": "network", "location": "Global",
		"virtualNetwork": object{"id": "id-network"}, "registrationEnabled": false, "tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:network:PrivateZone network-zone-postgres", object{
		"resourceGroupName": "group", "privateZoneName": "dev-azure.private.postgres.database.azure.com", "location": "Global", "tags": object{"team": "platform"},
	})
	var details []string
	for detail := range out.Details {
		details = append(details, detail)
	}
	slices.Sort(details)
	if want := []string{"endpoints-subnet", detailIngressAddress, "zone-postgres", "zone-queues", "zone-secrets"}; !slices.Equal(details, want) {
		t.Errorf("details are %v, want %v", details, want)
	}
	if len(out.DataReady) != 1 || len(out.EndpointsReady) != 3 {
		t.Errorf("the data tier waits for %d, egress for %d things; want 1 and 3", len(out.DataReady), len(out.EndpointsReady))
	}
}

func TestAnEndpointLeadsToOneGroupAndIsFoundByItsName(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := d.privateEndpoint(ctx, "broker-endpoint", pulumi.String("broker"), "namespace", pulumi.String("subnet"), pulumi.String("zone"),
			tags.Set{tags.Team: "platform"}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:network:PrivateEndpoint broker-endpoint", object{
		"resourceGroupName": "group", "privateEndpointName": "dev-azure-broker-endpoint", "location": "germanywestcentral",
		"customNetworkInterfaceName":    "dev-azure-broker-endpoint",
		"subnet":                        object{"id": "subnet", "privateEndpointNetworkPolicies": "Enabled", "privateLinkServiceNetworkPolicies": "Enabled"},
		"privateLinkServiceConnections": list{object{"name": "namespace", "privateLinkServiceId": "broker", "groupIds": list{"namespace"}}},
		"tags":                          object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:network:PrivateDnsZoneGroup broker-endpoint-names", object{
		"resourceGroupName": "group", "privateEndpointName": "broker-endpoint", "privateDnsZoneGroupName": "default",
		"privateDnsZoneConfigs": list{object{"name": "namespace", "privateDnsZoneId": "zone"}},
	})
}

func TestServicesAnswerAtTheirEndpointsOrOverTheInternet(t *testing.T) {
	ways := waysOf([]network.Endpoint{network.EndpointQueues}, netip.MustParsePrefix("10.32.8.0/21"))
	if queues := ways[network.EndpointQueues]; queues.Internet || !slices.Equal(queues.Ports, []int{443, 5671}) {
		t.Errorf("queues answer at %v", queues)
	}
	if secrets := ways[network.EndpointSecrets]; !secrets.Internet || !slices.Equal(secrets.Ports, []int{443}) {
		t.Errorf("secrets, which were not asked for, answer at %v", secrets)
	}
}
