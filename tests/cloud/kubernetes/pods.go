package kubernetes

import (
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"platform/tests/cloud"
)

// workloads are the types that run pods.
var workloads = []string{
	"kubernetes:apps/v1:DaemonSet", "kubernetes:apps/v1:Deployment", "kubernetes:apps/v1:ReplicaSet", setType,
	"kubernetes:batch/v1:Job", podType,
}

const setType = "kubernetes:apps/v1:StatefulSet"

// pod is what is scheduled.
type pod struct {
	of                  *cloud.Object
	template            corev1.PodTemplateSpec
	milliCPU, memoryMiB int
	selector            map[string]string
	tolerations         []corev1.Toleration
	claims              []string
	everywhere          bool // of a DaemonSet: it follows the nodes and asks for none
}

// podCount is how many pods a workload is to run.
func podCount(o *cloud.Object) int {
	field := "spec.replicas"
	switch _, kind := version(o.Type); kind {
	case "Pod":
		return 1
	case "Job":
		field = "spec.parallelism"
	}
	if o.Value(field) == nil {
		return 1
	}
	return int(o.Num(field))
}

// pods lists the pods that a workload runs.
func (w *world) pods(o *cloud.Object) ([]pod, error) {
	template, err := w.template(o)
	if err != nil {
		return nil, err
	}
	one := pod{
		of: o, template: template, selector: template.Spec.NodeSelector, tolerations: template.Spec.Tolerations, everywhere: strings.HasSuffix(o.Type, ":DaemonSet"),
	}
	for _, c := range template.Spec.Containers {
		one.milliCPU += int(c.Resources.Requests.Cpu().MilliValue())
		one.memoryMiB += int((c.Resources.Requests.Memory().Value() + 1<<20 - 1) >> 20)
	}
	for _, v := range template.Spec.Volumes {
		if v.PersistentVolumeClaim != nil {
			one.claims = append(one.claims, v.PersistentVolumeClaim.ClaimName)
		}
	}
	var out []pod
	for i := range podCount(o) {
		each := one
		each.claims = append([]string(nil), one.claims...)
		for _, template := range list(o.Value("spec.volumeClaimTemplates")) {
			each.claims = append(each.claims, claimName(template, o, i))
		}
		out = append(out, each)
	}
	return out, nil
}

// claimName is how a StatefulSet names the claim of its nth pod
// (https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-storage).
func claimName(template map[string]any, set *cloud.Object, n int) string {
	metadata, _ := template["metadata"].(map[string]any)
	return fmt.Sprintf("%v-%s-%d", metadata["name"], nameOf(set), n)
}
