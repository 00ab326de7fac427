package aws

import (
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

func recordNetwork(t *testing.T, nat network.NAT, endpoints ...network.Endpoint) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := network.New(ctx, "network", d, network.Args{
			CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
			NAT: nat, Endpoints: endpoints, FlowLogDays: 30, Tags: tags.Set{tags.Team: "platform"},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func named(name string, more map[string]any) map[string]any {
	out := map[string]any{"team": "platform", "Name": name}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func TestSubnetsHandOutNoPublicAddressAndAreFoundByLoadBalancers(t *testing.T) {
	got := recordNetwork(t, network.NATNone)
	for _, want := range []struct {
		name, zone, block string
		role              map[string]any
	}{
		{"network-public-eu-central-1a", "eu-central-1a", "10.16.192.0/21", map[string]any{"kubernetes.io/role/elb": "1"}},
		{"network-private-eu-central-1b", "eu-central-1b", "10.16.64.0/18", map[string]any{"kubernetes.io/role/internal-elb": "1"}},
		{"network-data-eu-central-1c", "eu-central-1c", "10.16.240.0/21", nil},
	} {
		record.Exactly(t, got, "aws:ec2/subnet:Subnet "+want.name, map[string]any{
			"vpcId": "id-network-vpc", "availabilityZone": want.zone, "cidrBlock": want.block, "mapPublicIpOnLaunch": false,
			"tags": named(want.name, want.role),
		})
	}
	if n := record.Count(got, "aws:ec2/subnet:Subnet"); n != 9 {
		t.Errorf("%d subnets, want 9", n)
	}
}

func TestTheWayOutIsWhatWasAskedFor(t *testing.T) {
	for nat, want := range map[network.NAT]struct{ gateways, routes int }{
		// One route of the public tier, and one for each private table that has a way out.
		network.NATNone: {0, 1}, network.NATSingle: {1, 4}, network.NATPerZone: {3, 4},
	} {
		got := recordNetwork(t, nat)
		if n := record.Count(got, "aws:ec2/natGateway:NatGateway"); n != want.gateways {
			t.Errorf("%s: %d NAT gateways, want %d", nat, n, want.gateways)
		}
		if n := record.Count(got, "aws:ec2/route:Route"); n != want.routes {
			t.Errorf("%s: %d routes to the internet, want %d", nat, n, want.routes)
		}
	}
	got := recordNetwork(t, network.NATPerZone)
	record.Exactly(t, got, "aws:ec2/route:Route network-private-routes-eu-central-1b-route", map[string]any{
		"routeTableId": "id-network-private-routes-eu-central-1b", "destinationCidrBlock": "0.0.0.0/0",
		"natGatewayId": "id-network-nat-eu-central-1b",
	})
	if _, leads := got["aws:ec2/route:Route network-data-routes-route"]; leads {
		t.Error("the data tier has a route to the internet")
	}
}

func TestEndpointsAreRoutedOrPrivateInterfaces(t *testing.T) {
	got := recordNetwork(t, network.NATNone, network.EndpointStorage, network.EndpointSecrets)
	record.Exactly(t, got, "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-s3", map[string]any{
		"vpcId": "id-network-vpc", "serviceName": "com.amazonaws.eu-central-1.s3", "vpcEndpointType": "Gateway",
		"routeTableIds": []any{
			"id-network-private-routes-eu-central-1a", "id-network-private-routes-eu-central-1b",
			"id-network-private-routes-eu-central-1c", "id-network-data-routes",
		},
		"tags": named("network-endpoint-s3", nil),
	})
	record.Exactly(t, got, "aws:ec2/vpcEndpoint:VpcEndpoint network-endpoint-kms", map[string]any{
		"vpcId": "id-network-vpc", "serviceName": "com.amazonaws.eu-central-1.kms", "vpcEndpointType": "Interface",
		"privateDnsEnabled": true, "securityGroupIds": []any{"id-network-endpoints"},
		"subnetIds": []any{"id-network-private-eu-central-1a", "id-network-private-eu-central-1b", "id-network-private-eu-central-1c"},
		"tags":      named("network-endpoint-kms", nil),
	})
	record.Exactly(t, got, "aws:ec2/securityGroup:SecurityGroup network-endpoints", map[string]any{
		"name": "dev-aws-network-endpoints", "description": "Private endpoints: TLS from inside the VPC", "vpcId": "id-network-vpc",
		"ingress": []any{map[string]any{
			"protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": []any{"10.16.0.0/16"}, "description": "TLS from inside the VPC",
		}},
		"tags": named("dev-aws-network-endpoints", nil),
	})
}

func TestTheDefaultSecurityGroupIsClosedAndAllTrafficIsLogged(t *testing.T) {
	got := recordNetwork(t, network.NATNone)
	record.Exactly(t, got, "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup network-default-security-group", map[string]any{
		"vpcId": "id-network-vpc", "tags": named("network-default", nil),
	})
	record.Exactly(t, got, "aws:ec2/flowLog:FlowLog network-flow-log", map[string]any{
		"vpcId": "id-network-vpc", "trafficType": "ALL", "logDestinationType": "cloud-watch-logs", "maxAggregationInterval": 60,
		"logDestination": "arn:network-flow-logs", "iamRoleArn": "arn:network-flow-logs-role", "tags": named("network", nil),
	})
}
