package gcp

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/naming"
)

// The roles by which principals reach a cluster's API: GKE asks IAM before it asks the cluster's own rules. Who
// views sees no Kubernetes secrets (https://cloud.google.com/kubernetes-engine/docs/how-to/iam#predefined).
const (
	adminRole = "roles/container.admin"
	viewRole  = "roles/container.viewer"
)

// principals are those whom IAM knows, and never everyone
// (https://cloud.google.com/iam/docs/principal-identifiers).
var principals = regexp.MustCompile(`^(user|group|serviceAccount|principal|principalSet):.+$`)

// clusterAccess returns what must stand before anybody reaches the API. The roles are given on the project, since
// a cluster has no policy of its own, and hold for this cluster alone
// (https://cloud.google.com/iam/docs/conditions-resource-attributes).
func (d *Driver) clusterAccess(
	ctx *pulumi.Context, name string, control *container.Cluster, args cluster.Args, parent pulumi.Resource,
) (granted []any, err error) {
	for _, principal := range append(slices.Clone(args.Admins), args.Viewers...) {
		if !principals.MatchString(principal) {
			return nil, fmt.Errorf("admins, viewers: value %q: a member is allowed, as user:, group:, serviceAccount:, principal: or principalSet: and a name", principal)
		}
		role := viewRole
		if slices.Contains(args.Admins, principal) {
			role = adminRole
		}
		made, err := projects.NewIAMMember(ctx, name+"-access-"+naming.Fit(accessName, principal),
			d.memberArgs(role, principal, control), d.under(parent))
		if err != nil {
			return nil, fmt.Errorf("access of %s: %w", principal, err)
		}
		granted = append(granted, made.ID())
	}
	return granted, nil
}

// memberArgs give somebody a role on one cluster.
func (d *Driver) memberArgs(role, member string, control *container.Cluster) *projects.IAMMemberArgs {
	return &projects.IAMMemberArgs{
		Project: pulumi.String(d.s.Project), Role: pulumi.String(role), Member: pulumi.String(member),
		Condition: projects.IAMMemberConditionArgs{
			Title:      pulumi.Sprintf("cluster %s", control.Name),
			Expression: withinCluster(control),
		},
	}
}

// withinCluster holds for the cluster and for what is inside it, whose names begin with the cluster's
// (https://cloud.google.com/asset-inventory/docs/asset-names).
func withinCluster(control *container.Cluster) pulumi.StringOutput {
	return pulumi.Sprintf(`resource.service == "container.googleapis.com" && (resource.name == "%s" || resource.name.startsWith("%s/"))`,
		control.ID(), control.ID())
}

// accessName is the room for a principal in a logical name: an e-mail address mostly fits whole.
const accessName = 60
