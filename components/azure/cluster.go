package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// CreateCluster builds an AKS cluster: its keys and its identity, control plane, logs, pools and access, in
// this order.
func (d *Driver) CreateCluster(
	ctx *pulumi.Context, name string, args cluster.Args, parent pulumi.Resource,
) (cluster.Outputs, error) {
	// A cluster without a way out asks for an outbound type that the provider's version of the API lacks
	// (https://learn.microsoft.com/azure/aks/concepts-network-isolated).
	if _, ok := args.Network.Details[egressDetail]; !ok {
		return cluster.Outputs{}, fmt.Errorf("network without a way out: AKS needs one for its nodes: set nat to %q", network.NATSingle)
	}
	identity, err := d.controlIdentity(ctx, name, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	disks, err := d.clusterDisks(ctx, name, identity, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	secrets, err := d.clusterSecrets(ctx, name, identity, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	control, err := d.controlPlane(ctx, name, identity, disks, secrets, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	if _, err := d.logsOf(ctx, name, control.ID(), parent, controlPlaneLogs...); err != nil {
		return cluster.Outputs{}, err
	}
	nodes, err := d.pools(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	access, err := d.clusterAccess(ctx, name, control, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	if err := d.teamAccess(ctx, name, control, args, parent); err != nil {
		return cluster.Outputs{}, err
	}
	host := apiHost(control, args)
	return cluster.Outputs{
		Name: control.Name, Endpoint: endpointOf(host), WorkloadIssuer: issuerOf(control),
		Kubeconfig: d.kubeconfig(ctx, control, host, access, parent),
		// The control plane brings the first system pool.
		Nodes:        append([]pulumi.Resource{control}, nodes...),
		StorageClass: storageClass(disks.id, args),
		// Inside the cluster a group is known by its object id (https://learn.microsoft.com/azure/aks/azure-ad-rbac).
		TeamGroups: args.Teams, Identity: network.At([]int{network.TLSPort}, entraRanges...),
		// https://github.com/Azure/AgentBaker/blob/master/parts/linux/cloud-init/artifacts/cse_install.sh
		Names:        workload.CoreDNS,
		PluginFolder: "/opt/cni/bin",
		Exchange:     network.At([]int{network.TLSPort}, entraRanges...), API: apiOf(args),
		Details: map[string]pulumi.StringOutput{
			DetailNodeGroup: control.NodeResourceGroup.Elem(), DetailPrincipal: identity.PrincipalId,
		},
	}, nil
}

// What only this driver, and who gives a cluster more than it must have, reads of it.
const (
	DetailNodeGroup = "nodeResourceGroup" // in which AKS puts what it makes for the cluster
	DetailPrincipal = "principal"         // who the cluster is when its controllers call Azure
)

// clusterID is the resource id of a cluster of the environment.
func (d *Driver) clusterID(name pulumi.StringInput) pulumi.StringOutput {
	return pulumi.Sprintf("%s/resourceGroups/%s/providers/Microsoft.ContainerService/managedClusters/%s", d.subscriptionID(), d.ground.group, name)
}

// entraRanges are where Entra ID gives tokens to whoever shows that of a pod's account: no address of the network
// stands for it (https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges, number 56).
var entraRanges = []string{"20.20.32.0/19", "20.190.128.0/18", "20.231.128.0/19", "40.126.0.0/18"}

// clusterIdentity is who a cluster is when its controllers call Azure.
type clusterIdentity struct {
	*managedidentity.UserAssignedIdentity
	// granted is what it may do; the cluster needs it until its end.
	granted []pulumi.Resource
}

// controlIdentity registers the identity of the control plane. Its controllers place load balancers in the
// subnet of the nodes, and only there. In the cluster's own resource group AKS lets it do what it must
// (https://learn.microsoft.com/azure/aks/use-managed-identity#summary-of-managed-identities-used-by-aks).
func (d *Driver) controlIdentity(
	ctx *pulumi.Context, name string, args cluster.Args, parent pulumi.Resource,
) (*clusterIdentity, error) {
	made, err := d.userIdentity(ctx, name+"-control-plane-identity", args.Tags, parent)
	if err != nil {
		return nil, err
	}
	joins, err := d.assignRole(ctx, name+"-control-plane-subnet", builtin.NetworkContributor, made.PrincipalId, nodeSubnet(args), parent)
	if err != nil {
		return nil, err
	}
	return &clusterIdentity{UserAssignedIdentity: made, granted: []pulumi.Resource{joins}}, nil
}

// nodeSubnet is where nodes are. On Azure one subnet spans the zones.
func nodeSubnet(args cluster.Args) pulumi.StringOutput { return args.Network.PrivateSubnets[0].ID }

func (d *Driver) controlPlane(
	ctx *pulumi.Context, name string, identity *clusterIdentity, disks encryptionSet, secrets etcdKey, args cluster.Args, parent pulumi.Resource,
) (*containerservice.ManagedCluster, error) {
	spec, err := d.controlPlaneArgs(name, identity, disks, secrets, args)
	if err != nil {
		return nil, err
	}
	after := append(append([]pulumi.Resource{}, identity.granted...), disks.ready...)
	after = append(append(after, secrets.ready...), args.Network.EndpointsReady...)
	control, err := containerservice.NewManagedCluster(ctx, name+"-control-plane", spec,
		pulumi.Parent(parent), pulumi.DependsOn(after),
		// The autoscaler's count is the truth once the pool lives.
		pulumi.IgnoreChanges([]string{"agentPoolProfiles[0].count"}),
		// AKS has no deletion protection of its own, so the engine refuses instead.
		pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return nil, fmt.Errorf("control plane: %w", err)
	}
	return control, nil
}

// Pods and services have addresses that no network of the company has
// (https://www.rfc-editor.org/rfc/rfc6598): all clusters share them, and none reaches another's. Each node takes
// 256 of the first, so that there can be 4096 nodes
// (https://learn.microsoft.com/azure/aks/azure-cni-overlay#ip-address-planning).
const (
	podRange     = "100.64.0.0/12"
	serviceRange = "100.80.0.0/16"
	dnsAddress   = "100.80.0.10"
)

// controlPlaneArgs: nobody has an account in the cluster itself; who comes is known to Entra ID, and what he may
// do is said by roles of Azure. No command reaches pods past the API.
func (d *Driver) controlPlaneArgs(
	name string, identity *clusterIdentity, disks encryptionSet, secrets etcdKey, args cluster.Args,
) (*containerservice.ManagedClusterArgs, error) {
	first, err := d.firstPool(args)
	if err != nil {
		return nil, err
	}
	return &containerservice.ManagedClusterArgs{
		ResourceGroupName: d.ground.group, ResourceName: pulumi.String(d.physical(KindCluster, name)),
		Location: pulumi.String(d.s.Region), DnsPrefix: pulumi.String(d.physical(KindDNSPrefix, name)),
		NodeResourceGroup: pulumi.String(d.physical(KindNodeGroup, name, "nodes")),
		KubernetesVersion: pulumi.String(args.Version),
		// The tier with a promise of its availability.
		Sku: containerservice.ManagedClusterSKUArgs{Name: pulumi.String("Base"), Tier: pulumi.String("Standard")},
		Identity: containerservice.ManagedClusterIdentityArgs{
			Type: containerservice.ResourceIdentityTypeUserAssigned, UserAssignedIdentities: pulumi.StringArray{identity.ID()},
		},
		EnableRBAC: pulumi.Bool(true), DisableLocalAccounts: pulumi.Bool(true),
		AadProfile: containerservice.ManagedClusterAADProfileArgs{
			Managed: pulumi.Bool(true), EnableAzureRBAC: pulumi.Bool(true), AdminGroupObjectIDs: pulumi.ToStringArray(args.Admins),
		},
		ApiServerAccessProfile: apiAccess(args),
		NetworkProfile: containerservice.ContainerServiceNetworkProfileArgs{
			NetworkPlugin: pulumi.String("azure"), NetworkPluginMode: pulumi.String("overlay"),
			NetworkDataplane: pulumi.String("cilium"), NetworkPolicy: pulumi.String("cilium"),
			LoadBalancerSku: pulumi.String("standard"), OutboundType: pulumi.String("userAssignedNATGateway"),
			PodCidr: pulumi.String(podRange), ServiceCidr: pulumi.String(serviceRange), DnsServiceIP: pulumi.String(dnsAddress),
		},
		DiskEncryptionSetID: disks.id,
		OidcIssuerProfile:   containerservice.ManagedClusterOIDCIssuerProfileArgs{Enabled: pulumi.Bool(true)},
		SecurityProfile: containerservice.ManagedClusterSecurityProfileArgs{
			WorkloadIdentity: containerservice.ManagedClusterSecurityProfileWorkloadIdentityArgs{Enabled: pulumi.Bool(true)},
			AzureKeyVaultKms: containerservice.AzureKeyVaultKmsArgs{
				Enabled: pulumi.Bool(true), KeyId: secrets.uri, KeyVaultNetworkAccess: pulumi.String("Public"),
			},
		},
		// Shares of files are reached with keys of an account, which nobody is to have.
		StorageProfile: containerservice.ManagedClusterStorageProfileArgs{
			DiskCSIDriver:      containerservice.ManagedClusterStorageProfileDiskCSIDriverArgs{Enabled: pulumi.Bool(true)},
			FileCSIDriver:      containerservice.ManagedClusterStorageProfileFileCSIDriverArgs{Enabled: pulumi.Bool(false)},
			SnapshotController: containerservice.ManagedClusterStorageProfileSnapshotControllerArgs{Enabled: pulumi.Bool(true)},
		},
		// Within the minor version, which the environment's file says.
		AutoUpgradeProfile: containerservice.ManagedClusterAutoUpgradeProfileArgs{UpgradeChannel: containerservice.UpgradeChannelPatch},
		AgentPoolProfiles:  containerservice.ManagedClusterAgentPoolProfileArray{first},
		Tags:               tagMap(args.Tags),
	}, nil
}

func issuerOf(control *containerservice.ManagedCluster) pulumi.StringOutput {
	return control.OidcIssuerProfile.ApplyT(func(p *containerservice.ManagedClusterOIDCIssuerProfileResponse) (string, error) {
		if p == nil || p.IssuerURL == "" {
			return "", fmt.Errorf("AKS named no OIDC issuer")
		}
		return p.IssuerURL, nil
	}).(pulumi.StringOutput)
}

var _ cluster.Driver = (*Driver)(nil)
