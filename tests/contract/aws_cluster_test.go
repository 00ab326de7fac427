package contract

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	driver "platform/components/aws"
	"platform/components/cluster"
	"platform/components/network"
	"platform/components/tags"
)

func TestAClusterIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	built := lifecycle(t, open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, networkArgs(network.NATSingle), opts...)
		if err != nil {
			return err
		}
		_, err = cluster.New(ctx, "cluster", d, cluster.Args{
			Version: "1.33", LogDays: 7, Tags: owned, Network: n.Outputs,
			Admins: []string{"arn:aws:iam::111122223333:role/pipeline"}, Viewers: []string{"arn:aws:iam::111122223333:role/engineers"},
			Pools: map[string]cluster.Pool{
				"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50},
				"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 0, Max: 6, DiskGiB: 50},
				"spot":    {Size: cluster.Medium, Capacity: cluster.Spot, Min: 0, Max: 6, DiskGiB: 50},
			},
		}, opts...)
		return err
	}))
	for _, typ := range []string{"ec2:instance", "ec2:volume"} {
		if got := count(built, typ); got != 2 {
			t.Errorf("%s: %d exist, want one for each of the 2 nodes of the system pool", typ, got)
		}
	}
	for _, o := range built {
		madeByEKS := slices.Contains([]string{"ec2:instance", "ec2:volume", "ec2:security-group", "autoscaling:group"}, o.Type) && !o.Bool("default")
		if missing := tags.Set(o.Tags).Missing(); (madeByEKS || o.Outputs["tagsAll"] != nil) && len(missing) > 0 {
			t.Errorf("%s lacks the tags %v", o, missing)
		}
	}
}
