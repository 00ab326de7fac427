package azure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
)

// teamAccess lets a team's people fetch the way to the API. What they may do behind it, roles of Kubernetes say:
// Azure's own are asked first, and give them nothing (https://learn.microsoft.com/azure/aks/manage-azure-rbac).
func (d *Driver) teamAccess(
	ctx *pulumi.Context, name string, control *containerservice.ManagedCluster, args cluster.Args, parent pulumi.Resource,
) error {
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		if _, err := d.assignGroup(ctx, name+"-team-"+team, builtin.ClusterUser, args.Teams[team], control.ID(), parent); err != nil {
			return fmt.Errorf("access of team %s: %w", team, err)
		}
	}
	return nil
}
