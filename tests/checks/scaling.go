package checks

import (
	"fmt"
	"strconv"

	"platform/components/kubernetes/workload"
	"platform/tests/cloud"
)

// scalers are the types that say how many pods of a Deployment run, by where they say the most and for which.
var scalers = map[string]struct{ most, target string }{
	"kubernetes:autoscaling/v2:HorizontalPodAutoscaler": {"spec.maxReplicas", "spec.scaleTargetRef.name"},
	"kubernetes:keda.sh/v1alpha1:ScaledObject":          {"spec.maxReplicaCount", "spec.scaleTargetRef.name"},
}

// Scaling finds what may grow further than the quota of its namespace, or has no budget for nodes that are emptied. A
// namespace without a quota is none of a service.
func Scaling(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		says, ok := scalers[o.Type]
		if !ok || o.Hidden {
			continue
		}
		namespace, target, most := o.Str("metadata.namespace"), o.Str(says.target), int(o.Num(says.most))
		pods, limited := quotaOf(objects, namespace)
		if !limited {
			continue
		}
		if most > pods {
			out = append(out, Finding{"scaling", o.String(), fmt.Sprintf("at most the %d pods of the quota", pods), strconv.Itoa(most), see(o)})
		}
		if !budgeted(objects, namespace, target) {
			out = append(out, Finding{"scaling", o.String(), "a disruption budget for " + target, "none", see(o)})
		}
	}
	return out
}

// quotaOf is how many pods a namespace may have, by a quota that is about all of them.
func quotaOf(objects []*cloud.Object, namespace string) (pods int, limited bool) {
	for _, o := range objects {
		if o.Type != "kubernetes:core/v1:ResourceQuota" || o.Str("metadata.namespace") != namespace || o.Value("spec.scopeSelector") != nil {
			continue
		}
		if n, err := strconv.Atoi(o.Str("spec.hard.pods")); err == nil {
			return n, true
		}
	}
	return 0, false
}

func budgeted(objects []*cloud.Object, namespace, target string) bool {
	for _, o := range objects {
		if o.Type != "kubernetes:policy/v1:PodDisruptionBudget" || o.Str("metadata.namespace") != namespace {
			continue
		}
		selected, _ := o.Value("spec.selector.matchLabels").(map[string]any)
		if len(selected) == 1 && selected[workload.Label] == target {
			return true
		}
	}
	return false
}
