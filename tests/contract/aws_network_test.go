package contract

import (
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/network"
	"platform/components/tags"
	"platform/tests/cloud"
)

func buildNetwork(args network.Args) func(*pulumi.Context, *driver.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		_, err := network.New(ctx, "network", d, args, opts...)
		return err
	}
}

func networkArgs(nat network.NAT, endpoints ...network.Endpoint) network.Args {
	return network.Args{
		CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
		NAT: nat, Endpoints: endpoints, FlowLogDays: 30, Tags: owned,
	}
}

func count(objects []*cloud.Object, typ string) int {
	n := 0
	for _, o := range objects {
		if o.Type == typ && !o.Preexisting {
			n++
		}
	}
	return n
}

func TestANetworkIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args network.Args
		want map[string]int
	}{
		{
			"without a way out", networkArgs(network.NATNone),
			map[string]int{"aws:ec2/subnet:Subnet": 9, "aws:ec2/natGateway:NatGateway": 0, "aws:ec2/vpcEndpoint:VpcEndpoint": 0},
		},
		{
			"with everything", networkArgs(network.NATPerZone, network.Endpoints...),
			map[string]int{
				"aws:ec2/subnet:Subnet": 9, "aws:ec2/natGateway:NatGateway": 3, "aws:ec2/vpcEndpoint:VpcEndpoint": 15,
				// three NAT gateways, and thirteen interface endpoints in three zones
				"ec2:network-interface": 42,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			built := lifecycle(t, open(t, buildNetwork(test.args)))
			for typ, want := range test.want {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, o := range built {
				if missing := tags.Set(o.Tags).Missing(); o.Outputs["tagsAll"] != nil && len(missing) > 0 {
					t.Errorf("%s lacks the tags %v", o, missing)
				}
			}
		})
	}
}
