package azure

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	scaleSetType    = "compute:scale-set"
	machineType     = "compute:instance"
	machineDiskType = "compute:os-disk"
)

var errNotModelled = errors.New("the simulated Azure does not know it: add it in tests/cloud/azure")

// nodePool is a pool of a cluster, asked for within the cluster or beside it.
type nodePool struct {
	of   *cloud.Object // whose nodes they are: the cluster or the pool's own resource
	name string
	spec *cloud.Object // its properties
}

// inline are the pools that a cluster itself lists.
func inline(o *cloud.Object) []nodePool {
	var out []nodePool
	list, _ := o.Inputs["agentPoolProfiles"].([]any)
	for _, e := range list {
		profile, _ := e.(map[string]any)
		name, _ := profile["name"].(string)
		out = append(out, nodePool{of: o, name: name, spec: &cloud.Object{Inputs: profile}})
	}
	return out
}

// agentPools are the pools beside a cluster.
func agentPools(t *cloud.Tx, o *cloud.Object) []nodePool {
	var out []nodePool
	for _, p := range t.Find(poolType, func(p *cloud.Object) bool { return strings.HasPrefix(p.ID, o.ID+"/") }) {
		out = append(out, own(p))
	}
	return out
}

func own(p *cloud.Object) nodePool { return nodePool{of: p, name: p.Str("agentPoolName"), spec: p} }

// allPools are all pools of a cluster, in the order of their names.
func allPools(t *cloud.Tx, o *cloud.Object) []nodePool {
	out := append(inline(o), agentPools(t, o)...)
	slices.SortFunc(out, func(a, b nodePool) int { return strings.Compare(a.name, b.name) })
	return out
}

func clusterOf(t *cloud.Tx, p *cloud.Object) *cloud.Object {
	return t.Get(clusterType, p.ID[:strings.LastIndex(p.ID, "/agentPools/")])
}

func (p nodePool) system() bool { return p.spec.Str("mode") == "System" }

func (p nodePool) spot() bool { return p.spec.Str("scaleSetPriority") == "Spot" }

// taints are those that were asked for, and that which AKS puts on spot nodes
// (https://learn.microsoft.com/azure/aks/spot-node-pool#limitations).
func (p nodePool) taints() []string {
	out := slices.Clone(p.spec.List("nodeTaints"))
	if p.spot() && !slices.Contains(out, spotTaint) {
		out = append(out, spotTaint)
	}
	return out
}

const spotTaint = "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"

// valid holds what properties of a pool together must be.
func (p nodePool) valid(t *cloud.Tx, control *cloud.Object) error {
	count, least, most := p.spec.Num("count"), p.spec.Num("minCount"), p.spec.Num("maxCount")
	bad := func(format string, args ...any) error {
		return cloud.Refuse("BadRequest", "agent pool %s: %s", p.name, fmt.Sprintf(format, args...))
	}
	switch {
	case p.spec.Bool("enableAutoScaling") && (p.spec.Value("minCount") == nil || p.spec.Value("maxCount") == nil):
		return bad("minCount and maxCount are needed with the autoscaler")
	case !p.spec.Bool("enableAutoScaling") && (p.spec.Value("minCount") != nil || p.spec.Value("maxCount") != nil):
		return bad("minCount and maxCount can be set only with the autoscaler")
	case p.spec.Bool("enableAutoScaling") && (least > count || count > most):
		return bad("minCount %v, count %v and maxCount %v must be in this order", least, count, most)
	case p.system() && max(count, least) < 1:
		return bad("a system pool needs at least one node (https://learn.microsoft.com/azure/aks/use-system-pools)")
	case p.system() && p.spot():
		return bad("a spot pool cannot be a system pool (https://learn.microsoft.com/azure/aks/spot-node-pool#limitations)")
	case p.spec.Value("scaleSetEvictionPolicy") != nil && !p.spot(), p.spec.Value("spotMaxPrice") != nil && !p.spot():
		return bad("scaleSetEvictionPolicy and spotMaxPrice are of spot pools only")
	case p.spec.Value("upgradeSettings.maxSurge") != nil && p.spot():
		return bad("there are no surge nodes of spot pools (https://learn.microsoft.com/azure/aks/spot-node-pool#upgrade-a-spot-node-pool)")
	case control.Str("networkProfile.networkPluginMode") == "overlay" && p.spec.Str("type") != "VirtualMachineScaleSets":
		return bad("overlay networks need scale sets (https://learn.microsoft.com/azure/aks/azure-cni-overlay)")
	case controller.Minor(p.spec.Str("orchestratorVersion")) > controller.Minor(control.Str("kubernetesVersion")):
		return cloud.Refuse("NodePoolMcVersionIncompatible", "nodes of %s cannot be newer than the control plane's %s",
			p.spec.Str("orchestratorVersion"), control.Str("kubernetesVersion"))
	}
	if _, err := machineOf(p.spec.Str("vmSize")); err != nil {
		return err
	}
	// https://github.com/Azure/AKS/issues/1833
	for _, taint := range p.spec.List("nodeTaints") {
		if p.system() && !strings.HasPrefix(taint, "CriticalAddonsOnly=true:") {
			return cloud.Refuse("CanNotTaintAllAgentPools", "agent pool %s: what AKS runs in a system pool does not tolerate %s", p.name, taint)
		}
	}
	return p.placed(t)
}

