package aws

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// addonVersions are pinned by minor version of Kubernetes, and no other version is offered; `aws eks describe-addon-versions
// --kubernetes-version` lists what EKS offers
// (https://docs.aws.amazon.com/eks/latest/userguide/updating-an-add-on.html).
var addonVersions = map[string]map[string]string{
	"1.33": {
		"vpc-cni":                "v1.19.5-eksbuild.1",
		"kube-proxy":             "v1.33.0-eksbuild.2",
		"eks-pod-identity-agent": "v1.3.8-eksbuild.2",
		"coredns":                "v1.12.1-eksbuild.2",
		"aws-ebs-csi-driver":     "v1.48.0-eksbuild.1",
		"metrics-server":         "v0.8.0-eksbuild.2",
	},
}

// addon is one managed add-on.
type addon struct {
	name           string
	configuration  map[string]any
	serviceAccount string // that takes a role
	policy         string // of this role
}

// onSystem lets an add-on's deployments onto the system pool.
var onSystem = []map[string]any{{"key": cluster.SystemTaint, "operator": "Exists", "effect": "NoSchedule"}}

// addonsBeforeNodes are those without which a node does not become ready.
func (d *Driver) addonsBeforeNodes(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, a := range []addon{
		// Network policies are enforced by the CNI's agent
		// (https://docs.aws.amazon.com/eks/latest/userguide/cni-network-policy-configure.html).
		{
			name: "vpc-cni", configuration: map[string]any{"enableNetworkPolicy": "true"},
			serviceAccount: "aws-node", policy: "AmazonEKS_CNI_Policy",
		},
		{name: "kube-proxy"},
		{name: "eks-pod-identity-agent"},
	} {
		made, err := d.addon(ctx, name, control, args, a, nil, nil, parent)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	return out, nil
}

// addonsOnNodes become healthy only where there are nodes.
func (d *Driver) addonsOnNodes(
	ctx *pulumi.Context, name string, control *eks.Cluster, disks pulumi.StringOutput, args cluster.Args,
	nodes []pulumi.Resource, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, a := range []addon{
		{name: "coredns", configuration: map[string]any{
			"tolerations": onSystem, "nodeSelector": map[string]string{cluster.SystemTaint: "true"},
		}},
		{
			name: "aws-ebs-csi-driver", serviceAccount: "ebs-csi-controller-sa", policy: "service-role/AmazonEBSCSIDriverPolicy",
			configuration: map[string]any{"controller": map[string]any{"tolerations": onSystem}},
		},
		// EKS brings no metrics of pods by itself, for which their autoscalers wait. It is a community add-on: EKS
		// installs and removes it, and chooses versions that fit its own
		// (https://docs.aws.amazon.com/eks/latest/userguide/community-addons.html#kubernetes-metrics-server).
		{name: "metrics-server", configuration: map[string]any{
			"tolerations": onSystem, "nodeSelector": map[string]string{cluster.SystemTaint: "true"},
		}},
	} {
		made, err := d.addon(ctx, name, control, args, a, &disks, nodes, parent)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	return out, nil
}

func (d *Driver) addon(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, a addon, disks *pulumi.StringOutput,
	after []pulumi.Resource, parent pulumi.Resource,
) (*eks.Addon, error) {
	logical := name + "-addon-" + a.name
	spec := &eks.AddonArgs{
		ClusterName: control.Name, AddonName: pulumi.String(a.name), AddonVersion: pulumi.String(addonVersions[args.Version][a.name]),
		ResolveConflictsOnCreate: pulumi.String("OVERWRITE"), ResolveConflictsOnUpdate: pulumi.String("OVERWRITE"),
		Tags: tagMap(args.Tags, logical),
	}
	if a.configuration != nil {
		raw, err := json.Marshal(a.configuration)
		if err != nil {
			return nil, err
		}
		spec.ConfigurationValues = pulumi.String(string(raw))
	}
	if a.serviceAccount != "" {
		role, attached, err := d.serviceRole(ctx, logical, trustPods(), []string{a.policy}, args.Tags, parent)
		if err != nil {
			return nil, err
		}
		after = append(slices.Clone(after), attached...)
		if disks != nil {
			grants, err := d.diskGrants(ctx, logical, role.Name, *disks, parent)
			if err != nil {
				return nil, err
			}
			after = append(after, grants)
		}
		spec.PodIdentityAssociations = eks.AddonPodIdentityAssociationArray{eks.AddonPodIdentityAssociationArgs{
			RoleArn: role.Arn, ServiceAccount: pulumi.String(a.serviceAccount),
		}}
	}
	made, err := eks.NewAddon(ctx, logical, spec, pulumi.Parent(parent), pulumi.DependsOn(after))
	if err != nil {
		return nil, fmt.Errorf("add-on %s: %w", a.name, err)
	}
	return made, nil
}
