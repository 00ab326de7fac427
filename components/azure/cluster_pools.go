package azure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// spotLabel is a taint, too, that spot pools have whether asked or not (https://learn.microsoft.com/azure/aks/spot-node-pool).
const spotLabel = "kubernetes.azure.com/scalesetpriority"

// maxPods of a node; addresses would do for 250
// (https://learn.microsoft.com/azure/aks/azure-cni-overlay#maximum-pods-per-node), 110 is what Kubernetes is
// tested with (https://kubernetes.io/docs/setup/best-practices/cluster-large/).
const maxPods = 110

var zones = []string{"1", "2", "3"}

// firstPoolName is the pool that comes with the control plane: AKS makes none without a system pool. It cannot
// be another one later, so a system pool added afterwards should sort behind it.
func firstPoolName(pools map[string]cluster.Pool) string {
	for _, name := range slices.Sorted(maps.Keys(pools)) {
		if pools[name].System && pools[name].Min > 0 {
			return name
		}
	}
	return ""
}

// pools registers an agent pool for each pool but the first.
func (d *Driver) pools(
	ctx *pulumi.Context, name string, control *containerservice.ManagedCluster, args cluster.Args, parent pulumi.Resource,
) (nodes []pulumi.Resource, err error) {
	first := firstPoolName(args.Pools)
	for _, pool := range slices.Sorted(maps.Keys(args.Pools)) {
		if pool == first {
			continue
		}
		spec, err := d.poolArgs(pool, args.Pools[pool], control.Name, args)
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		made, err := containerservice.NewAgentPool(ctx, name+"-pool-"+pool, spec, pulumi.Parent(parent),
			// The autoscaler's count is the truth once the pool lives.
			pulumi.IgnoreChanges([]string{"count"}),
			// AKS changes none of these of a pool that lives, and the new one has the old one's name.
			pulumi.ReplaceOnChanges(fixedOfPool), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return nil, fmt.Errorf("pool %s: %w", pool, err)
		}
		nodes = append(nodes, made)
	}
	return nodes, nil
}

// fixedOfPool are the properties that AKS refuses to change
// (https://learn.microsoft.com/azure/aks/manage-node-pools#limitations).
var fixedOfPool = []string{"availabilityZones", "maxPods", "osDiskSizeGB", "osDiskType", "scaleSetPriority", "vmSize", "vnetSubnetID"}

// profile is what both ways of asking for a pool have in common.
type profile struct {
	name, size, mode string
	labels           pulumi.StringMap
	taints           []string
}

func (d *Driver) profile(name string, pool cluster.Pool) (profile, error) {
	size, err := poolSize(pool.Size)
	if err != nil {
		return profile{}, err
	}
	p := profile{
		name: d.physical(KindNodePool, name), size: size, mode: "User",
		labels: pulumi.StringMap{cluster.PoolLabel: pulumi.String(name)},
	}
	if pool.System {
		// A pool in which all that AKS brings is to run takes no other taint (https://learn.microsoft.com/azure/aks/use-system-pools).
		p.mode, p.taints = "System", append(p.taints, cluster.AddonsTaint+"=true:NoSchedule")
		p.labels[cluster.SystemTaint] = pulumi.String("true")
	}
	if pool.Capacity == cluster.Spot {
		p.taints = append(p.taints, cluster.SpotTaint+"=true:NoSchedule", spotLabel+"=spot:NoSchedule")
		p.labels[cluster.SpotTaint], p.labels[spotLabel] = pulumi.String("true"), pulumi.String("spot")
	}
	return p, nil
}

