package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/chart"
)

const (
	autoscalerNamespace = "kube-system"
	autoscalerAccount   = "cluster-autoscaler"
)

// autoscaler registers what the cluster autoscaler may do, and describes its chart, whose minor version
// is the cluster's (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/README.md#releases).
func (d *Driver) autoscaler(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) (*cluster.Autoscaler, error) {
	logical := name + "-autoscaler"
	role, _, err := d.serviceRole(ctx, logical, trustPods(), nil, args.Tags, parent)
	if err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, logical+"-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, logical)), Role: role.Name, Policy: policyJSON(d.scaleStatements(control.Name)...),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("policy of the autoscaler: %w", err)
	}
	association, err := eks.NewPodIdentityAssociation(ctx, logical+"-pod-identity", &eks.PodIdentityAssociationArgs{
		ClusterName: control.Name, Namespace: pulumi.String(autoscalerNamespace),
		ServiceAccount: pulumi.String(autoscalerAccount), RoleArn: role.Arn, Tags: tagMap(args.Tags, logical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("pod identity of the autoscaler: %w", err)
	}
	from := chart.ClusterAutoscaler
	return &cluster.Autoscaler{
		Chart: from.Chart, Version: from.Version, Repository: from.Repository,
		Namespace: autoscalerNamespace, ServiceAccount: autoscalerAccount,
		// A pod that starts before its identity is associated never gets one
		// (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html).
		Ready: []pulumi.Resource{policy, association},
		Values: pulumi.Map{
			"awsRegion":     pulumi.String(d.s.Region),
			"autoDiscovery": pulumi.Map{"clusterName": control.Name},
			// It runs where it never has to start a node for itself.
			"nodeSelector": pulumi.Map{cluster.SystemTaint: pulumi.String("true")},
			"tolerations": pulumi.Array{pulumi.Map{
				"key": pulumi.String(cluster.SystemTaint), "operator": pulumi.String("Exists"), "effect": pulumi.String("NoSchedule"),
			}},
		},
	}, nil
}

// scaleStatements: what only looks cannot be bound to a resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html);
// what changes is bound to this cluster's own groups by their tag.
func (d *Driver) scaleStatements(control pulumi.StringOutput) []statement {
	return []statement{
		{
			Sid: "Look",
			Actions: []string{
				"autoscaling:DescribeAutoScalingGroups", "autoscaling:DescribeAutoScalingInstances",
				"autoscaling:DescribeLaunchConfigurations", "autoscaling:DescribeScalingActivities", "autoscaling:DescribeTags",
				"ec2:DescribeImages", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplateVersions",
				"ec2:GetInstanceTypesFromInstanceRequirements",
			},
			Resources: texts("*"),
		},
		{
			Sid:       "Scale",
			Actions:   []string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"},
			Resources: texts("*"),
			Conditions: []condition{{
				Operator: "StringEquals", Key: "aws:ResourceTag/eks:cluster-name", Values: []pulumi.StringInput{control},
			}},
		},
		{
			// Labels and taints of a pool without nodes, for a pod that only fits there. Node groups do not bear
			// the tag that their scaling groups do.
			Sid: "Describe", Actions: []string{"eks:DescribeNodegroup"},
			Resources: []pulumi.StringInput{
				pulumi.Sprintf("arn:%s:eks:%s:%s:nodegroup/%s/*/*", d.s.Partition, d.s.Region, d.s.Account, control),
			},
		},
	}
}
