package contract

import (
	"context"
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/network"
	"platform/components/tags"
)

func buildOnAzure(args network.Args) func(*pulumi.Context, *azure.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		_, err := network.New(ctx, "network", d, args, opts...)
		return err
	}
}

func azureNetworkArgs(nat network.NAT, endpoints ...network.Endpoint) network.Args {
	return network.Args{
		CIDR: netip.MustParsePrefix("10.64.0.0/16"), Zones: []string{"1", "2", "3"}, NAT: nat, Endpoints: endpoints, FlowLogDays: 90, Tags: owned,
	}
}

func TestAnAzureNetworkIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		args network.Args
		want map[string]int
	}{
		{
			"without a way out", azureNetworkArgs(network.NATNone),
			map[string]int{
				"azure-native:network:Subnet": 3, "azure-native:network:NatGateway": 0, "azure-native:network:PrivateEndpoint": 0,
				"azure-native:network:PrivateZone": 1, "azure-native:network/v20240501:FlowLog": 1,
				"network:interface": 0, "insights:data-collection-rule": 1,
			},
		},
		{
			"with everything", azureNetworkArgs(network.NATSingle, (&azure.Driver{}).NetworkOffer().Endpoints...),
			map[string]int{
				"azure-native:network:Subnet": 4, "azure-native:network:NatGateway": 1, "azure-native:network:PublicIPAddress": 1,
				"azure-native:network:NetworkSecurityGroup": 4,
				// the databases' and those of five endpoints; the store of the flow logs is the first to be found in one
				"azure-native:network:PrivateZone": 6, "azure-native:network:VirtualNetworkLink": 6,
				"azure-native:network:PrivateEndpoint": 1, "network:interface": 1, "network:private-record": 1,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := onAzure(t, buildOnAzure(test.args))
			built := lifecycle(t, e)
			for typ, want := range test.want {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, o := range built {
				if _, taggable := o.Inputs["tags"]; taggable && len(tags.Set(o.Tags).Missing()) > 0 {
					t.Errorf("%s lacks the tags %v", o, tags.Set(o.Tags).Missing())
				}
			}
			if _, err := e.Destroy(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
}
