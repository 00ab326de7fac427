package gcp

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// machine is what a machine type has.
type machine struct{ cpus, memoryGiB int }

// perCPU is the memory of each vCPU in GiB
// (https://cloud.google.com/compute/docs/general-purpose-machines).
var perCPU = map[string]int{"standard": 4, "highmem": 8, "highcpu": 1}

// families are those that have so much.
var families = []string{"e2", "n2", "n2d"}

// machineOf reads a predefined machine type with whole cores: family, memory and number of vCPUs.
func machineOf(typ string) (machine, error) {
	parts := strings.Split(typ, "-")
	if len(parts) == 3 {
		cpus, err := strconv.Atoi(parts[2])
		if memory := perCPU[parts[1]]; err == nil && cpus > 0 && memory > 0 && slices.Contains(families, parts[0]) {
			return machine{cpus: cpus, memoryGiB: cpus * memory}, nil
		}
	}
	return machine{}, fmt.Errorf("machine type %q is not known: add it to tests/cloud/gcp/controllers_pools.go", typ)
}

// free is what GKE leaves to pods of a node: it keeps a part of the memory and of each core that shrinks with their
// number, and a little for evictions
// (https://cloud.google.com/kubernetes-engine/docs/concepts/plan-node-sizes#resource_reservations).
func (m machine) free() (milliCPU, memoryMiB int) {
	const eviction = 100
	kept := 0.0
	for core := range m.cpus {
		switch {
		case core == 0:
			kept += 60
		case core == 1:
			kept += 10
		case core < 4:
			kept += 5
		default:
			kept += 2.5
		}
	}
	left, reserved := m.memoryGiB<<10, 0
	for _, step := range []struct{ miB, percent int }{{4 << 10, 25}, {4 << 10, 20}, {8 << 10, 10}, {112 << 10, 6}, {left, 2}} {
		part := min(left, step.miB)
		left, reserved = left-part, reserved+part*step.percent/100
	}
	return m.cpus*1000 - int(kept), m.memoryGiB<<10 - reserved - eviction
}

// podsPerNode is GKE's default (https://cloud.google.com/kubernetes-engine/quotas).
const podsPerNode = 110

var taintEffects = map[string]string{"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}

// Pools are the node pools; what a pool may grow to is in all of its zones together.
func (controllers) Pools(t *cloud.Tx, c controller.Cluster) ([]controller.Pool, error) {
	var out []controller.Pool
	for _, o := range poolsOf(t, c.Object) {
		of, err := machineOf(o.Str("nodeConfig.machineType"))
		if err != nil {
			return nil, err
		}
		size := len(machinesOf(t, o))
		pool := controller.Pool{
			Name: o.Str("name"), Min: size, Max: size, Size: size, Pods: podsPerNode, Labels: labelsAt(o, "nodeConfig.labels"),
			Scales: o.Value("autoscaling") != nil,
		}
		if pool.Scales {
			each := len(poolZones(o, c.Object))
			pool.Min = int(o.Num("autoscaling.totalMinNodeCount")) + each*int(o.Num("autoscaling.minNodeCount"))
			pool.Max = int(o.Num("autoscaling.totalMaxNodeCount")) + each*int(o.Num("autoscaling.maxNodeCount"))
		}
		pool.Labels["cloud.google.com/gke-nodepool"] = pool.Name
		pool.MilliCPU, pool.MemoryMiB = of.free()
		taints, _ := o.Value("nodeConfig.taints").([]any)
		for _, e := range taints {
			taint, _ := e.(map[string]any)
			if effect, keeps := taintEffects[fmt.Sprint(taint["effect"])]; keeps {
				pool.Taints = append(pool.Taints, controller.Taint{Key: fmt.Sprint(taint["key"]), Value: fmt.Sprint(taint["value"]), Effect: effect})
			}
		}
		out = append(out, pool)
	}
	return out, nil
}

// Scale starts machines or ends the youngest. GKE's own autoscaler keeps a node more in a cluster without any, for
// its own pods, which are not counted here
// (https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-autoscaler).
func (controllers) Scale(t *cloud.Tx, c controller.Cluster, pool string, size int) error {
	for _, o := range poolsOf(t, c.Object) {
		if o.Str("name") != pool {
			continue
		}
		for n := len(machinesOf(t, o)); n < size; n++ {
			mintNode(t, o, c.Object, n)
		}
		removeNodes(t, o, size)
	}
	return nodesFit(t, c.Object)
}
