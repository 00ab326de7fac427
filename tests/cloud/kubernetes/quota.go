package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"platform/tests/cloud"
)

const quotaType = "kubernetes:core/v1:ResourceQuota"

// quota is what is left of one ResourceQuota
// (https://kubernetes.io/docs/concepts/policy/resource-quotas/).
type quota struct {
	name string
	spec corev1.ResourceQuotaSpec
	used corev1.ResourceList
}

// quotas are those of a namespace, with what is used of them but for pods, which are counted as they are admitted.
func (w *world) quotas(namespace string) ([]*quota, error) {
	var out []*quota
	for _, o := range w.listIn(namespace, quotaType) {
		q := &quota{name: nameOf(o), used: corev1.ResourceList{}}
		if err := typed(o.Inputs["spec"], &q.spec); err != nil {
			return nil, fmt.Errorf("%s: %w", o, err)
		}
		out = append(out, q)
	}
	return out, nil
}

// matches says whether a quota counts a pod. Only the scope of priority classes is known.
func (q *quota) matches(pod corev1.PodSpec) (bool, error) {
	if len(q.spec.Scopes) > 0 {
		return false, fmt.Errorf("resource quota %s: scopes are not simulated: add them in tests/cloud/kubernetes/quota.go", q.name)
	}
	if q.spec.ScopeSelector == nil {
		return true, nil
	}
	for _, e := range q.spec.ScopeSelector.MatchExpressions {
		if e.ScopeName != corev1.ResourceQuotaScopePriorityClass {
			return false, fmt.Errorf("resource quota %s: the scope %s is not simulated: add it in tests/cloud/kubernetes/quota.go", q.name, e.ScopeName)
		}
		has := false
		switch e.Operator {
		case corev1.ScopeSelectorOpIn:
			has = slices.Contains(e.Values, pod.PriorityClassName)
		case corev1.ScopeSelectorOpNotIn:
			has = !slices.Contains(e.Values, pod.PriorityClassName)
		case corev1.ScopeSelectorOpExists:
			has = pod.PriorityClassName != ""
		case corev1.ScopeSelectorOpDoesNotExist:
			has = pod.PriorityClassName == ""
		}
		if !has {
			return false, nil
		}
	}
	return true, nil
}

// podUse is what a pod takes of a quota. cpu and memory stand for the requests.
func podUse(spec corev1.PodSpec) corev1.ResourceList {
	use := corev1.ResourceList{corev1.ResourcePods: resource.MustParse("1")}
	add := func(name corev1.ResourceName, q resource.Quantity) {
		sum := use[name]
		sum.Add(q)
		use[name] = sum
	}
	for _, c := range spec.Containers {
		for name, q := range c.Resources.Requests {
			add(name, q)
			add("requests."+name, q)
		}
		for name, q := range c.Resources.Limits {
			add("limits."+name, q)
		}
	}
	return use
}

// computed are what a pod must say of itself where a quota counts it
// (https://kubernetes.io/docs/concepts/policy/resource-quotas/#compute-resource-quota).
var computed = []corev1.ResourceName{"cpu", "memory", "requests.cpu", "requests.memory", "limits.cpu", "limits.memory"}

// charge takes from all of some quotas or says which of them has no room.
func charge(quotas []*quota, use corev1.ResourceList) string {
	for _, q := range quotas {
		var asked, used, most []string
		for _, name := range slices.Sorted(maps.Keys(q.spec.Hard)) {
			more, counts := use[name]
			if !counts {
				if slices.Contains(computed, name) && !one(use, corev1.ResourcePods).IsZero() {
					return fmt.Sprintf("failed quota: %s: must specify %s", q.name, name)
				}
				continue
			}
			hard, now := q.spec.Hard[name], q.used[name]
			sum := now.DeepCopy()
			sum.Add(more)
			if sum.Cmp(hard) > 0 {
				asked = append(asked, fmt.Sprintf("%s=%s", name, more.String()))
				used = append(used, fmt.Sprintf("%s=%s", name, now.String()))
				most = append(most, fmt.Sprintf("%s=%s", name, hard.String()))
			}
		}
		if len(asked) > 0 {
			return fmt.Sprintf("exceeded quota: %s, requested: %s, used: %s, limited: %s",
				q.name, strings.Join(asked, ","), strings.Join(used, ","), strings.Join(most, ","))
		}
	}
	for _, q := range quotas {
		for name := range q.spec.Hard {
			if more, counts := use[name]; counts {
				sum := q.used[name]
				sum.Add(more)
				q.used[name] = sum
			}
		}
	}
	return ""
}

func one(list corev1.ResourceList, name corev1.ResourceName) *resource.Quantity {
	q := list[name]
	return &q
}

// objectUse is what an object that is no pod takes of a quota
// (https://kubernetes.io/docs/concepts/policy/resource-quotas/#object-count-quota).
func (w *world) objectUse(o *cloud.Object) corev1.ResourceList {
	name := strings.TrimSuffix(w.resource(o), ".")
	use := corev1.ResourceList{corev1.ResourceName("count/" + name): resource.MustParse("1")}
	switch o.Type {
	case serviceType:
		use["services"] = resource.MustParse("1")
		kind := o.Str("spec.type")
		if kind == "LoadBalancer" {
			use["services.loadbalancers"] = resource.MustParse("1")
		}
		nodes := 0
		for _, p := range ports(o) {
			if p.NodePort != 0 {
				nodes++
			}
		}
		if nodes > 0 {
			use["services.nodeports"] = *resource.NewQuantity(int64(nodes), resource.DecimalSI)
		}
	case claimType:
		use["persistentvolumeclaims"] = resource.MustParse("1")
		if q, err := resource.ParseQuantity(o.Str("spec.resources.requests.storage")); err == nil {
			use["requests.storage"] = q
		}
	case "kubernetes:core/v1:ConfigMap", "kubernetes:core/v1:Secret":
		use[corev1.ResourceName(name)] = resource.MustParse("1")
	}
	return use
}

// room says why an object that is no pod has no room in the quotas of its namespace; "" if it has.
func (w *world) room(o *cloud.Object) (string, error) {
	quotas, err := w.quotas(o.Str("namespace"))
	if err != nil {
		return "", err
	}
	quotas = slices.DeleteFunc(quotas, func(q *quota) bool {
		return q.spec.ScopeSelector != nil || len(q.spec.Scopes) > 0
	})
	if len(quotas) == 0 {
		return "", nil
	}
	for _, other := range w.listIn(o.Str("namespace"), o.Type) {
		if other.ID != o.ID {
			charge(quotas, w.objectUse(other))
		}
	}
	return charge(quotas, w.objectUse(o)), nil
}
