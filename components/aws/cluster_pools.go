package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/autoscaling"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// pools registers a launch template and a node group for each system pool; groups are their scaling groups. The nodes of
// the others are Karpenter's work, which runs in these; doors reach services through these too, since a node here stays
// where it is, and passes on to any other
// (https://kubernetes.io/docs/tasks/access-application-cluster/create-external-load-balancer/#preserving-the-client-source-ip).
// machines is the role of all nodes.
func (d *Driver) pools(
	ctx *pulumi.Context, name string, control *eks.Cluster, disks pulumi.StringOutput, args cluster.Args,
	ready []pulumi.Resource, parent pulumi.Resource,
) (nodes []pulumi.Resource, groups map[string]pulumi.StringOutput, machines *iam.Role, err error) {
	role, attached, err := d.serviceRole(ctx, name+"-nodes", trust([]string{"sts:AssumeRole"}, "ec2.amazonaws.com"),
		[]string{"AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"}, args.Tags, parent)
	if err != nil {
		return nil, nil, nil, err
	}
	groups = map[string]pulumi.StringOutput{}
	for _, pool := range slices.Sorted(maps.Keys(args.Pools)) {
		p, logical := args.Pools[pool], name+"-pool-"+pool
		if !p.System {
			continue
		}
		template, err := ec2.NewLaunchTemplate(ctx, logical+"-template", d.templateArgs(logical, p, disks, args), pulumi.Parent(parent))
		if err != nil {
			return nil, nil, nil, fmt.Errorf("launch template of pool %s: %w", pool, err)
		}
		spec, err := d.nodeGroupArgs(logical, pool, p, control.Name, role.Arn, template, args)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		group, err := eks.NewNodeGroup(ctx, logical, spec, pulumi.Parent(parent),
			pulumi.DependsOn(append(slices.Clone(ready), attached...)))
		if err != nil {
			return nil, nil, nil, fmt.Errorf("node group of pool %s: %w", pool, err)
		}
		nodes = append(nodes, group)
		scaling := scalingGroup(group)
		if err := d.tagScalingGroup(ctx, logical, scaling, args, parent); err != nil {
			return nil, nil, nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		groups[pool] = scaling
	}
	return nodes, groups, role, nil
}

func scalingGroup(group *eks.NodeGroup) pulumi.StringOutput {
	return group.Resources.ApplyT(func(resources []eks.NodeGroupResource) (string, error) {
		if len(resources) == 0 || len(resources[0].AutoscalingGroups) == 0 {
			return "", fmt.Errorf("EKS named no scaling group")
		}
		return text0(resources[0].AutoscalingGroups[0].Name), nil
	}).(pulumi.StringOutput)
}

// tagScalingGroup puts on a pool's scaling group the owner's tags, which EKS does not pass on to it
// (https://github.com/aws/containers-roadmap/issues/608). Machines get theirs by the launch template.
func (d *Driver) tagScalingGroup(
	ctx *pulumi.Context, logical string, group pulumi.StringOutput, args cluster.Args, parent pulumi.Resource,
) error {
	for _, key := range args.Tags.Keys() {
		if _, err := autoscaling.NewTag(ctx, logical+"-group-tag-"+key, &autoscaling.TagArgs{
			AutoscalingGroupName: group,
			Tag: autoscaling.TagTagArgs{
				Key: pulumi.String(key), Value: pulumi.String(args.Tags[key]), PropagateAtLaunch: pulumi.Bool(false),
			},
		}, pulumi.Parent(parent)); err != nil {
			return fmt.Errorf("tag %s of the scaling group: %w", key, err)
		}
	}
	return nil
}

// templateArgs: no pod reaches the node's credentials (one hop), disks are encrypted, and what a node
// brings along is tagged, which a node group's own tags are not passed on to
// (https://docs.aws.amazon.com/eks/latest/userguide/launch-templates.html).
func (d *Driver) templateArgs(
	logical string, pool cluster.Pool, disks pulumi.StringOutput, args cluster.Args,
) *ec2.LaunchTemplateArgs {
	physical := d.physical(KindLaunchTemplate, logical)
	tagged := ec2.LaunchTemplateTagSpecificationArray{}
	for _, kind := range []string{"instance", "volume", "network-interface"} {
		tagged = append(tagged, ec2.LaunchTemplateTagSpecificationArgs{
			ResourceType: pulumi.String(kind), Tags: tagMap(args.Tags, physical),
		})
	}
	return &ec2.LaunchTemplateArgs{
		Name: pulumi.String(physical), UpdateDefaultVersion: pulumi.Bool(true),
		MetadataOptions: ec2.LaunchTemplateMetadataOptionsArgs{
			HttpEndpoint: pulumi.String("enabled"), HttpTokens: pulumi.String("required"), HttpPutResponseHopLimit: pulumi.Int(1),
		},
		BlockDeviceMappings: ec2.LaunchTemplateBlockDeviceMappingArray{ec2.LaunchTemplateBlockDeviceMappingArgs{
			DeviceName: pulumi.String("/dev/xvda"),
			Ebs: ec2.LaunchTemplateBlockDeviceMappingEbsArgs{
				VolumeType: pulumi.String("gp3"), VolumeSize: pulumi.Int(pool.DiskGiB), Encrypted: pulumi.String("true"),
				KmsKeyId: disks, DeleteOnTermination: pulumi.String("true"),
			},
		}},
		TagSpecifications: tagged, Tags: tagMap(args.Tags, physical),
	}
}

func (d *Driver) nodeGroupArgs(
	logical, name string, pool cluster.Pool, control, role pulumi.StringOutput, template *ec2.LaunchTemplate, args cluster.Args,
) (*eks.NodeGroupArgs, error) {
	types, err := poolTypes(pool.Size, pool.Capacity)
	if err != nil {
		return nil, err
	}
	physical := d.physical(KindNodeGroup, logical)
	spec := &eks.NodeGroupArgs{
		ClusterName: control, NodeGroupName: pulumi.String(physical), NodeRoleArn: role,
		SubnetIds: subnetIDs(args.Network.PrivateSubnets), InstanceTypes: pulumi.ToStringArray(types),
		AmiType: pulumi.String("AL2023_x86_64_STANDARD"), CapacityType: pulumi.String("ON_DEMAND"), Version: pulumi.String(args.Version),
		ScalingConfig: eks.NodeGroupScalingConfigArgs{
			MinSize: pulumi.Int(pool.Min), MaxSize: pulumi.Int(pool.Max), DesiredSize: pulumi.Int(pool.Min),
		},
		UpdateConfig: eks.NodeGroupUpdateConfigArgs{MaxUnavailablePercentage: pulumi.Int(33)},
		LaunchTemplate: eks.NodeGroupLaunchTemplateArgs{
			Id:      template.ID().ToStringOutput().ToStringPtrOutput(),
			Version: template.LatestVersion.ApplyT(func(v int) string { return fmt.Sprint(v) }).(pulumi.StringOutput),
		},
		NodeRepairConfig: eks.NodeGroupNodeRepairConfigArgs{Enabled: pulumi.Bool(true)},
		Tags:             tagMap(args.Tags, physical),
	}
	labels := pulumi.StringMap{cluster.PoolLabel: pulumi.String(name)}
	taint := func(key string) eks.NodeGroupTaintArgs {
		labels[key] = pulumi.String("true")
		return eks.NodeGroupTaintArgs{Key: pulumi.String(key), Value: pulumi.String("true"), Effect: pulumi.String("NO_SCHEDULE")}
	}
	var taints eks.NodeGroupTaintArray
	if pool.Capacity == cluster.Spot {
		spec.CapacityType = pulumi.String("SPOT")
		taints = append(taints, taint(cluster.SpotTaint))
	}
	if pool.System {
		taints = append(taints, taint(cluster.SystemTaint))
	}
	if taints != nil {
		spec.Taints = taints
	}
	spec.Labels = labels
	return spec, nil
}
