package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// teamGroup leads the names of teams' groups inside a cluster; AWS keeps some beginnings for itself, system: and
// eks: among them (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
const teamGroup = "platform:team:"

// teamAccess lets the role that a team's people take on reach the API, as a group without any access policy. A
// team names its role without the account, since each environment may have one of its own.
func (d *Driver) teamAccess(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) (map[string]string, error) {
	groups := map[string]string{}
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		logical, role := name+"-team-"+team, fmt.Sprintf("arn:%s:iam::%s:role/%s", d.s.Partition, d.s.Account, args.Teams[team])
		if slices.Contains(args.Admins, role) || slices.Contains(args.Viewers, role) {
			return nil, fmt.Errorf("teams.%s: value %q: an administrator or a viewer has this role, and a principal has one entry", team, args.Teams[team])
		}
		groups[team] = teamGroup + team
		if _, err := eks.NewAccessEntry(ctx, logical, &eks.AccessEntryArgs{
			ClusterName: control.Name, PrincipalArn: pulumi.String(role), Type: pulumi.String("STANDARD"),
			KubernetesGroups: pulumi.ToStringArray([]string{groups[team]}), Tags: tagMap(args.Tags, logical),
		}, pulumi.Parent(parent)); err != nil {
			return nil, fmt.Errorf("access of team %s: %w", team, err)
		}
	}
	return groups, nil
}
