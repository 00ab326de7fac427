package contract

import (
	"net/netip"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gcp"
	"platform/components/network"
	"platform/components/tags"
	"platform/tests/cloud"
)

func buildGoogleNetwork(args network.Args) func(*pulumi.Context, *gcp.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		_, err := network.New(ctx, "network", d, args, opts...)
		return err
	}
}

func googleNetworkArgs(nat network.NAT, endpoints ...network.Endpoint) network.Args {
	return network.Args{
		CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"europe-west3-a", "europe-west3-b", "europe-west3-c"},
		NAT: nat, Endpoints: endpoints, FlowLogDays: 30, Tags: owned,
	}
}

func TestAGoogleNetworkIsBuiltDestroyedAndRebuilt(t *testing.T) {
	for _, test := range []struct {
		name string
		args network.Args
		want map[string]int
	}{
		{
			"without a way out", googleNetworkArgs(network.NATNone),
			map[string]int{
				"gcp:compute/subnetwork:Subnetwork": 2, "gcp:compute/routerNat:RouterNat": 0, "gcp:compute/route:Route": 0,
				"gcp:dns/managedZone:ManagedZone": 0, "gcp:compute/firewall:Firewall": 1,
				// one for each range of the subnets, none to the internet
				"compute:route": 4, "compute:address": 0, "compute:network-peering": 1, "kms:crypto-key-version": 1,
			},
		},
		{
			"with everything", googleNetworkArgs(network.NATPerZone, network.Endpoints...),
			map[string]int{
				"gcp:compute/subnetwork:Subnetwork": 2, "gcp:compute/routerNat:RouterNat": 1, "gcp:compute/route:Route": 2,
				"gcp:dns/managedZone:ManagedZone": 3, "gcp:dns/recordSet:RecordSet": 6, "dns:record-set": 6,
				"compute:route": 4, "compute:address": 1, "compute:network-peering": 1,
			},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := onGCP(t, buildGoogleNetwork(test.args))
			// Nothing is known yet, not even as which account logs are encrypted.
			if _, err := e.Preview(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := lifecycle(t, e)
			for typ, want := range test.want {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, o := range built {
				if missing := tags.Set(o.Tags).Missing(); o.Outputs["effectiveLabels"] != nil && len(missing) > 0 {
					t.Errorf("%s lacks the labels %v", o, missing)
				}
			}
			keepsWhatGoogleKeeps(t, e.Cloud.Inventory())
		})
	}
}

// keepsWhatGoogleKeeps looks for what a destroyed environment leaves in a project for good or for some days.
func keepsWhatGoogleKeeps(t *testing.T, objects []*cloud.Object) {
	t.Helper()
	kept := map[string]int{}
	for _, o := range objects {
		if o.Retained != "" {
			kept[o.Type+" "+o.Retained]++
		}
	}
	for what, want := range map[string]int{
		"gcp:kms/keyRing:KeyRing KEPT": 1, "gcp:kms/cryptoKey:CryptoKey KEPT": 1, "kms:crypto-key-version DESTROY_SCHEDULED": 1,
		"gcp:logging/projectBucketConfig:ProjectBucketConfig DELETE_REQUESTED": 1,
	} {
		if kept[what] != want {
			t.Errorf("%s: %d are kept, want %d of %v", what, kept[what], want, kept)
		}
	}
	if got := count(objects, "serviceusage:service"); got < 18 {
		t.Errorf("%d services are on, want all that the environment uses", got)
	}
}
