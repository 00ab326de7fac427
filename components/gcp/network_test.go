package gcp

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

func networkOf(t *testing.T, change func(*network.Args)) record.Resources {
	t.Helper()
	args := network.Args{
		CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"a", "b", "c"}, NAT: network.NATSingle,
		Endpoints: network.Endpoints, FlowLogDays: 400, Tags: tags.Set{tags.Service: "network"},
	}
	change(&args)
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := network.New(ctx, "network", d, args)
		if err != nil {
			return err
		}
		for tier, c := range map[string]struct {
			subnets []network.Subnet
			want    string
		}{
			"private": {made.Outputs.PrivateSubnets, "id-network-private"},
			"public":  {made.Outputs.PublicSubnets, "id-network-public"},
			"data":    {made.Outputs.DataSubnets, "dev-gcp-network-data"},
		} {
			if len(c.subnets) != 1 || c.subnets[0].Zone != network.AllZones {
				t.Errorf("%s: %v, want one for all zones", tier, c.subnets)
			} else if got := await(t, c.subnets[0].ID); got != c.want {
				t.Errorf("%s: got %q, want %q", tier, got, c.want)
			}
		}
		if len(made.Outputs.DataReady) != 1 {
			t.Errorf("servers wait for %v, want the connection", made.Outputs.DataReady)
		}
		if got := await(t, made.Outputs.Details[detailControlPlanes]); got != "10.16.240.0/20" {
			t.Errorf("control planes: %q", got)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestANetworkHasOnlyTheRoutesThatItIsGiven(t *testing.T) {
	resources := networkOf(t, func(*network.Args) {})
	record.Exactly(t, resources, "gcp:compute/network:Network network-network", map[string]any{
		"name": "dev-gcp-network", "project": "platform-dev", "description": "Network of environment dev-gcp",
		"autoCreateSubnetworks": false, "deleteDefaultRoutesOnCreate": true, "routingMode": "REGIONAL",
	})
	record.Exactly(t, resources, "gcp:compute/route:Route network-internet-route", map[string]any{
		"name": "dev-gcp-network-internet", "project": "platform-dev", "network": "id-network-network",
		"destRange": "0.0.0.0/0", "nextHopGateway": "default-internet-gateway", "priority": 1000,
	})
	record.Exactly(t, resources, "gcp:compute/route:Route network-apis-route", map[string]any{
		"name": "dev-gcp-network-apis", "project": "platform-dev", "network": "id-network-network",
		"destRange": "199.36.153.8/30", "nextHopGateway": "default-internet-gateway", "priority": 1000,
	})
}

func TestWhatNoRuleLetsInIsRefusedAndLogged(t *testing.T) {
	resources := networkOf(t, func(*network.Args) {})
	record.Exactly(t, resources, "gcp:compute/firewall:Firewall network-deny-ingress", map[string]any{
		"name": "dev-gcp-network-deny-ingress", "project": "platform-dev", "network": "id-network-network",
		"description": "Refuses and logs what no other rule lets in", "direction": "INGRESS", "priority": 65534,
		"sourceRanges": []any{"0.0.0.0/0"}, "denies": []any{map[string]any{"protocol": "all"}},
		"logConfig": map[string]any{"metadata": "INCLUDE_ALL_METADATA"},
	})
	if n := record.Count(resources, "gcp:compute/firewall:Firewall"); n != 1 {
		t.Errorf("%d rules, want the one that refuses", n)
	}
}

func TestMachinesReachGooglesServicesWithoutPublicAddressesAndAreLogged(t *testing.T) {
	resources := networkOf(t, func(*network.Args) {})
	record.Exactly(t, resources, "gcp:compute/subnetwork:Subnetwork network-private", map[string]any{
		"name": "dev-gcp-network-private", "project": "platform-dev", "region": "europe-west3", "network": "id-network-network",
		"description": "Machines and pods of environment dev-gcp", "ipCidrRange": "10.16.128.0/18",
		"secondaryIpRanges": []any{
			map[string]any{"rangeName": "pods", "ipCidrRange": "10.16.0.0/17"},
			map[string]any{"rangeName": "services", "ipCidrRange": "10.16.192.0/20"},
		},
		"privateIpGoogleAccess": true, "stackType": "IPV4_ONLY",
		"logConfig": map[string]any{"aggregationInterval": "INTERVAL_1_MIN", "flowSampling": 1.0, "metadata": "INCLUDE_ALL_METADATA"},
	})
	record.Exactly(t, resources, "gcp:compute/subnetwork:Subnetwork network-public", map[string]any{
		"name": "dev-gcp-network-public", "project": "platform-dev", "region": "europe-west3", "network": "id-network-network",
		"description": "Proxies of load balancers of environment dev-gcp", "ipCidrRange": "10.16.208.0/20",
		"purpose": "REGIONAL_MANAGED_PROXY", "role": "ACTIVE",
	})
}

func TestTheWayOutIsTheSameForOneZoneAndForEach(t *testing.T) {
	for _, nat := range []network.NAT{network.NATSingle, network.NATPerZone} {
		resources := networkOf(t, func(a *network.Args) { a.NAT = nat })
		record.Exactly(t, resources, "gcp:compute/routerNat:RouterNat network-nat", map[string]any{
			"name": "dev-gcp-network", "project": "platform-dev", "region": "europe-west3", "router": "dev-gcp-network",
			"natIpAllocateOption": "AUTO_ONLY", "sourceSubnetworkIpRangesToNat": "LIST_OF_SUBNETWORKS",
			"subnetworks":                 []any{map[string]any{"name": "id-network-private", "sourceIpRangesToNats": []any{"ALL_IP_RANGES"}}},
			"enableDynamicPortAllocation": true, "enableEndpointIndependentMapping": false, "minPortsPerVm": 64, "maxPortsPerVm": 4096,
			"logConfig": map[string]any{"enable": true, "filter": "ERRORS_ONLY"},
		})
	}
}

func TestWithoutAWayOutNothingLeadsToTheInternet(t *testing.T) {
	resources := networkOf(t, func(a *network.Args) { a.NAT, a.Endpoints = network.NATNone, nil })
	for _, typ := range []string{
		"gcp:compute/route:Route", "gcp:compute/router:Router", "gcp:compute/routerNat:RouterNat", "gcp:dns/managedZone:ManagedZone",
	} {
		if n := record.Count(resources, typ); n != 0 {
			t.Errorf("%s: %d are made", typ, n)
		}
	}
}

func TestEachEndpointLeadsItsDomainsToAddressesWithoutInternet(t *testing.T) {
	for _, test := range []struct {
		asked []network.Endpoint
		want  []string
	}{
		{[]network.Endpoint{network.EndpointQueues, network.EndpointSecrets}, []string{"googleapis.com."}},
		{[]network.Endpoint{network.EndpointRegistry}, []string{"googleapis.com.", "gcr.io.", "pkg.dev."}},
		{network.Endpoints, []string{"googleapis.com.", "gcr.io.", "pkg.dev."}},
	} {
		var got []string
		for _, zone := range zonesOf(test.asked) {
			got = append(got, zone.domain)
		}
		if strings.Join(got, " ") != strings.Join(test.want, " ") {
			t.Errorf("%v: got %v, want %v", test.asked, got, test.want)
		}
	}
	for _, endpoint := range network.Endpoints {
		if len(endpointZones[endpoint]) == 0 {
			t.Errorf("%s is offered and leads nowhere", endpoint)
		}
	}
	resources := networkOf(t, func(*network.Args) {})
	record.Exactly(t, resources, "gcp:dns/managedZone:ManagedZone network-apis-zone", map[string]any{
		"name": "dev-gcp-network-apis", "project": "platform-dev", "dnsName": "googleapis.com.", "visibility": "private", "forceDestroy": false,
		"description":             "Leads googleapis.com. to addresses that need no internet",
		"privateVisibilityConfig": map[string]any{"networks": []any{map[string]any{"networkUrl": "id-network-network"}}},
		"labels":                  map[string]any{"service": "network"},
	})
	record.Exactly(t, resources, "gcp:dns/recordSet:RecordSet network-apis-addresses", map[string]any{
		"project": "platform-dev", "managedZone": "dev-gcp-network-apis", "name": "private.googleapis.com.", "type": "A", "ttl": 300,
		"rrdatas": []any{"199.36.153.8", "199.36.153.9", "199.36.153.10", "199.36.153.11"},
	})
	record.Exactly(t, resources, "gcp:dns/recordSet:RecordSet network-apis-names", map[string]any{
		"project": "platform-dev", "managedZone": "dev-gcp-network-apis", "name": "*.googleapis.com.", "type": "CNAME", "ttl": 300,
		"rrdatas": []any{"private.googleapis.com."},
	})
	record.Exactly(t, resources, "gcp:dns/recordSet:RecordSet network-artifact-registry-names", map[string]any{
		"project": "platform-dev", "managedZone": "dev-gcp-network-artifact-registry", "name": "*.pkg.dev.", "type": "CNAME", "ttl": 300,
		"rrdatas": []any{"pkg.dev."},
	})
}

// The addresses of the records are those that the route leads to.
func TestThePrivateAddressesAreTheRoutesRange(t *testing.T) {
	block := netip.MustParsePrefix(privateAccess)
	if len(privateAddresses) != 1<<(32-block.Bits()) {
		t.Errorf("%d addresses of %s", len(privateAddresses), block)
	}
	for _, address := range privateAddresses {
		if !block.Contains(netip.MustParseAddr(address)) {
			t.Errorf("%s is not in %s", address, block)
		}
	}
}

func TestDatabasesGetARangeOfTheNetworkThatGoesWithIt(t *testing.T) {
	resources := networkOf(t, func(*network.Args) {})
	record.Exactly(t, resources, "gcp:compute/globalAddress:GlobalAddress network-data", map[string]any{
		"name": "dev-gcp-network-data", "project": "platform-dev", "network": "id-network-network", "description": "Databases of environment dev-gcp",
		"addressType": "INTERNAL", "purpose": "VPC_PEERING", "address": "10.16.224.0", "prefixLength": 20,
		"labels": map[string]any{"service": "network"},
	})
	record.Exactly(t, resources, "gcp:servicenetworking/connection:Connection network-data-connection", map[string]any{
		"network": "id-network-network", "service": "servicenetworking.googleapis.com", "reservedPeeringRanges": []any{"dev-gcp-network-data"},
		"deletionPolicy": "ABANDON", "updateOnCreationFail": true,
	})
}

func TestFlowLogsAreKeptInTheRegionEncryptedAndNowhereElse(t *testing.T) {
	resources := networkOf(t, func(*network.Args) {})
	filter := `((log_id("compute.googleapis.com/vpc_flows") OR log_id("compute.googleapis.com/firewall")) AND resource.labels.subnetwork_name="dev-gcp-network-private")` +
		` OR (log_id("compute.googleapis.com/nat_flows") AND resource.labels.gateway_name="dev-gcp-network")`
	record.Exactly(t, resources, "gcp:logging/projectBucketConfig:ProjectBucketConfig network-flow-logs", map[string]any{
		"project": "platform-dev", "location": "europe-west3", "bucketId": "dev-gcp-network-flow-logs-0123abc", "retentionDays": 400,
		"description": "Flow logs of network", "cmekSettings": map[string]any{"kmsKeyName": "id-network-flow-logs-key"},
	})
	record.Exactly(t, resources, "gcp:logging/projectSink:ProjectSink network-flow-logs-sink", map[string]any{
		"name": "dev-gcp-network-flow-logs", "project": "platform-dev", "description": "Keeps flow logs of network",
		"destination": "logging.googleapis.com/id-network-flow-logs", "filter": filter, "uniqueWriterIdentity": true,
	})
	record.Exactly(t, resources, "gcp:logging/projectExclusion:ProjectExclusion network-flow-logs-exclusion", map[string]any{
		"name": "dev-gcp-network-flow-logs", "project": "platform-dev", "filter": filter,
		"description": "Flow logs of network are kept in a bucket of their own",
	})
	if got := resources["gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember network-flow-logs-key-user-logging"]["member"].StringValue(); !strings.HasPrefix(got, "serviceAccount:agent-of-logging@") {
		t.Errorf("%s may use the key, want Logging", got)
	}
}

func TestANetworkThatIsTooNarrowIsRefused(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := network.New(ctx, "network", d, network.Args{
			CIDR: netip.MustParsePrefix("10.16.0.0/21"), Zones: []string{"a", "b", "c"}, NAT: network.NATNone, FlowLogDays: 30,
		})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `cidr: value "10.16.0.0/21"`) {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}

func TestServicesAnswerPrivatelyOnceOneOfTheirDomainIsAskedFor(t *testing.T) {
	for _, test := range []struct {
		asked    []network.Endpoint
		endpoint network.Endpoint
		internet bool
	}{
		{nil, network.EndpointQueues, true},
		{[]network.Endpoint{network.EndpointStorage}, network.EndpointQueues, false},
		{[]network.Endpoint{network.EndpointStorage}, network.EndpointRegistry, true},
		{[]network.Endpoint{network.EndpointRegistry}, network.EndpointRegistry, false},
	} {
		if way := waysOf(test.asked)[test.endpoint]; way.Internet != test.internet {
			t.Errorf("with %v, %s over the internet: %v, want %v", test.asked, test.endpoint, way.Internet, test.internet)
		}
	}
}
