package contract

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/tags"
	"platform/tests/checks"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

const (
	azureAdmins  = "aaaaaaaa-0000-4000-a000-000000000001"
	azureViewers = "aaaaaaaa-0000-4000-a000-000000000002"
)

func azureClusterArgs(n network.Outputs) cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 7, Tags: owned, Network: n, Admins: []string{azureAdmins}, Viewers: []string{azureViewers},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 2, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 2, Max: 6, DiskGiB: 50},
			"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Min: 0, Max: 6, DiskGiB: 50},
		},
	}
}

// withAzureCluster makes an environment with a network and a cluster, in which inside runs.
func withAzureCluster(
	t *testing.T, change func(*cluster.Args), inside func(ctx *pulumi.Context, d *azure.Driver, c cluster.Outputs, opts ...pulumi.ResourceOption) error,
) *rehearsal.Environment {
	t.Helper()
	return onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, azureNetworkArgs(network.NATSingle), opts...)
		if err != nil {
			return err
		}
		args := azureClusterArgs(n.Outputs)
		change(&args)
		c, err := cluster.New(ctx, "cluster", d, args, opts...)
		if err != nil {
			return err
		}
		return inside(ctx, d, c.Outputs, opts...)
	})
}

func TestAnAzureClusterIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*cluster.Args)
		hidden map[string]int
	}{
		"private": {func(*cluster.Args) {}, map[string]int{
			"resources:node-group": 1, "network:security-group": 1, "managedidentity:identity": 2, "network:private-endpoint": 1,
			"network:private-zone": 1, "compute:scale-set": 3, "compute:instance": 3, "compute:os-disk": 3, "network:load-balancer": 0,
		}},
		"public": {func(a *cluster.Args) { a.PublicAccess = []string{"203.0.113.0/24"} }, map[string]int{
			"network:private-endpoint": 0, "network:private-zone": 0, "compute:instance": 3,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := withAzureCluster(t, test.change, func(ctx *pulumi.Context, d *azure.Driver, c cluster.Outputs, opts ...pulumi.ResourceOption) error {
				_, err := identity.New(ctx, "payments", d, identity.Args{
					Service: "payments", Namespace: "payments", ServiceAccount: "payments", Cluster: c, Tags: owned,
				}, opts...)
				return err
			})
			built := lifecycle(t, e)
			for typ, want := range test.hidden {
				if got := count(hiddenOf(built), typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, f := range checks.All(built, e.Cloud.Taggable) {
				t.Error(f)
			}
			untagged := []string{"compute:os-disk"}
			for _, o := range hiddenOf(built) {
				if missing := tags.Set(o.Tags).Missing(); o.Str("group") != "" && !slices.Contains(untagged, o.Type) && len(missing) > 0 {
					t.Errorf("%s lacks the tags %v", o, missing)
				}
			}
		})
	}
}

// hiddenOf are the objects that the cloud made by itself.
func hiddenOf(objects []*cloud.Object) []*cloud.Object {
	return slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool { return !o.Hidden })
}

// What AKS changes of no pool that lives makes the pool anew, and only it.
func TestAnAzurePoolOfOtherMachinesIsReplacedAlone(t *testing.T) {
	t.Parallel()
	size, disk := cluster.Medium, 50
	e := withAzureCluster(t, func(a *cluster.Args) {
		a.Pools["general"] = cluster.Pool{Size: size, Capacity: cluster.OnDemand, Min: 2, Max: 6, DiskGiB: disk}
	}, func(*pulumi.Context, *azure.Driver, cluster.Outputs, ...pulumi.ResourceOption) error { return nil })
	ctx := context.Background()
	if _, err := e.Up(ctx); err != nil {
		t.Fatal(err)
	}
	size, disk = cluster.Large, 60
	changes, err := e.Up(ctx)
	if err != nil {
		t.Fatal(err)
	}
	// The component's record of its pools is what is updated.
	if want := (rehearsal.Changes{"replace": 1, "update": 1}); !maps.Equal(changes, want) {
		t.Errorf("changed: %v, want %v", changes, want)
	}
	for _, o := range e.Cloud.Inventory() {
		if o.Type == "azure-native:containerservice:AgentPool" && o.Str("agentPoolName") == "general" && o.Str("vmSize") != "Standard_D8s_v5" {
			t.Errorf("%s has machines of size %s", o, o.Str("vmSize"))
		}
	}
}