// placed: the names of what nodes are in become their labels
// (https://learn.microsoft.com/azure/aks/azure-cni-overlay#limitations-with-azure-cni-overlay), and a subnet
// that is handed over to a service takes no machines.
func (p nodePool) placed(t *cloud.Tx) error {
	subnet := t.Get(subnetType, p.spec.Str("vnetSubnetID"))
	if subnet == nil {
		return cloud.Refuse("BadRequest", "agent pool %s: a subnet is needed: %v", p.name, errNotModelled)
	}
	for _, property := range []string{"resourceGroupName", "virtualNetworkName", "subnetName"} {
		if len(subnet.Str(property)) > 63 {
			return cloud.Refuse("BadRequest", "agent pool %s: %s %q has more than 63 characters", p.name, property, subnet.Str(property))
		}
	}
	if list, _ := subnet.Value("delegations").([]any); len(list) > 0 {
		return cloud.Refuse("SubnetIsDelegated", "agent pool %s: %s is delegated to a service", p.name, subnet)
	}
	return nil
}

func poolCreated(t *cloud.Tx, o *cloud.Object) error {
	control, p := clusterOf(t, o), own(o)
	if slices.ContainsFunc(inline(control), func(other nodePool) bool { return other.name == p.name }) {
		return cloud.Refuse("AlreadyExists", "agent pool %s is one of those that %s lists itself", p.name, control)
	}
	if err := p.valid(t, control); err != nil {
		return err
	}
	p.make(t, control)
	return nil
}

func poolUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	return own(o).change(t, own(old), clusterOf(t, o))
}

// fixed are what AKS changes of no pool that lives
// (https://learn.microsoft.com/azure/aks/manage-node-pools#limitations).
var fixed = []string{
	"availabilityZones", "enableNodePublicIP", "maxPods", "osDiskSizeGB", "osDiskType", "osType", "scaleSetEvictionPolicy",
	"scaleSetPriority", "spotMaxPrice", "vmSize", "vnetSubnetID",
}

// change replaces the nodes when they would be others, and else only counts and tags them
// (https://learn.microsoft.com/azure/aks/upgrade-aks-cluster).
func (p nodePool) change(t *cloud.Tx, was nodePool, control *cloud.Object) error {
	for _, property := range fixed {
		if !reflect.DeepEqual(was.spec.Value(property), p.spec.Value(property)) {
			return cloud.Refuse("PropertyChangeNotAllowed", "changing property properties.%s of agent pool %s is not allowed", property, p.name)
		}
	}
	if err := p.valid(t, control); err != nil {
		return err
	}
	p.of.Tags = with(p.of.Tags, nil)
	count := len(p.machines(t))
	if wanted := p.spec.Num("count"); wanted != was.spec.Num("count") {
		count = int(wanted)
	}
	if was.spec.Value("orchestratorVersion") != p.spec.Value("orchestratorVersion") {
		next := p.next(t)
		for _, m := range p.machines(t) {
			p.end(t, m)
		}
		for n := range count {
			p.mint(t, control, next+n)
		}
	}
	p.resize(t, control, count)
	tags := p.tags()
	for _, owned := range p.owned(t) {
		if owned.Type != machineDiskType {
			owned.Tags = clone(tags)
		}
	}
	return nil
}

