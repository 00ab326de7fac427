package contract

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/compute"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/dns"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/kms"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/servicenetworking"
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
	t.Parallel()
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
			t.Parallel()
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
	kept, services := map[string]int{}, 0
	for _, o := range objects {
		if o.Retained != "" {
			kept[o.Type+" "+o.Retained]++
		}
		// A service that is on counts as there before: destroy never turns it off.
		if o.Type == "serviceusage:service" {
			services++
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
	if services < 18 {
		t.Errorf("%d services are on, want all that the environment uses", services)
	}
}

// spoilt builds a network in which the arguments of every resource go through a mistake first.
func spoilt(mistake func(props pulumi.Input)) func(*pulumi.Context, *gcp.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		if err := ctx.RegisterStackTransformation(func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
			mistake(args.Props)
			return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: args.Opts}
		}); err != nil {
			return err
		}
		return buildGoogleNetwork(googleNetworkArgs(network.NATSingle, network.EndpointStorage))(ctx, d, opts...)
	}
}

// TestAGoogleNetworkWithAMistakeIsRefused makes one mistake on purpose in each case.
func TestAGoogleNetworkWithAMistakeIsRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		mistake func(pulumi.Input)
		want    string
	}{
		{
			"a name that is too long",
			func(p pulumi.Input) {
				if args, ok := p.(*compute.NetworkArgs); ok {
					args.Name = pulumi.String(strings.Repeat("n", 64))
				}
			},
			"has 64 characters, allowed are 63",
		},
		{
			"pods where databases are",
			func(p pulumi.Input) {
				if args, ok := p.(*compute.GlobalAddressArgs); ok {
					args.Address, args.PrefixLength = pulumi.String("10.16.0.0"), pulumi.Int(20)
				}
			},
			"conflicts with",
		},
		{
			"flow logs of proxies",
			func(p pulumi.Input) {
				if args, ok := p.(*compute.SubnetworkArgs); ok {
					args.LogConfig = &compute.SubnetworkLogConfigArgs{FlowSampling: pulumi.Float64(1)}
				}
			},
			"logConfig is not for subnets of proxies",
		},
		{
			"a key that Logging may only look at",
			func(p pulumi.Input) {
				if args, ok := p.(*kms.CryptoKeyIAMMemberArgs); ok {
					args.Role = pulumi.String("roles/cloudkms.viewer")
				}
			},
			"may not use the key",
		},
		{
			"a zone that everyone sees",
			func(p pulumi.Input) {
				if args, ok := p.(*dns.ManagedZoneArgs); ok {
					args.Visibility = pulumi.String("public")
				}
			},
			"privateVisibilityConfig is for private zones",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := onGCP(t, spoilt(test.mistake))
			if _, err := e.Up(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one that says %q", err, test.want)
			}
		})
	}
}

// What controllers leave in a network keeps it, and the destroy says what that is.
func TestAGoogleNetworkStaysWhileAControllersRuleIsInIt(t *testing.T) {
	t.Parallel()
	e := onGCP(t, buildGoogleNetwork(googleNetworkArgs(network.NATNone)))
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		made := tx.Find("gcp:compute/network:Network", nil)[0]
		tx.Mint(cloud.Object{Type: "compute:firewall", ID: "k8s-fw-left", Account: project, Hidden: true, Holds: []cloud.Key{made.Key()}})
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "k8s-fw-left") {
		t.Errorf("error is %v, want one that names the rule", err)
	}
}

// TestAConnectionThatDatabasesUsedIsNotDeletedButAbandoned: Cloud SQL holds on to it for days, and a destroy cannot
// wait for that.
func TestAConnectionThatDatabasesUsedIsNotDeletedButAbandoned(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		mistake func(pulumi.Input)
		want    string
	}{
		{"abandoned", func(pulumi.Input) {}, ""},
		{
			"deleted",
			func(p pulumi.Input) {
				if args, ok := p.(*servicenetworking.ConnectionArgs); ok {
					args.DeletionPolicy = nil
				}
			},
			"Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := onGCP(t, spoilt(test.mistake))
			if _, err := e.Up(t.Context()); err != nil {
				t.Fatal(err)
			}
			if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
				tx.Find("compute:network-peering", nil)[0].Props["used"] = true
				return nil
			}); err != nil {
				t.Fatal(err)
			}
			_, err := e.Destroy(t.Context())
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				for _, o := range cloud.Left(e.Cloud.Inventory()) {
					t.Errorf("left: %s", o)
				}
			} else if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one that says %q", err, test.want)
			}
		})
	}
}
