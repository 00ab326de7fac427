package aws

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// provisioner registers what Karpenter may do, as whom its machines run and whence it learns which of them are about to be
// taken back, and describes what it makes.
func (d *Driver) provisioner(
	ctx *pulumi.Context, name string, control *eks.Cluster, disks, security pulumi.StringOutput, nodes *iam.Role, args cluster.Args,
	parent pulumi.Resource,
) (*cluster.Provisioner, error) {
	logical := name + "-provisioner"
	role, _, err := d.serviceRole(ctx, logical, trustPods(), nil, args.Tags, parent)
	if err != nil {
		return nil, err
	}
	told, err := d.interruptions(ctx, name, role.Arn, args, parent)
	if err != nil {
		return nil, err
	}
	profile, err := d.machineProfile(ctx, name, nodes, args, parent)
	if err != nil {
		return nil, err
	}
	policy, err := iam.NewRolePolicy(ctx, logical+"-policy", &iam.RolePolicyArgs{
		Name: pulumi.String(d.physical(KindRolePolicy, logical)), Role: role.Name,
		Policy: policyJSON(d.provisionStatements(d.physical(KindCluster, name), control.Arn, told.queue.Arn, nodes.Arn, security, args)...),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("policy of the provisioner: %w", err)
	}
	// Whoever starts a machine with an encrypted disk lets EC2 use the key in his name.
	grants, err := d.diskGrants(ctx, logical, role.Name, disks, parent)
	if err != nil {
		return nil, err
	}
	association, err := eks.NewPodIdentityAssociation(ctx, logical+"-pod-identity", &eks.PodIdentityAssociationArgs{
		ClusterName: control.Name, Namespace: pulumi.String(workload.Provisioner),
		ServiceAccount: pulumi.String(workload.Provisioner), RoleArn: role.Arn, Tags: tagMap(args.Tags, logical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("pod identity of the provisioner: %w", err)
	}
	classes, err := d.nodeClasses(profile.Name, disks, security, args)
	if err != nil {
		return nil, err
	}
	return &cluster.Provisioner{
		Settings: pulumi.Map{
			"clusterName": control.Name, "clusterEndpoint": control.Endpoint, "eksControlPlane": pulumi.Bool(true),
			"interruptionQueue": told.queue.Name,
			// Then it asks neither for the prices of machines, which only two regions tell, nor for profiles of machines: it
			// takes the prices of its release, and the profile that it is told
			// (https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/pkg/controllers/controllers.go).
			"isolatedVPC": pulumi.Bool(true),
		},
		Classes: classes,
		Ways: map[string]network.Way{
			"machines": args.Network.Ways[network.EndpointCompute], "interruptions": args.Network.Ways[network.EndpointQueues],
			"cluster": args.Network.Ways[network.EndpointIdentity], "identity": network.At([]int{podIdentityPort}, podIdentityRange),
		},
		// A pod that starts before its identity is associated never gets one
		// (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html).
		Ready: slices.Concat([]pulumi.Resource{policy, grants, association, profile}, told.ready),
	}, nil
}

// machineProfile lets machines run with the nodes' role. EKS knows the role from the system pool, which has it too
// (https://docs.aws.amazon.com/eks/latest/userguide/creating-access-entries.html).
func (d *Driver) machineProfile(
	ctx *pulumi.Context, name string, nodes *iam.Role, args cluster.Args, parent pulumi.Resource,
) (*iam.InstanceProfile, error) {
	physical := d.physical(KindInstanceProfile, name, "nodes")
	made, err := iam.NewInstanceProfile(ctx, name+"-nodes-profile", &iam.InstanceProfileArgs{
		Name: pulumi.String(physical), Role: nodes.Name, Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("profile of machines: %w", err)
	}
	return made, nil
}

// poolTag is what Karpenter puts on all it makes.
const poolTag = "karpenter.sh/nodepool"

// provisionStatements are those of the project's own reference, narrowed by names where it has none: subnets, the security
// group, the owner of images, the parameters of images
// (https://karpenter.sh/docs/reference/cloudformation/#karpentercontrollerpolicy). What is made must bear the cluster's tag,
// and only what bears it can be ended. Rights on prices and on profiles of machines are left out: it asks for neither.
func (d *Driver) provisionStatements(
	clusterName string, control, queue, nodes, security pulumi.StringOutput, args cluster.Args,
) []statement {
	compute := func(account string, parts ...string) []pulumi.StringInput {
		var out []pulumi.StringInput
		for _, part := range parts {
			out = append(out, pulumi.String(fmt.Sprintf("arn:%s:ec2:%s:%s:%s/*", d.s.Partition, d.s.Region, account, part)))
		}
		return out
	}
	tagged := func(of string) []condition {
		return []condition{
			{Operator: "StringEquals", Key: "aws:" + of + "Tag/kubernetes.io/cluster/" + clusterName, Values: texts("owned")},
			{Operator: "StringLike", Key: "aws:" + of + "Tag/" + poolTag, Values: texts("*")},
		}
	}
	places := []pulumi.StringInput{pulumi.Sprintf("arn:%s:ec2:%s:%s:security-group/%s", d.s.Partition, d.s.Region, d.s.Account, security)}
	for _, subnet := range args.Network.PrivateSubnets {
		places = append(places, pulumi.Sprintf("arn:%s:ec2:%s:%s:subnet/%s", d.s.Partition, d.s.Region, d.s.Account, subnet.ID))
	}
	launch, made := []string{"ec2:CreateFleet", "ec2:RunInstances"}, []string{"fleet", "instance", "launch-template", "network-interface", "spot-instances-request", "volume"}
	return []statement{
		{Sid: "Place", Actions: launch, Resources: places},
		{
			Sid: "Image", Actions: launch, Resources: compute("", "image"),
			Conditions: []condition{{Operator: "StringEquals", Key: "ec2:Owner", Values: texts("amazon")}},
		},
		{Sid: "ImageDisk", Actions: launch, Resources: compute("", "snapshot")}, // of an image, without which it starts nothing
		{Sid: "Launch", Actions: append(slices.Clone(launch), "ec2:CreateLaunchTemplate"), Resources: compute(d.s.Account, made...), Conditions: tagged("Request")},
		{Sid: "LaunchByTemplate", Actions: launch, Resources: compute(d.s.Account, "launch-template"), Conditions: tagged("Resource")},
		{
			Sid: "Tag", Actions: []string{"ec2:CreateTags"}, Resources: compute(d.s.Account, made...),
			Conditions: append(tagged("Request"), condition{
				Operator: "StringEquals", Key: "ec2:CreateAction", Values: texts("CreateFleet", "CreateLaunchTemplate", "RunInstances"),
			}),
		},
		{
			Sid: "TagLater", Actions: []string{"ec2:CreateTags"}, Resources: compute(d.s.Account, "instance"),
			Conditions: append(tagged("Resource"), condition{
				Operator: "ForAllValues:StringEquals", Key: "aws:TagKeys", Values: texts("Name", "eks:eks-cluster-name", "karpenter.sh/nodeclaim"),
			}),
		},
		{
			Sid: "End", Actions: []string{"ec2:DeleteLaunchTemplate", "ec2:TerminateInstances"}, Resources: compute(d.s.Account, "instance", "launch-template"),
			Conditions: tagged("Resource"),
		},
		{
			Sid: "Look",
			Actions: []string{
				"ec2:DescribeAvailabilityZones", "ec2:DescribeImages", "ec2:DescribeInstanceStatus", "ec2:DescribeInstanceTypeOfferings",
				"ec2:DescribeInstanceTypes", "ec2:DescribeInstances", "ec2:DescribeLaunchTemplates", "ec2:DescribeSecurityGroups",
				"ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets",
			},
			Resources:  texts("*"),
			Conditions: []condition{{Operator: "StringEquals", Key: "aws:RequestedRegion", Values: texts(d.s.Region)}},
		},
		{
			Sid: "FindImage", Actions: []string{"ssm:GetParameter"},
			Resources: texts(fmt.Sprintf("arn:%s:ssm:%s::parameter/aws/service/eks/optimized-ami/*", d.s.Partition, d.s.Region)),
		},
		{
			Sid: "Learn", Actions: []string{"sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"}, Resources: []pulumi.StringInput{queue},
		},
		{
			Sid: "PassRole", Actions: []string{"iam:PassRole"}, Resources: []pulumi.StringInput{nodes},
			Conditions: []condition{{Operator: "StringEquals", Key: "iam:PassedToService", Values: texts("ec2.amazonaws.com")}},
		},
		{Sid: "Describe", Actions: []string{"eks:DescribeCluster"}, Resources: []pulumi.StringInput{control}},
	}
}
