package azure

import (
	"fmt"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// machine is what a size has.
type machine struct{ cpus, memoryGiB int }

// machines are sizes of the general family of the fifth generation
// (https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv5-series).
var machines = map[string]machine{
	"Standard_D2s_v5": {2, 8}, "Standard_D4s_v5": {4, 16}, "Standard_D8s_v5": {8, 32}, "Standard_D16s_v5": {16, 64},
}

func machineOf(size string) (machine, error) {
	m, ok := machines[size]
	if !ok {
		return machine{}, fmt.Errorf("machine size %q is not known: add it to tests/cloud/azure/controllers_pools.go", size)
	}
	return m, nil
}

// keptMilliCPU is what AKS keeps of each node's CPUs
// (https://learn.microsoft.com/azure/aks/node-resource-reservations#cpu-reservations).
var keptMilliCPU = map[int]int{2: 100, 4: 140, 8: 180, 16: 260}

// free is what AKS leaves to pods of a node: of the memory it keeps 20 MB for each pod that a node may have and
// 50 MB, or a quarter if that is less, and the threshold at which pods are evicted
// (https://learn.microsoft.com/azure/aks/node-resource-reservations#memory-reservations).
func (m machine) free(pods int) (milliCPU, memoryMiB int) {
	const eviction = 100
	whole := m.memoryGiB << 10
	return m.cpus*1000 - keptMilliCPU[m.cpus], whole - min(20*pods+50, whole/4) - eviction
}

// Pools are all pools of a cluster. Those with the autoscaler are scaled by AKS itself.
func (controllers) Pools(t *cloud.Tx, c controller.Cluster) ([]controller.Pool, error) {
	var out []controller.Pool
	for _, p := range allPools(t, c.Object) {
		of, err := machineOf(p.spec.Str("vmSize"))
		if err != nil {
			return nil, err
		}
		pods := int(p.spec.Num("maxPods"))
		if pods == 0 {
			pods = 250 // https://learn.microsoft.com/azure/aks/azure-cni-overlay#maximum-pods-per-node
		}
		pool := controller.Pool{
			Name: p.name, Min: int(p.spec.Num("minCount")), Max: int(p.spec.Num("maxCount")), Size: len(p.machines(t)),
			Scales: p.spec.Bool("enableAutoScaling"), Pods: pods, Labels: map[string]string{},
		}
		pool.MilliCPU, pool.MemoryMiB = of.free(pods)
		labels, _ := p.spec.Value("nodeLabels").(map[string]any)
		for k, v := range labels {
			pool.Labels[k] = fmt.Sprint(v)
		}
		for _, taint := range p.taints() {
			pair, effect, _ := strings.Cut(taint, ":")
			if key, value, _ := strings.Cut(pair, "="); effect != "PreferNoSchedule" {
				pool.Taints = append(pool.Taints, controller.Taint{Key: key, Value: value, Effect: effect})
			}
		}
		out = append(out, pool)
	}
	return out, nil
}

// Scale starts machines or ends the youngest, with what was made for them. The pool's count, as the program set
// it, is left alone: programs ignore its changes.
func (controllers) Scale(t *cloud.Tx, c controller.Cluster, pool string, size int) error {
	for _, p := range allPools(t, c.Object) {
		if p.name == pool {
			p.resize(t, c.Object, size)
		}
	}
	return nil
}
