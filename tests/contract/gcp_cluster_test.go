package contract

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/gcp"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/tags"
	"platform/tests/cloud"
)

const googlePipeline = "group:pipeline@example.com"

func googleClusterArgs(n network.Outputs) cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 30, Tags: owned, Network: n,
		Admins: []string{googlePipeline}, Viewers: []string{"group:engineers@example.com"},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 3, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 2, Max: 6, DiskGiB: 50},
			"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Min: 0, Max: 6, DiskGiB: 50},
		},
	}
}

// buildGoogleCluster builds a cluster in a network, and then what needs it.
func buildGoogleCluster(
	change func(*cluster.Args), more func(*pulumi.Context, *gcp.Driver, cluster.Outputs, ...pulumi.ResourceOption) error,
) func(*pulumi.Context, *gcp.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, googleNetworkArgs(network.NATSingle), opts...)
		if err != nil {
			return err
		}
		args := googleClusterArgs(n.Outputs)
		if change != nil {
			change(&args)
		}
		c, err := cluster.New(ctx, "cluster", d, args, opts...)
		if err != nil || more == nil {
			return err
		}
		return more(ctx, d, c.Outputs, opts...)
	}
}

func TestAGoogleClusterIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	e := onGCP(t, buildGoogleCluster(nil, func(ctx *pulumi.Context, d *gcp.Driver, c cluster.Outputs, opts ...pulumi.ResourceOption) error {
		who, err := identity.New(ctx, "identity-payments", d, identity.Args{
			Service: "payments", Namespace: "payments", ServiceAccount: "payments", Cluster: c, Rights: identity.Rights{"database": identity.Connect}, Tags: owned,
		}, opts...)
		if err != nil {
			return err
		}
		return who.Give(ctx, identity.On{
			Role: "database", Resource: pulumi.String("projects/" + project + "/instances/payments").ToStringOutput(),
		})
	}))
	// Nothing is known yet, not even the pool of identities.
	if _, err := e.Preview(context.Background()); err != nil {
		t.Fatal(err)
	}
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		// one node in each zone of the pools that begin with any, and a group in each zone of all pools
		"compute:instance": 6, "compute:disk": 6, "compute:instance-group-manager": 9, "compute:instance-template": 9,
		// the cluster's own rules, and the endpoint of its private control plane
		"compute:firewall": 4, "compute:forwarding-rule": 1,
		"gcp:projects/iAMMember:IAMMember": 6, "gcp:serviceaccount/account:Account": 2, "gcp:serviceaccount/iAMMember:IAMMember": 1,
		"gcp:logging/projectBucketConfig:ProjectBucketConfig": 2,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	labelled := []string{"compute:instance", "compute:disk", "gcp:container/cluster:Cluster", "gcp:container/nodePool:NodePool"}
	for _, o := range built {
		if missing := tags.Set(o.Tags).Missing(); slices.Contains(labelled, o.Type) && len(missing) > 0 {
			t.Errorf("%s lacks the labels %v", o, missing)
		}
		if o.Type == "compute:disk" && !strings.Contains(o.Str("kmsKeyName"), "cluster-disk-key") {
			t.Errorf("%s is encrypted with %q", o, o.Str("kmsKeyName"))
		}
		if o.Type == "compute:instance" && (o.Bool("public") || !strings.HasPrefix(o.Str("serviceAccount"), "dev-gcp-cluster-nodes@")) {
			t.Errorf("%s: public %v, as %s", o, o.Bool("public"), o.Str("serviceAccount"))
		}
		if o.Type == "gcp:container/cluster:Cluster" && o.Str("endpoint") != o.Str("privateClusterConfig.privateEndpoint") {
			t.Errorf("the control plane answers at %s, its private endpoint is %s", o.Str("endpoint"), o.Str("privateClusterConfig.privateEndpoint"))
		}
	}
}

func TestAProtectedGoogleClusterIsNotDeleted(t *testing.T) {
	t.Parallel()
	protected := true
	e := onGCP(t, buildGoogleCluster(func(a *cluster.Args) { a.DeleteProtection = protected }, nil))
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := e.Cloud.Inventory()
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "nothing was deleted") {
		t.Fatalf("the destroy says %v", err)
	}
	if d := cloud.Difference(before, e.Cloud.Inventory()); len(d) != 0 {
		t.Errorf("a refused destroy changed:\n%s", strings.Join(d, "\n"))
	}
	protected = false
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}

func TestAPublicGoogleControlPlaneIsForNamedRanges(t *testing.T) {
	t.Parallel()
	public := []string(nil)
	e := onGCP(t, buildGoogleCluster(func(a *cluster.Args) { a.PublicAccess = public }, nil))
	endpoint := func() string {
		if _, err := e.Up(t.Context()); err != nil {
			t.Fatal(err)
		}
		for _, o := range e.Cloud.Inventory() {
			if o.Type == "gcp:container/cluster:Cluster" {
				return o.Str("endpoint")
			}
		}
		return ""
	}
	private := endpoint()
	public = []string{"203.0.113.0/24"}
	if now := endpoint(); now == private || !strings.HasPrefix(now, "198.1") {
		t.Errorf("the control plane answers at %s, before at %s", now, private)
	}
	public = nil
	if again := endpoint(); again != private {
		t.Errorf("it is private again at %s, before at %s", again, private)
	}
}

func TestMistakesOfAGoogleClusterAreRefused(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*cluster.Args)
		want   string
	}{
		{"everyone", func(a *cluster.Args) { a.PublicAccess = []string{"0.0.0.0/0"} }, "not the whole internet"},
		{"an account that is not there", func(a *cluster.Args) {
			a.Viewers = []string{"serviceAccount:nobody@" + project + ".iam.gserviceaccount.com"}
		}, "does not exist"},
		{"a principal without a kind", func(a *cluster.Args) { a.Viewers = []string{"engineers"} }, `value "engineers"`},
		{"a label that is none", func(a *cluster.Args) { a.Tags = owned.With(tags.Team, "Platform Team") }, "does not match"},
		{"a version that GKE has not", func(a *cluster.Args) { a.Version = "1.29" }, "one of [1.32 1.33]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := onGCP(t, buildGoogleCluster(test.change, nil)).Up(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}
