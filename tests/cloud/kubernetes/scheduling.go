package kubernetes

import (
	"cmp"
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// scaleNodes places the pods by what they request, and lets whoever scales a pool have as many nodes as they need: never
// fewer than its minimum nor more than its maximum
// (https://kubernetes.io/docs/concepts/cluster-administration/node-autoscaling/).
// What the cloud and the charts run themselves is not counted, nor is a node kept for a while once it is
// empty.
func (w *world) scaleNodes() error {
	pools, err := w.by.Pools(w.t, w.c)
	if err != nil {
		return err
	}
	s := &schedule{pools: slices.Clone(pools)}
	for i := range s.pools {
		if s.pools[i].Scales {
			s.pools[i].Size = s.pools[i].Min
		}
		for range s.pools[i].Size {
			s.add(i)
		}
	}
	admission := w.admission()
	for _, o := range w.queue() {
		pods, err := w.pods(o)
		if err != nil {
			return err
		}
		reason := ""
		for _, each := range pods {
			against, err := admission.admit(o.Str("namespace"), each.template)
			if err != nil {
				return err
			}
			if against != "" {
				reason = forbidden(o, against)
				continue
			}
			if !each.everywhere && !s.place(each) {
				reason = fmt.Sprintf("0/%d nodes are available: none has %dm CPU and %d MiB left for a pod that may run there",
					controller.Nodes(s.pools), each.milliCPU, each.memoryMiB)
			}
		}
		w.note(o, reason)
	}
	for i, pool := range s.pools {
		if pool.Size != pools[i].Size {
			if err := w.by.Scale(w.t, w.c, pool.Name, pool.Size); err != nil {
				return fmt.Errorf("scale pool %s from %d to %d nodes: %w", pool.Name, pools[i].Size, pool.Size, err)
			}
		}
	}
	return nil
}

// queue are the workloads in the order in which the scheduler takes their pods: by priority, so that placeholders take what
// services leave (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#effect-of-pod-priority-on-scheduling-order).
// Among equals the order is by name, so that as many nodes come of the same pods however these came.
func (w *world) queue() []*cloud.Object {
	all := slices.DeleteFunc(w.list(workloads...), func(o *cloud.Object) bool { return o.Bool("terminating") })
	priorities := map[*cloud.Object]float64{}
	for _, o := range all {
		priorities[o] = w.priority(o)
	}
	slices.SortFunc(all, func(a, b *cloud.Object) int {
		return cmp.Or(cmp.Compare(priorities[b], priorities[a]), cmp.Compare(a.ID, b.ID), cmp.Compare(a.Type, b.Type))
	})
	return all
}

// ownPriority is that of pods by which Kubernetes keeps itself alive, at the least
// (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#priorityclass).
const ownPriority = 2e9

// priority is that of a workload's pods, which is 0 for those that name no class.
func (w *world) priority(o *cloud.Object) float64 {
	name := text(dig(templateOf(o), "spec", "priorityClassName"))
	if slices.Contains(ownPriorities, name) {
		return ownPriority
	}
	k := w.key(priorityType, "", name)
	if class := w.t.Get(k.Type, k.ID); class != nil {
		return class.Num("value")
	}
	return 0
}

// schedule places pods on nodes, the first on which they fit.
type schedule struct {
	pools []controller.Pool
	nodes []node
}

type node struct{ pool, milliCPU, memoryMiB, pods int }

func (s *schedule) add(pool int) {
	p := s.pools[pool]
	s.nodes = append(s.nodes, node{pool, p.MilliCPU, p.MemoryMiB, p.Pods})
}

func (s *schedule) place(p pod) bool {
	for i := range s.nodes {
		if n := &s.nodes[i]; p.allowed(s.pools[n.pool]) && n.take(p) {
			return true
		}
	}
	for i := range s.pools {
		pool := &s.pools[i]
		fresh := node{i, pool.MilliCPU, pool.MemoryMiB, pool.Pods}
		if pool.Scales && pool.Size < pool.Max && p.allowed(*pool) && fresh.take(p) {
			pool.Size++
			s.nodes = append(s.nodes, fresh)
			return true
		}
	}
	return false
}

func (n *node) take(p pod) bool {
	if n.milliCPU < p.milliCPU || n.memoryMiB < p.memoryMiB || n.pods < 1 {
		return false
	}
	n.milliCPU, n.memoryMiB, n.pods = n.milliCPU-p.milliCPU, n.memoryMiB-p.memoryMiB, n.pods-1
	return true
}

// everyNode are labels that the kubelet of each node sets, all of which run Linux here
// (https://kubernetes.io/docs/reference/labels-annotations-taints/#kubernetes-io-os).
var everyNode = map[string]string{"kubernetes.io/os": "linux"}

// allowed says whether a pool's labels are those that the pod selects, and its taints are tolerated
// (https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/).
func (p pod) allowed(pool controller.Pool) bool {
	for k, v := range p.selector {
		if pool.Labels[k] != v && everyNode[k] != v {
			return false
		}
	}
	for _, taint := range pool.Taints {
		if !slices.ContainsFunc(p.tolerations, func(t corev1.Toleration) bool { return tolerates(t, taint) }) {
			return false
		}
	}
	return true
}

func tolerates(t corev1.Toleration, taint controller.Taint) bool {
	return t.ToleratesTaint(&corev1.Taint{Key: taint.Key, Value: taint.Value, Effect: corev1.TaintEffect(taint.Effect)})
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// used says whether a pod that is not on its way out uses a claim.
func (w *world) used(claim *cloud.Object) (bool, error) {
	for _, o := range w.list(workloads...) {
		if o.Str("namespace") != claim.Str("namespace") || o.Bool("terminating") || o.Str(controller.Waits) != "" {
			continue
		}
		pods, err := w.pods(o)
		if err != nil {
			return false, err
		}
		for _, each := range pods {
			if slices.Contains(each.claims, nameOf(claim)) {
				return true, nil
			}
		}
	}
	return false, nil
}
