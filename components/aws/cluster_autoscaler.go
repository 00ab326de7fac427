package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

const (
	autoscalerNamespace = "kube-system"
	autoscalerAccount   = "cluster-autoscaler"
)

// autoscaler registers what the cluster autoscaler may do, and describes its chart. Managed node
// groups bear the tags by which it finds them
// (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/cloudprovider/aws/README.md).
func (d *Driver) autoscaler(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) (*cluster.Autoscaler, error) {
	logical := name + "-autoscaler"
	role, _, err := d.serviceRole(ctx, logical, trustPods(), nil, args.Tags, parent)
	if err != nil {
		return nil, err
	}
	if _, err := iam.NewRolePolicy(ctx, logical+"-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, logical)), Role: role.Name, Policy: policyJSON(scaleStatements(control.Name)...),
	}, pulumi.Parent(parent)); err != nil {
		return nil, fmt.Errorf("policy of the autoscaler: %w", err)
	}
	if _, err := eks.NewPodIdentityAssociation(ctx, logical+"-pod-identity", &eks.PodIdentityAssociationArgs{
		ClusterName: control.Name, Namespace: pulumi.String(autoscalerNamespace),
		ServiceAccount: pulumi.String(autoscalerAccount), RoleArn: role.Arn, Tags: tagMap(args.Tags, logical),
	}, pulumi.Parent(parent)); err != nil {
		return nil, fmt.Errorf("pod identity of the autoscaler: %w", err)
	}
	return &cluster.Autoscaler{
		Chart: "cluster-autoscaler", Version: "9.50.1", Repository: "https://kubernetes.github.io/autoscaler",
		Namespace: autoscalerNamespace, ServiceAccount: autoscalerAccount,
		Values: pulumi.Map{
			"awsRegion":     pulumi.String(d.s.Region),
			"autoDiscovery": pulumi.Map{"clusterName": control.Name},
		},
	}, nil
}

// scaleStatements: what only looks cannot be bound to a resource
// (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html);
// what changes is bound to this cluster's own groups by their tag.
func scaleStatements(control pulumi.StringOutput) []statement {
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
			Actions:   []string{"autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup", "eks:DescribeNodegroup"},
			Resources: texts("*"),
			Conditions: []condition{{
				Operator: "StringEquals", Key: "aws:ResourceTag/eks:cluster-name", Values: []pulumi.StringInput{control},
			}},
		},
	}
}