// firstPool is the pool that comes with the control plane.
func (d *Driver) firstPool(args cluster.Args) (containerservice.ManagedClusterAgentPoolProfileArgs, error) {
	name := firstPoolName(args.Pools)
	pool := args.Pools[name]
	if pool.Capacity == cluster.Spot {
		return containerservice.ManagedClusterAgentPoolProfileArgs{}, fmt.Errorf(
			"pool %s: AKS lets no spot pool be a system pool (https://learn.microsoft.com/azure/aks/spot-node-pool#limitations)", name)
	}
	p, err := d.profile(name, pool)
	if err != nil {
		return containerservice.ManagedClusterAgentPoolProfileArgs{}, fmt.Errorf("pool %s: %w", name, err)
	}
	return containerservice.ManagedClusterAgentPoolProfileArgs{
		Name: pulumi.String(p.name), Mode: pulumi.String(p.mode), Type: pulumi.String("VirtualMachineScaleSets"),
		VmSize: pulumi.String(p.size), OsType: pulumi.String("Linux"), OsSKU: pulumi.String(osSKU),
		OsDiskType: pulumi.String("Managed"), OsDiskSizeGB: pulumi.Int(pool.DiskGiB),
		EnableAutoScaling: pulumi.Bool(true), Count: pulumi.Int(pool.Min), MinCount: pulumi.Int(pool.Min), MaxCount: pulumi.Int(pool.Max),
		OrchestratorVersion: pulumi.String(args.Version), AvailabilityZones: pulumi.ToStringArray(zones), MaxPods: pulumi.Int(maxPods),
		VnetSubnetID: nodeSubnet(args), NodeLabels: p.labels, NodeTaints: pulumi.ToStringArray(p.taints),
		EnableNodePublicIP: pulumi.Bool(false),
		UpgradeSettings:    containerservice.AgentPoolUpgradeSettingsArgs{MaxSurge: pulumi.String(surge)},
		Tags:               tagMap(args.Tags),
	}, nil
}

const (
	osSKU = "Ubuntu"
	// surge is how many nodes more there are while a pool is upgraded
	// (https://learn.microsoft.com/azure/aks/upgrade-aks-cluster#customize-node-surge-upgrade).
	surge = "33%"
)

// poolArgs: a cluster's tags are not passed on to its pools, so each has its own
// (https://learn.microsoft.com/azure/aks/use-tags).
func (d *Driver) poolArgs(
	name string, pool cluster.Pool, control pulumi.StringInput, args cluster.Args,
) (*containerservice.AgentPoolArgs, error) {
	if pool.System && pool.Capacity == cluster.Spot {
		return nil, fmt.Errorf("AKS lets no spot pool be a system pool (https://learn.microsoft.com/azure/aks/spot-node-pool#limitations)")
	}
	p, err := d.profile(name, pool)
	if err != nil {
		return nil, err
	}
	spec := &containerservice.AgentPoolArgs{
		ResourceGroupName: d.ground.group, ResourceName: control, AgentPoolName: pulumi.String(p.name),
		Mode: pulumi.String(p.mode), Type: pulumi.String("VirtualMachineScaleSets"),
		VmSize: pulumi.String(p.size), OsType: pulumi.String("Linux"), OsSKU: pulumi.String(osSKU),
		OsDiskType: pulumi.String("Managed"), OsDiskSizeGB: pulumi.Int(pool.DiskGiB),
		EnableAutoScaling: pulumi.Bool(true), Count: pulumi.Int(pool.Min), MinCount: pulumi.Int(pool.Min), MaxCount: pulumi.Int(pool.Max),
		OrchestratorVersion: pulumi.String(args.Version), AvailabilityZones: pulumi.ToStringArray(zones), MaxPods: pulumi.Int(maxPods),
		VnetSubnetID: nodeSubnet(args), NodeLabels: p.labels, EnableNodePublicIP: pulumi.Bool(false),
		Tags: tagMap(args.Tags),
	}
	if p.taints != nil {
		spec.NodeTaints = pulumi.ToStringArray(p.taints)
	}
	if pool.Capacity != cluster.Spot {
		spec.UpgradeSettings = containerservice.AgentPoolUpgradeSettingsArgs{MaxSurge: pulumi.String(surge)}
		return spec, nil
	}
	// Any price up to that of machines on demand; nobody waits for spot machines that are upgraded
	// (https://learn.microsoft.com/azure/aks/spot-node-pool#upgrade-a-spot-node-pool).
	spec.ScaleSetPriority, spec.ScaleSetEvictionPolicy = pulumi.String("Spot"), pulumi.String("Delete")
	spec.SpotMaxPrice = pulumi.Float64(-1)
	return spec, nil
}
