package kubernetes

import (
	"fmt"

	"k8s.io/apimachinery/pkg/api/resource"

	"platform/tests/cloud"
)

const limitsType = "kubernetes:core/v1:LimitRange"

// workloads are the types that run pods.
var workloads = []string{
	"kubernetes:apps/v1:DaemonSet", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:ReplicaSet", setType,
	"kubernetes:batch/v1:Job", "kubernetes:core/v1:Pod",
}

const setType = "kubernetes:apps/v1:StatefulSet"

// pod is what is scheduled.
type pod struct {
	of                  *cloud.Object
	milliCPU, memoryMiB int
	selector            map[string]string
	tolerations         []map[string]any
	claims              []string
	everywhere          bool // of a DaemonSet: it follows the nodes and asks for none
}

// pods lists the pods that a workload runs.
func (w *world) pods(o *cloud.Object) []pod {
	spec, _ := o.Value("spec.template.spec").(map[string]any)
	count := 1
	_, kind := version(o.Type)
	switch kind {
	case "Pod":
		spec, _ = o.Inputs["spec"].(map[string]any)
	case "Job":
		if o.Value("spec.parallelism") != nil {
			count = int(o.Num("spec.parallelism"))
		}
	default:
		if o.Value("spec.replicas") != nil {
			count = int(o.Num("spec.replicas"))
		}
	}
	one := pod{of: o, selector: texts(spec["nodeSelector"]), tolerations: list(spec["tolerations"]), everywhere: kind == "DaemonSet"}
	one.milliCPU, one.memoryMiB = w.requests(o.Str("namespace"), list(spec["containers"]))
	for _, v := range list(spec["volumes"]) {
		source, _ := v["persistentVolumeClaim"].(map[string]any)
		if name, _ := source["claimName"].(string); name != "" {
			one.claims = append(one.claims, name)
		}
	}
	var out []pod
	for i := range count {
		each := one
		each.claims = append([]string(nil), one.claims...)
		for _, template := range list(o.Value("spec.volumeClaimTemplates")) {
			each.claims = append(each.claims, claimName(template, o, i))
		}
		out = append(out, each)
	}
	return out
}

// claimName is how a StatefulSet names the claim of its nth pod
// (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage).
func claimName(template map[string]any, set *cloud.Object, n int) string {
	metadata, _ := template["metadata"].(map[string]any)
	return fmt.Sprintf("%v-%s-%d", metadata["name"], nameOf(set), n)
}

// requests sums what containers request; what one does not say, the namespace's limits say
// (https://kubernetes.io/docs/concepts/policy/limit-range/).
func (w *world) requests(namespace string, containers []map[string]any) (milliCPU, memoryMiB int) {
	fallback := map[string]any{}
	for _, limits := range w.find(limitsType) {
		for _, item := range list(limits.Value("spec.limits")) {
			if given, ok := item["defaultRequest"].(map[string]any); ok && limits.Str("namespace") == namespace && item["type"] == "Container" {
				fallback = given
			}
		}
	}
	for _, c := range containers {
		resources, _ := c["resources"].(map[string]any)
		asked, _ := resources["requests"].(map[string]any)
		most, _ := resources["limits"].(map[string]any)
		amount := func(name string) resource.Quantity {
			for _, from := range []map[string]any{asked, most, fallback} {
				if q, err := resource.ParseQuantity(fmt.Sprint(from[name])); err == nil {
					return q
				}
			}
			return resource.Quantity{}
		}
		cpu, memory := amount("cpu"), amount("memory")
		milliCPU += int(cpu.MilliValue())
		memoryMiB += int((memory.Value() + 1<<20 - 1) >> 20)
	}
	return milliCPU, memoryMiB
}
