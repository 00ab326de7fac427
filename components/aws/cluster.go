package aws

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/eks"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// controlPlaneLogs are all that EKS offers
// (https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html).
var controlPlaneLogs = []string{"api", "audit", "authenticator", "controllerManager", "scheduler"}

// CreateCluster builds an EKS cluster: control plane, access, add-ons and pools, in this order.
func (d *Driver) CreateCluster(
	ctx *pulumi.Context, name string, args cluster.Args, parent pulumi.Resource,
) (cluster.Outputs, error) {
	physical := d.physical(KindCluster, name)
	control, err := d.controlPlane(ctx, name, physical, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	security, err := clusterSecurityGroup(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	access, err := d.clusterAccess(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	teams, err := d.teamAccess(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	issuer := issuerOf(control)
	tokens, err := iam.NewOpenIdConnectProvider(ctx, name+"-oidc", &iam.OpenIdConnectProviderArgs{
		Url: issuer, ClientIdLists: pulumi.ToStringArray([]string{tokenAudience}), Tags: tagMap(args.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return cluster.Outputs{}, fmt.Errorf("OIDC provider: %w", err)
	}
	before, err := d.addonsBeforeNodes(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	disks, err := d.key(ctx, name+"-disk-key", "Disks of cluster "+physical, args.Tags, d.diskKeyStatements(), parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	nodes, groups, machines, err := d.pools(ctx, name, control, disks.Arn, args, append(before, args.Network.EndpointsReady...), parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	after, err := d.addonsOnNodes(ctx, name, control, disks.Arn, args, nodes, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	provisioner, err := d.provisioner(ctx, name, control, disks.Arn, security, machines, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	return cluster.Outputs{
		Name: control.Name, Endpoint: control.Endpoint, WorkloadIssuer: issuer,
		Kubeconfig:   kubeconfig(control, d.s.Region, access),
		Nodes:        append(nodes, after...),
		StorageClass: d.storageClass(disks.Arn, args), Provisioner: provisioner, NodeSecurityGroup: security, PoolGroups: groups,
		TeamGroups: teams, Identity: network.At([]int{podIdentityPort}, podIdentityRange),
		// https://github.com/aws/amazon-vpc-cni-k8s/blob/master/config/master/aws-k8s-cni.yaml
		Names:        workload.CoreDNS,
		PluginFolder: "/opt/cni/bin",
		Exchange:     args.Network.Ways[network.EndpointIdentity], API: apiOf(args),
		Details: map[string]pulumi.StringOutput{detailTokenProvider: tokens.Arn},
	}, nil
}

// detailTokenProvider leads to what IAM knows the issuer of the cluster's tokens by.
const detailTokenProvider = "token-provider"

// The agent of pods' identities answers on each node at an address of the link
// (https://docs.aws.amazon.com/eks/latest/userguide/pod-id-how-it-works.html).
const (
	podIdentityRange = "169.254.170.23/32"
	podIdentityPort  = 80
)

// apiOf: EKS gives the control plane interfaces in the nodes' own subnets, at which it answers and out of which it asks
// (https://docs.aws.amazon.com/eks/latest/best-practices/subnets.html).
func apiOf(args cluster.Args) cluster.API {
	way := network.At([]int{network.TLSPort}, args.Network.PrivateRanges...)
	return cluster.API{Way: way, From: way.Ranges}
}

// text0 is the text that a pointer leads to, or none.
func text0(p *string) string {
	if p == nil {
		return ""
	}
	return *p
}

func issuerOf(control *eks.Cluster) pulumi.StringOutput {
	return control.Identities.ApplyT(func(identities []eks.ClusterIdentity) (string, error) {
		if len(identities) == 0 || len(identities[0].Oidcs) == 0 {
			return "", fmt.Errorf("EKS named no OIDC issuer")
		}
		return text0(identities[0].Oidcs[0].Issuer), nil
	}).(pulumi.StringOutput)
}

func (d *Driver) controlPlane(
	ctx *pulumi.Context, name, physical string, args cluster.Args, parent pulumi.Resource,
) (*eks.Cluster, error) {
	key, err := d.key(ctx, name+"-secrets-key", "Kubernetes secrets of cluster "+physical, args.Tags, nil, parent)
	if err != nil {
		return nil, err
	}
	// EKS writes into a group of this name, and makes it without key, retention and tags if it is missing.
	group, err := d.logGroup(ctx, name+"-logs", "/aws/eks/"+physical+"/cluster", args.LogDays, args.Tags, parent)
	if err != nil {
		return nil, err
	}
	role, attached, err := d.serviceRole(ctx, name+"-control-plane", trust([]string{"sts:AssumeRole", "sts:TagSession"}, "eks.amazonaws.com"),
		[]string{"AmazonEKSClusterPolicy"}, args.Tags, parent)
	if err != nil {
		return nil, err
	}
	control, err := eks.NewCluster(ctx, name+"-control-plane", d.controlPlaneArgs(physical, role.Arn, key.Arn, args),
		// While the role lacks its policy, EKS cannot take back the network interfaces that it made.
		pulumi.Parent(parent), pulumi.DependsOn(append(attached, group)),
		// The provider's version 6 has no deletion protection of EKS's own, so the engine refuses instead.
		pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return nil, fmt.Errorf("control plane: %w", err)
	}
	return control, nil
}

func (d *Driver) controlPlaneArgs(
	physical string, role, key pulumi.StringOutput, args cluster.Args,
) *eks.ClusterArgs {
	access := eks.ClusterVpcConfigArgs{
		SubnetIds:             subnetIDs(args.Network.PrivateSubnets),
		EndpointPrivateAccess: pulumi.Bool(true),
		EndpointPublicAccess:  pulumi.Bool(len(args.PublicAccess) > 0),
	}
	if len(args.PublicAccess) > 0 {
		access.PublicAccessCidrs = pulumi.ToStringArray(args.PublicAccess)
	}
	return &eks.ClusterArgs{
		Name: pulumi.String(physical), Version: pulumi.String(args.Version), RoleArn: role, VpcConfig: access,
		AccessConfig: eks.ClusterAccessConfigArgs{
			AuthenticationMode:                      pulumi.String("API"),
			BootstrapClusterCreatorAdminPermissions: pulumi.Bool(false),
		},
		// The add-ons that EKS would install by itself have no pinned version.
		BootstrapSelfManagedAddons: pulumi.Bool(false),
		EncryptionConfig: eks.ClusterEncryptionConfigArgs{
			Provider:  eks.ClusterEncryptionConfigProviderArgs{KeyArn: key},
			Resources: pulumi.ToStringArray([]string{"secrets"}),
		},
		EnabledClusterLogTypes: pulumi.ToStringArray(controlPlaneLogs),
		Tags:                   tagMap(args.Tags, physical),
	}
}

// clusterSecurityGroup is the group that EKS makes for the control plane and the nodes. EKS does not pass
// the cluster's tags on to it (https://github.com/aws/containers-roadmap/issues/977).
func clusterSecurityGroup(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) (pulumi.StringOutput, error) {
	group := control.VpcConfig.ApplyT(func(c eks.ClusterVpcConfig) string {
		return text0(c.ClusterSecurityGroupId)
	}).(pulumi.StringOutput)
	for _, key := range args.Tags.Keys() {
		if _, err := ec2.NewTag(ctx, name+"-security-group-tag-"+key, &ec2.TagArgs{
			ResourceId: group, Key: pulumi.String(key), Value: pulumi.String(args.Tags[key]),
		}, pulumi.Parent(parent)); err != nil {
			return group, fmt.Errorf("tag %s of the cluster's security group: %w", key, err)
		}
	}
	return group, nil
}

// accessPolicies are EKS's own
// (https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html).
const (
	adminAccess = "AmazonEKSClusterAdminPolicy"
	viewAccess  = "AmazonEKSViewPolicy"
)

// clusterAccess returns what must stand before anybody reaches the API.
func (d *Driver) clusterAccess(
	ctx *pulumi.Context, name string, control *eks.Cluster, args cluster.Args, parent pulumi.Resource,
) (granted []any, err error) {
	for _, principal := range append(slices.Clone(args.Admins), args.Viewers...) {
		policy := viewAccess
		if slices.Contains(args.Admins, principal) {
			policy = adminAccess
		}
		logical := name + "-access-" + principalName(principal)
		entry, err := eks.NewAccessEntry(ctx, logical, &eks.AccessEntryArgs{
			ClusterName: control.Name, PrincipalArn: pulumi.String(principal), Type: pulumi.String("STANDARD"),
			Tags: tagMap(args.Tags, logical),
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("access of %s: %w", principal, err)
		}
		association, err := eks.NewAccessPolicyAssociation(ctx, logical+"-policy", &eks.AccessPolicyAssociationArgs{
			ClusterName: control.Name, PrincipalArn: entry.PrincipalArn,
			PolicyArn:   pulumi.String("arn:" + d.s.Partition + ":eks::aws:cluster-access-policy/" + policy),
			AccessScope: eks.AccessPolicyAssociationAccessScopeArgs{Type: pulumi.String("cluster")},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("access policy of %s: %w", principal, err)
		}
		granted = append(granted, association.ID())
	}
	return granted, nil
}

// kubeconfig asks the AWS command for a token, so it holds no credential
// (https://docs.aws.amazon.com/eks/latest/userguide/create-kubeconfig.html). It waits for the access, and
// so what uses it is built after the access and gone before it.
func kubeconfig(control *eks.Cluster, region string, access []any) pulumi.StringOutput {
	parts := append([]any{control.Name, control.Endpoint, control.CertificateAuthority}, access...)
	return pulumi.All(parts...).ApplyT(func(all []any) (string, error) {
		return kubeconfigText(all[0].(string), all[1].(string), text0(all[2].(eks.ClusterCertificateAuthority).Data), region)
	}).(pulumi.StringOutput)
}

var _ cluster.Driver = (*Driver)(nil)
