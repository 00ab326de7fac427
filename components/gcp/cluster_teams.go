package gcp

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// connectRole finds a cluster and connects to its API, where it may do nothing
// (https://cloud.google.com/kubernetes-engine/docs/how-to/iam#predefined).
const connectRole = "roles/container.clusterViewer"

// groupOfGroups is the one group whose members are the groups that a cluster knows; it has this name, and the
// company makes the teams' groups its members
// (https://cloud.google.com/kubernetes-engine/docs/how-to/google-groups-rbac#setup-group).
func groupOfGroups(teams map[string]string) (string, error) {
	domain := ""
	for _, team := range slices.Sorted(maps.Keys(teams)) {
		_, of, ok := strings.Cut(teams[team], "@")
		if !ok || domain != "" && of != domain {
			return "", fmt.Errorf("teams.%s: value %q: the address of a group is allowed, all of one domain", team, teams[team])
		}
		domain = of
	}
	if domain == "" {
		return "", nil
	}
	return "gke-security-groups@" + domain, nil
}

// teamAccess lets a team's people connect to this cluster alone.
func (d *Driver) teamAccess(
	ctx *pulumi.Context, name string, control *container.Cluster, args cluster.Args, parent pulumi.Resource,
) error {
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		if _, err := projects.NewIAMMember(ctx, name+"-team-"+team, d.memberArgs(connectRole, "group:"+args.Teams[team], control), d.under(parent)); err != nil {
			return fmt.Errorf("access of team %s: %w", team, err)
		}
	}
	return nil
}
