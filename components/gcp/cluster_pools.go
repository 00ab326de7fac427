package gcp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/container"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/serviceaccount"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// nodeRoles are what a node needs to write its logs and metrics
// (https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa) and to read
// images of the project's registry.
var nodeRoles = map[string]string{
	"images": "roles/artifactregistry.reader",
	"node":   "roles/container.defaultNodeServiceAccount",
}

// poolZones is in how many zones a regional cluster has nodes where none are named
// (https://cloud.google.com/kubernetes-engine/docs/concepts/regional-clusters).
const poolZones = 3

// nodeScopes are everything: what the account may do is said by its roles
// (https://cloud.google.com/kubernetes-engine/docs/how-to/access-scopes).
var nodeScopes = []string{"https://www.googleapis.com/auth/cloud-platform"}

// machines is what the nodes of all pools share.
type machines struct {
	account, key pulumi.StringOutput
	ready        []pulumi.Resource // what nodes wait for
}

// nodeAccount makes who the nodes are; without one they would be the project's default account, which many
// projects have made an editor of everything.
func (d *Driver) nodeAccount(
	ctx *pulumi.Context, name string, disks key, args cluster.Args, parent pulumi.Resource,
) (machines, error) {
	account, err := serviceaccount.NewAccount(ctx, name+"-nodes", &serviceaccount.AccountArgs{
		AccountId: pulumi.String(d.physical(KindServiceAccount, name, "nodes")), Project: pulumi.String(d.s.Project),
		DisplayName: pulumi.String("Nodes of cluster " + d.physical(KindCluster, name)),
	}, d.under(parent))
	if err != nil {
		return machines{}, fmt.Errorf("account of the nodes: %w", err)
	}
	made := machines{account: account.Email, key: disks.ID, ready: slices.Concat(disks.Ready, args.Network.EndpointsReady)}
	for _, role := range slices.Sorted(maps.Keys(nodeRoles)) {
		granted, err := projects.NewIAMMember(ctx, name+"-nodes-"+role, &projects.IAMMemberArgs{
			Project: pulumi.String(d.s.Project), Role: pulumi.String(nodeRoles[role]), Member: account.Member,
		}, d.under(parent))
		if err != nil {
			return machines{}, fmt.Errorf("role %s of the nodes: %w", nodeRoles[role], err)
		}
		made.ready = append(made.ready, granted)
	}
	return made, nil
}

// pools registers a pool for each entry. The autoscaler is GKE's own.
func (d *Driver) pools(
	ctx *pulumi.Context, name string, control *container.Cluster, shared machines, args cluster.Args, parent pulumi.Resource,
) (nodes []pulumi.Resource, err error) {
	for _, pool := range slices.Sorted(maps.Keys(args.Pools)) {
		spec, err := d.nodePoolArgs(pool, args.Pools[pool], control.ID().ToStringOutput(), shared, args)
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		made, err := container.NewNodePool(ctx, name+"-pool-"+pool, spec, d.under(parent, shared.ready...),
			// It is only how the pool begins: the autoscaler's count is the truth once it lives, and a change of it
			// would replace the pool.
			pulumi.IgnoreChanges([]string{"initialNodeCount"}))
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		nodes = append(nodes, made)
	}
	return nodes, nil
}

// nodePoolArgs: no pod reaches the node's credentials, nodes boot only what is signed, their disks are encrypted
// with the key, and machines and disks bear the labels.
func (d *Driver) nodePoolArgs(
	name string, pool cluster.Pool, control pulumi.StringOutput, shared machines, args cluster.Args,
) (*container.NodePoolArgs, error) {
	machine, err := machineType(pool.Size)
	if err != nil {
		return nil, err
	}
	policy := "BALANCED" // over the zones
	if pool.Capacity == cluster.Spot {
		policy = "ANY" // where there are machines to be had
	}
	spec := &container.NodePoolArgs{
		Name: pulumi.String(d.physical(KindNodePool, name)), Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
		Cluster: control,
		// It counts in each zone, and the autoscaler takes away what is too much.
		InitialNodeCount: pulumi.Int((pool.Min + poolZones - 1) / poolZones),
		Autoscaling: container.NodePoolAutoscalingArgs{
			TotalMinNodeCount: pulumi.Int(pool.Min), TotalMaxNodeCount: pulumi.Int(pool.Max), LocationPolicy: pulumi.String(policy),
		},
		// Both are what a release channel demands.
		Management: container.NodePoolManagementArgs{AutoRepair: pulumi.Bool(true), AutoUpgrade: pulumi.Bool(true)},
		// A new node stands before an old one goes.
		UpgradeSettings: container.NodePoolUpgradeSettingsArgs{
			Strategy: pulumi.String("SURGE"), MaxSurge: pulumi.Int(1), MaxUnavailable: pulumi.Int(0),
		},
		NetworkConfig: container.NodePoolNetworkConfigArgs{EnablePrivateNodes: pulumi.Bool(true)},
	}
	labels := pulumi.StringMap{cluster.PoolLabel: pulumi.String(name)}
	var taints container.NodePoolNodeConfigTaintArray
	taint := func(key string) {
		labels[key] = pulumi.String("true")
		taints = append(taints, container.NodePoolNodeConfigTaintArgs{
			Key: pulumi.String(key), Value: pulumi.String("true"), Effect: pulumi.String("NO_SCHEDULE"),
		})
	}
	if pool.Capacity == cluster.Spot {
		taint(cluster.SpotTaint)
	}
	if pool.System {
		taint(cluster.SystemTaint)
	}
	config := container.NodePoolNodeConfigArgs{
		MachineType: pulumi.String(machine), ImageType: pulumi.String("COS_CONTAINERD"),
		DiskType: pulumi.String("pd-balanced"), DiskSizeGb: pulumi.Int(pool.DiskGiB), BootDiskKmsKey: shared.key,
		ServiceAccount: shared.account, OauthScopes: pulumi.ToStringArray(nodeScopes),
		ShieldedInstanceConfig: container.NodePoolNodeConfigShieldedInstanceConfigArgs{
			EnableSecureBoot: pulumi.Bool(true), EnableIntegrityMonitoring: pulumi.Bool(true),
		},
		WorkloadMetadataConfig: container.NodePoolNodeConfigWorkloadMetadataConfigArgs{Mode: pulumi.String("GKE_METADATA")},
		Metadata:               pulumi.StringMap{"disable-legacy-endpoints": pulumi.String("true")},
		Spot:                   pulumi.Bool(pool.Capacity == cluster.Spot),
		Labels:                 labels, ResourceLabels: labelMap(args.Tags),
	}
	if taints != nil {
		config.Taints = taints
	}
	spec.NodeConfig = config
	return spec, nil
}
