package gcp

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// controlPlaneLogs are all of the control plane's, and those of GKE's own parts on the nodes. Audit logs are
// written always (https://cloud.google.com/kubernetes-engine/docs/concepts/about-logs).
var controlPlaneLogs = []string{"SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"}

// CreateCluster builds a GKE cluster: control plane, access and pools, in this order.
func (d *Driver) CreateCluster(
	ctx *pulumi.Context, name string, args cluster.Args, parent pulumi.Resource,
) (cluster.Outputs, error) {
	physical := d.physical(KindCluster, name)
	// Compute Engine makes nodes' disks and claims' volumes with it
	// (https://cloud.google.com/kubernetes-engine/docs/how-to/using-cmek).
	disks, err := d.key(ctx, name+"-disk-key", "Disks of cluster "+physical, args.Tags,
		[]pulumi.StringInput{d.agent("compute.googleapis.com")}, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	machines, err := d.nodeAccount(ctx, name, disks, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	control, err := d.controlPlane(ctx, name, physical, machines, args, parent)
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
	nodes, err := d.pools(ctx, name, control, machines, args, parent)
	if err != nil {
		return cluster.Outputs{}, err
	}
	return cluster.Outputs{
		Name: control.Name, Endpoint: pulumi.Sprintf("https://%s", control.Endpoint),
		WorkloadIssuer: pulumi.Sprintf("https://container.googleapis.com/v1/%s", control.ID()),
		Kubeconfig:     kubeconfig(control, access),
		Nodes:          nodes,
		StorageClass:   storageClass(disks.ID, args),
		TeamGroups:     args.Teams,
		Identity:       network.At(metadataPorts, metadataRange),
		// https://istio.io/latest/docs/ambient/install/platform-prerequisites/#platform-profile
		Names:        workload.KubeDNS,
		PluginFolder: "/home/kubernetes/bin",
		Exchange:     args.Network.Ways[network.EndpointIdentity],
		API:          apiOf(control),
		Details:      map[string]pulumi.StringOutput{detailWorkloadPool: workloadPool(control)},
	}, nil
}

// apiOf: pods reach the control plane at its private address, even where it has a public one
// (https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept). It asks through agents in the
// cluster, which are pods as others (https://github.com/tigera/operator/pull/5212).
func apiOf(control *container.Cluster) cluster.API {
	address := control.PrivateClusterConfig.ApplyT(func(c container.ClusterPrivateClusterConfig) ([]string, error) {
		if c.PrivateEndpoint == nil || *c.PrivateEndpoint == "" {
			return nil, fmt.Errorf("GKE named no private address of the control plane")
		}
		return []string{*c.PrivateEndpoint + "/32"}, nil
	}).(pulumi.StringArrayOutput)
	return cluster.API{
		Way:   network.Way{Ranges: address, Ports: []int{network.TLSPort}},
		Agent: cluster.Label{Key: "k8s-app", Value: "konnectivity-agent"},
	}
}

// metadataRange is where GKE's own metadata server gives pods the tokens of their accounts, in clusters whose data
// plane is the second
// (https://cloud.google.com/kubernetes-engine/docs/how-to/network-policy#network-policy-and-workload-identity).
const metadataRange = "169.254.169.254/32"

var metadataPorts = []int{80, 8080}

// detailWorkloadPool leads to the pool of identities that pods of the cluster have.
const detailWorkloadPool = "workloadPool"

// workloadPool waits for the control plane: the project has its pool of identities only with the first cluster
// (https://cloud.google.com/kubernetes-engine/docs/concepts/workload-identity#kubernetes_service_accounts).
func workloadPool(control *container.Cluster) pulumi.StringOutput {
	return control.WorkloadIdentityConfig.ApplyT(func(c container.ClusterWorkloadIdentityConfig) (string, error) {
		if c.WorkloadPool == nil {
			return "", fmt.Errorf("GKE named no workload pool")
		}
		return *c.WorkloadPool, nil
	}).(pulumi.StringOutput)
}

func (d *Driver) controlPlane(
	ctx *pulumi.Context, name, physical string, machines machines, args cluster.Args, parent pulumi.Resource,
) (*container.Cluster, error) {
	// GKE encrypts secrets in etcd with it
	// (https://cloud.google.com/kubernetes-engine/docs/how-to/encrypting-secrets).
	secrets, err := d.key(ctx, name+"-secrets-key", "Kubernetes secrets of cluster "+physical, args.Tags,
		[]pulumi.StringInput{d.agent("container.googleapis.com")}, parent)
	if err != nil {
		return nil, err
	}
	logs, err := d.clusterLogs(ctx, name, physical, args, parent)
	if err != nil {
		return nil, err
	}
	spec, err := d.controlPlaneArgs(physical, secrets.ID, machines, args)
	if err != nil {
		return nil, err
	}
	control, err := container.NewCluster(ctx, name+"-control-plane", spec,
		d.under(parent, slices.Concat(secrets.Ready, machines.ready, logs)...),
		// It is of a pool that is gone, and a change would replace the cluster.
		pulumi.IgnoreChanges([]string{"nodeConfig"}),
		// The cloud refuses only when the cluster's turn comes, and its pools would be gone by then: so the engine
		// refuses too, before anything is deleted.
		pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return nil, fmt.Errorf("control plane: %w", err)
	}
	return control, nil
}

// controlPlaneArgs: the control plane answers at a private address in the nodes' own subnet, and at a public one
// only for the ranges that are named
// (https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept).
func (d *Driver) controlPlaneArgs(
	physical string, key pulumi.StringOutput, machines machines, args cluster.Args,
) (*container.ClusterArgs, error) {
	if len(args.Network.PrivateSubnets) != 1 {
		return nil, fmt.Errorf("network.privateSubnets: %d are given: a GKE cluster lies in one subnet, which spans the zones", len(args.Network.PrivateSubnets))
	}
	subnet := args.Network.PrivateSubnets[0].ID
	spec := &container.ClusterArgs{
		Name: pulumi.String(physical), Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
		Network: args.Network.ID, Subnetwork: subnet,
		NetworkingMode: pulumi.String("VPC_NATIVE"),
		IpAllocationPolicy: container.ClusterIpAllocationPolicyArgs{
			ClusterSecondaryRangeName: pulumi.String(podRange), ServicesSecondaryRangeName: pulumi.String(serviceRange),
		},
		// Network policies are enforced by it (https://cloud.google.com/kubernetes-engine/docs/concepts/dataplane-v2).
		DatapathProvider: pulumi.String("ADVANCED_DATAPATH"),
		PrivateClusterConfig: container.ClusterPrivateClusterConfigArgs{
			EnablePrivateNodes: pulumi.Bool(true), EnablePrivateEndpoint: pulumi.Bool(len(args.PublicAccess) == 0),
			PrivateEndpointSubnetwork: subnet,
		},
		MasterAuthorizedNetworksConfig: authorizedNetworks(args.PublicAccess),
		// GKE makes a cluster with a pool, which the provider takes away at once. For these minutes its nodes are
		// no less guarded than ours.
		RemoveDefaultNodePool: pulumi.Bool(true), InitialNodeCount: pulumi.Int(1),
		NodeConfig: container.ClusterNodeConfigArgs{
			ServiceAccount: machines.account, BootDiskKmsKey: machines.key, OauthScopes: pulumi.ToStringArray(nodeScopes),
			ShieldedInstanceConfig: container.ClusterNodeConfigShieldedInstanceConfigArgs{
				EnableSecureBoot: pulumi.Bool(true), EnableIntegrityMonitoring: pulumi.Bool(true),
			},
			WorkloadMetadataConfig: container.ClusterNodeConfigWorkloadMetadataConfigArgs{Mode: pulumi.String("GKE_METADATA")},
		},
		// A channel upgrades the patches, and the minor version only from the one that is asked for
		// (https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels).
		ReleaseChannel:   container.ClusterReleaseChannelArgs{Channel: pulumi.String("REGULAR")},
		MinMasterVersion: pulumi.String(args.Version),
		// The nights of weekends, eight hours each: at least 48 hours in 32 days are needed
		// (https://cloud.google.com/kubernetes-engine/docs/concepts/maintenance-windows-and-exclusions).
		MaintenancePolicy: container.ClusterMaintenancePolicyArgs{
			RecurringWindow: container.ClusterMaintenancePolicyRecurringWindowArgs{
				StartTime: pulumi.String("2026-01-03T01:00:00Z"), EndTime: pulumi.String("2026-01-03T09:00:00Z"),
				Recurrence: pulumi.String("FREQ=WEEKLY;BYDAY=SA,SU"),
			},
		},
		DatabaseEncryption: container.ClusterDatabaseEncryptionArgs{State: pulumi.String("ENCRYPTED"), KeyName: key},
		WorkloadIdentityConfig: container.ClusterWorkloadIdentityConfigArgs{
			WorkloadPool: pulumi.String(d.s.Project + ".svc.id.goog"),
		},
		// Whoever holds a certificate would be an administrator for as long as it is valid.
		MasterAuth: container.ClusterMasterAuthArgs{
			ClientCertificateConfig: container.ClusterMasterAuthClientCertificateConfigArgs{IssueClientCertificate: pulumi.Bool(false)},
		},
		EnableShieldedNodes: pulumi.Bool(true), EnableLegacyAbac: pulumi.Bool(false),
		// Flows between pods of one node reach the network's logs and rules.
		EnableIntranodeVisibility: pulumi.Bool(true),
		// Internal load balancers reach the nodes through endpoint groups, in clusters of any size
		// (https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer#subsetting).
		EnableL4IlbSubsetting: pulumi.Bool(true),
		AddonsConfig: container.ClusterAddonsConfigArgs{
			GcePersistentDiskCsiDriverConfig: container.ClusterAddonsConfigGcePersistentDiskCsiDriverConfigArgs{Enabled: pulumi.Bool(true)},
			HttpLoadBalancing:                container.ClusterAddonsConfigHttpLoadBalancingArgs{Disabled: pulumi.Bool(false)},
		},
		LoggingConfig:    container.ClusterLoggingConfigArgs{EnableComponents: pulumi.ToStringArray(controlPlaneLogs)},
		MonitoringConfig: container.ClusterMonitoringConfigArgs{EnableComponents: pulumi.ToStringArray([]string{"SYSTEM_COMPONENTS"})},
		SecurityPostureConfig: container.ClusterSecurityPostureConfigArgs{
			Mode: pulumi.String("BASIC"), VulnerabilityMode: pulumi.String("VULNERABILITY_DISABLED"),
		},
		DeletionProtection: pulumi.Bool(args.DeleteProtection),
		ResourceLabels:     labelMap(args.Tags),
	}
	if group, err := groupOfGroups(args.Teams); err != nil {
		return nil, err
	} else if group != "" {
		spec.AuthenticatorGroupsConfig = container.ClusterAuthenticatorGroupsConfigArgs{SecurityGroup: pulumi.String(group)}
	}
	return spec, nil
}

// authorizedNetworks are the ranges that reach the control plane besides the cluster's own subnet; without
// any the list is there, and empty, since without the list everyone would
// (https://cloud.google.com/kubernetes-engine/docs/how-to/authorized-networks).
func authorizedNetworks(ranges []string) container.ClusterMasterAuthorizedNetworksConfigArgs {
	config := container.ClusterMasterAuthorizedNetworksConfigArgs{
		// Machines of anybody on Google Cloud are no better than those of the internet.
		GcpPublicCidrsAccessEnabled: pulumi.Bool(false),
	}
	var blocks container.ClusterMasterAuthorizedNetworksConfigCidrBlockArray
	for _, text := range ranges {
		blocks = append(blocks, container.ClusterMasterAuthorizedNetworksConfigCidrBlockArgs{CidrBlock: pulumi.String(text)})
	}
	if blocks != nil {
		config.CidrBlocks = blocks
	}
	return config
}

var _ cluster.Driver = (*Driver)(nil)
