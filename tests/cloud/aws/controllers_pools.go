package aws

import (
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// machine is what an instance type has.
type machine struct{ cpus, memoryGiB, pods int }

// machineOf reads an instance type of the general, compute and memory families of the fifth to eighth
// generation: the size says how many CPUs, the family how much memory each has
// (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-specs.html), and the size how many pods
// have an address (https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/eni-max-pods.txt),
// of which EKS takes at most 110 where there are fewer than 30 CPUs
// (https://docs.aws.amazon.com/eks/latest/userguide/choosing-instance-type.html).
func machineOf(typ string) (machine, error) {
	family, size, _ := strings.Cut(typ, ".")
	perCPU := map[byte]int{'c': 2, 'm': 4, 'r': 8}[family[0]]
	of, ok := map[string]machine{
		"large": {cpus: 2, pods: 29}, "xlarge": {cpus: 4, pods: 58}, "2xlarge": {cpus: 8, pods: 58},
		"4xlarge": {cpus: 16, pods: 110}, "8xlarge": {cpus: 32, pods: 234},
	}[size]
	if perCPU == 0 || !ok {
		return machine{}, fmt.Errorf("instance type %q is not known: add it to tests/cloud/aws/controllers.go", typ)
	}
	of.memoryGiB = of.cpus * perCPU
	return of, nil
}

// free is what EKS leaves to pods of a node: it keeps a part of the memory for each pod that a node may
// have and for evictions, and a part of each core that shrinks with their number
// (https://github.com/awslabs/amazon-eks-ami/blob/main/nodeadm/internal/kubelet/config.go).
func (m machine) free() (milliCPU, memoryMiB int) {
	const perPod, fixed, eviction = 11, 255, 100
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
	return m.cpus*1000 - int(kept), m.memoryGiB<<10 - perPod*m.pods - fixed - eviction
}

var taintEffects = map[string]string{"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute"}

// Pools are the node groups, which nothing scales, and those of Karpenter.
func (controllers) Pools(t *cloud.Tx, c controller.Cluster) ([]controller.Pool, error) {
	out, err := provisionedPools(t, c)
	if err != nil {
		return nil, err
	}
	for _, group := range nodeGroups(t, c) {
		types := group.List("instanceTypes")
		if len(types) == 0 {
			return nil, fmt.Errorf("%s names no instance type", group)
		}
		of, err := machineOf(types[0])
		if err != nil {
			return nil, err
		}
		pool := controller.Pool{
			Name: group.Str("nodeGroupName"), Min: int(group.Num("scalingConfig.minSize")), Max: int(group.Num("scalingConfig.maxSize")),
			Size: len(machines(t, group)), Pods: of.pods, Labels: map[string]string{},
		}
		pool.MilliCPU, pool.MemoryMiB = of.free()
		labels, _ := group.Inputs["labels"].(map[string]any)
		for k, v := range labels {
			pool.Labels[k] = fmt.Sprint(v)
		}
		taints, _ := group.Inputs["taints"].([]any)
		for _, e := range taints {
			taint, _ := e.(map[string]any)
			if effect, keeps := taintEffects[fmt.Sprint(taint["effect"])]; keeps {
				value, _ := taint["value"].(string)
				pool.Taints = append(pool.Taints, controller.Taint{Key: fmt.Sprint(taint["key"]), Value: value, Effect: effect})
			}
		}
		out = append(out, pool)
	}
	slices.SortFunc(out, func(a, b controller.Pool) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

func nodeGroups(t *cloud.Tx, c controller.Cluster) []*cloud.Object {
	return t.Find(nodeGroupType, func(g *cloud.Object) bool { return g.Str("clusterName") == c.ID })
}

// machines are those of a pool, to be read only.
func machines(t *cloud.Tx, group *cloud.Object) []*cloud.Object {
	return t.ListOwned(group.Key(), machineType)
}

// Scale starts machines of a pool of Karpenter's or ends the youngest, with what was made for them.
func (controllers) Scale(t *cloud.Tx, c controller.Cluster, pool string, size int) error {
	for _, o := range nodePools(t, c) {
		if nodePoolName(o) != pool {
			continue
		}
		there := machines(t, o)
		for n := len(there); n < size; n++ {
			if err := mintProvisioned(t, c, o, n); err != nil {
				return err
			}
		}
		for n := len(there); n > size; n-- {
			for _, part := range t.Owned(o.Key()) {
				if part.Seq >= there[n-1].Seq {
					t.Remove(part.Key())
				}
			}
		}
	}
	return nil
}
