package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
	"platform/components/network"
)

// apiAccess: without public ranges the API has an address in the subnet of the nodes alone, and its name
// resolves in the network alone (https://learn.microsoft.com/azure/aks/private-clusters).
func apiAccess(args cluster.Args) containerservice.ManagedClusterAPIServerAccessProfileArgs {
	profile := containerservice.ManagedClusterAPIServerAccessProfileArgs{DisableRunCommand: pulumi.Bool(true)}
	if len(args.PublicAccess) > 0 {
		profile.EnablePrivateCluster = pulumi.Bool(false)
		profile.AuthorizedIPRanges = publicRanges(args)
		return profile
	}
	profile.EnablePrivateCluster = pulumi.Bool(true)
	profile.PrivateDNSZone = pulumi.String("system")
	profile.EnablePrivateClusterPublicFQDN = pulumi.Bool(false)
	return profile
}

// publicRanges are those that may reach a public API. The nodes come from the network's way out, which must be
// among them (https://learn.microsoft.com/azure/aks/api-server-authorized-ip-ranges).
func publicRanges(args cluster.Args) pulumi.StringArray {
	var ranges pulumi.StringArray
	for _, from := range args.PublicAccess {
		ranges = append(ranges, pulumi.String(from))
	}
	return append(ranges, pulumi.Sprintf("%s/32", args.Network.Details[egressDetail]))
}

// apiHost is the name of the API that the environment's users resolve.
func apiHost(control *containerservice.ManagedCluster, args cluster.Args) pulumi.StringOutput {
	if len(args.PublicAccess) > 0 {
		return control.Fqdn
	}
	return control.PrivateFQDN
}

// apiOf: a private API has its address in the subnet of the nodes, a public one an address of the internet that nobody
// knows beforehand. It asks through agents in the cluster, which are pods as others
// (https://learn.microsoft.com/azure/aks/core-aks-concepts, https://github.com/tigera/operator/pull/5212).
func apiOf(args cluster.Args) cluster.API {
	api := cluster.API{
		Way:   network.At([]int{network.TLSPort}, args.Network.PrivateRanges...),
		Agent: cluster.Label{Key: "app", Value: "konnectivity-agent"},
	}
	if len(args.PublicAccess) > 0 {
		api.Way = network.OverInternet(network.TLSPort)
	}
	return api
}

func endpointOf(host pulumi.StringOutput) pulumi.StringOutput {
	return pulumi.Sprintf("https://%s:443", host)
}

// clusterAccess returns what must stand before anybody reaches the API. Administrators are groups of Entra ID
// that the control plane itself knows. Viewers are groups with a role on it, which leaves out secrets
// (https://learn.microsoft.com/azure/aks/manage-azure-rbac).
func (d *Driver) clusterAccess(
	ctx *pulumi.Context, name string, control *containerservice.ManagedCluster, args cluster.Args, parent pulumi.Resource,
) (granted []any, err error) {
	for _, group := range args.Viewers {
		logical := name + "-access-" + group
		made, err := d.assignGroup(ctx, logical, builtin.ClusterReader, group, control.ID(), parent)
		if err != nil {
			return nil, fmt.Errorf("access of group %s: %w", group, err)
		}
		granted = append(granted, made.ID())
	}
	return granted, nil
}