func (p nodePool) tags() map[string]string {
	out := map[string]string{"aks-managed-poolName": p.name}
	given, _ := p.spec.Value("tags").(map[string]any)
	for k, v := range given {
		out[k] = fmt.Sprint(v)
	}
	return out
}

func poolDeleted(t *cloud.Tx, o *cloud.Object) error {
	control, p := clusterOf(t, o), own(o)
	others := 0
	for _, other := range allPools(t, control) {
		if other.system() && other.name != p.name {
			others++
		}
	}
	if p.system() && others == 0 {
		return cloud.Refuse("OperationNotAllowed", "there has to be at least one system agent pool")
	}
	for _, owned := range p.owned(t) {
		t.Remove(owned.Key())
	}
	return nil
}

// make makes the scale set of a pool and its first nodes.
func (p nodePool) make(t *cloud.Tx, control *cloud.Object) {
	holds := []cloud.Key{{Type: subnetType, ID: p.spec.Str("vnetSubnetID")}}
	if set := control.Str("diskEncryptionSetID"); set != "" {
		holds = append(holds, cloud.Key{Type: diskSetType, ID: set})
	}
	t.Mint(cloud.Object{
		Type: scaleSetType, ID: p.scaleSet(control), Hidden: true, Owner: p.of.Key(), Account: control.Account, Holds: holds, Tags: p.tags(),
		Props: map[string]any{"group": nodeGroup(control), "pool": p.name},
	})
	for n := range int(p.spec.Num("count")) {
		p.mint(t, control, n)
	}
}

func (p nodePool) scaleSet(control *cloud.Object) string {
	return fmt.Sprintf("%s/providers/Microsoft.Compute/virtualMachineScaleSets/aks-%s-%s-vmss", nodeGroup(control), p.name, control.Str("nodeSuffix"))
}

// mint makes a machine, which bears the pool's tags, and its disk, of which it is not said that it does
// (https://learn.microsoft.com/azure/aks/use-tags#add-tags-to-node-pools). The nth is in the nth zone.
func (p nodePool) mint(t *cloud.Tx, control *cloud.Object, n int) {
	zone := ""
	if zones := p.spec.List("availabilityZones"); len(zones) > 0 {
		zone = zones[n%len(zones)]
	}
	id := fmt.Sprintf("%s/virtualMachines/%d", p.scaleSet(control), n)
	props := func(more map[string]any) map[string]any {
		more["group"], more["pool"], more["instance"] = nodeGroup(control), p.name, float64(n)
		return more
	}
	t.Mint(cloud.Object{
		Type: machineType, ID: id, Hidden: true, Owner: p.of.Key(), Account: control.Account, Tags: p.tags(), Props: props(map[string]any{"zone": zone}),
	})
	t.Mint(cloud.Object{
		Type: machineDiskType, ID: id + "/disks/os", Hidden: true, Owner: p.of.Key(), Account: control.Account,
		Props: props(map[string]any{"diskEncryptionSetID": control.Str("diskEncryptionSetID"), "sizeGiB": p.spec.Num("osDiskSizeGB")}),
	})
}

// owned is what was made for a pool.
func (p nodePool) owned(t *cloud.Tx) []*cloud.Object {
	return slices.DeleteFunc(t.Owned(p.of.Key()), func(o *cloud.Object) bool { return o.Str("pool") != p.name })
}

// machines are those of a pool, to be read only.
func (p nodePool) machines(t *cloud.Tx) []*cloud.Object {
	return slices.DeleteFunc(t.ListOwned(p.of.Key(), machineType), func(o *cloud.Object) bool { return o.Str("pool") != p.name })
}

// next is the number of the next machine: none is given twice.
func (p nodePool) next(t *cloud.Tx) int {
	n := 0
	for _, m := range p.machines(t) {
		n = max(n, int(m.Num("instance"))+1)
	}
	return n
}

func (p nodePool) end(t *cloud.Tx, machine *cloud.Object) {
	t.Remove(cloud.Key{Type: machineDiskType, ID: machine.ID + "/disks/os"})
	t.Remove(machine.Key())
}

// resize starts machines or ends the youngest.
func (p nodePool) resize(t *cloud.Tx, control *cloud.Object, size int) {
	there := p.machines(t)
	next := p.next(t)
	for n := len(there); n < size; n++ {
		p.mint(t, control, next)
		next++
	}
	for n := len(there); n > size; n-- {
		p.end(t, there[n-1])
	}
}
