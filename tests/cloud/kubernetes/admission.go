package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/pod-security-admission/api"
	"k8s.io/pod-security-admission/policy"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	podType      = "kubernetes:core/v1:Pod"
	priorityType = "kubernetes:scheduling.k8s.io/v1:PriorityClass"
)

// ownPriorities are the classes of every cluster
// (https://kubernetes.io/docs/tasks/administer-cluster/guaranteed-scheduling-critical-addon-pods/).
var ownPriorities = []string{"system-cluster-critical", "system-node-critical"}

// admission decides about the pods of a cluster, one after the other, as the API server's own plugins do in their
// order (https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#what-does-each-admission-controller-do).
type admission struct {
	w      *world
	quotas map[string][]*quota // by namespace, of those in which pods are
}

func (w *world) admission() *admission { return &admission{w, map[string][]*quota{}} }

// of are the quotas of a namespace, of which what was admitted is gone.
func (a *admission) of(namespace string) ([]*quota, error) {
	if known, ok := a.quotas[namespace]; ok {
		return known, nil
	}
	quotas, err := a.w.quotas(namespace)
	a.quotas[namespace] = quotas
	return quotas, err
}

// admit says why a pod is refused; "" if it is not. What it admits counts for the pods that come later.
func (a *admission) admit(namespace string, pod corev1.PodTemplateSpec) (string, error) {
	if name := pod.Spec.PriorityClassName; name != "" && !slices.Contains(ownPriorities, name) {
		if k := a.w.key(priorityType, "", name); a.w.t.Get(k.Type, k.ID) == nil {
			return fmt.Sprintf("no PriorityClass with name %s was found", name), nil
		}
	}
	limits, err := a.w.limits(namespace)
	if err != nil {
		return "", err
	}
	if reason := beyond(pod.Spec, limits); reason != "" {
		return reason, nil
	}
	if reason, err := a.w.insecure(namespace, pod); reason != "" || err != nil {
		return reason, err
	}
	quotas, err := a.of(namespace)
	if err != nil {
		return "", err
	}
	var mine []*quota
	for _, q := range quotas {
		counts, err := q.matches(pod.Spec)
		if err != nil {
			return "", err
		}
		if counts {
			mine = append(mine, q)
		}
	}
	return charge(mine, podUse(pod.Spec)), nil
}

// beyond names a container that asks for more than its namespace's limits allow
// (https://kubernetes.io/docs/concepts/policy/limit-range/#limitrange-and-admission-checks-for-pods).
func beyond(spec corev1.PodSpec, limits []corev1.LimitRangeItem) string {
	for _, item := range limits {
		for _, c := range slices.Concat(spec.InitContainers, spec.Containers) {
			for _, name := range slices.Sorted(maps.Keys(item.Max)) {
				most := item.Max[name]
				limit, given := c.Resources.Limits[name]
				if !given {
					return fmt.Sprintf("maximum %s usage per Container is %s. No limit is specified", name, most.String())
				}
				if limit.Cmp(most) > 0 {
					return fmt.Sprintf("maximum %s usage per Container is %s, but limit is %s", name, most.String(), limit.String())
				}
			}
		}
	}
	return ""
}

// standards are the pod security standards, in Kubernetes' own words.
var standards, standardsErr = policy.NewEvaluator(policy.DefaultChecks())

// insecure says what a namespace's pod security standard has against a pod
// (https://kubernetes.io/docs/concepts/security/pod-security-admission/).
func (w *world) insecure(namespace string, pod corev1.PodTemplateSpec) (string, error) {
	if standardsErr != nil {
		return "", standardsErr
	}
	k := w.key(namespaceType, "", namespace)
	space := w.t.Get(k.Type, k.ID)
	if space == nil {
		return "", nil // one of the cluster's own
	}
	labels := texts(dig(space.Inputs, "metadata", "labels"))
	wanted, faults := api.PolicyToEvaluate(labels, api.Policy{
		Enforce: api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
		Audit:   api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
		Warn:    api.LevelVersion{Level: api.LevelPrivileged, Version: api.LatestVersion()},
	})
	if len(faults) > 0 {
		return "", cloud.Refuse("Invalid", "Namespace %q is invalid: %v", namespace, faults.ToAggregate())
	}
	result := policy.AggregateCheckResults(standards.EvaluatePod(wanted.Enforce, &pod.ObjectMeta, &pod.Spec))
	if result.Allowed {
		return "", nil
	}
	return fmt.Sprintf("violates PodSecurity %q: %s", wanted.Enforce.String(), result.ForbiddenDetail()), nil
}

// forbidden is how the API server says that a pod is refused: to who makes it, or in an event of the workload.
func forbidden(o *cloud.Object, reason string) string {
	if o.Type == podType {
		return fmt.Sprintf("pods %q is forbidden: %s", nameOf(o), reason)
	}
	return fmt.Sprintf("Error creating: pods \"%s-\" is forbidden: %s", nameOf(o), reason)
}

// refused is the error of the call by which a pod was made that is refused.
func refused(o *cloud.Object) error {
	if reason := o.Str(controller.Waits); o.Type == podType && strings.HasPrefix(reason, "pods ") {
		return cloud.Refuse("Forbidden", "%s", reason)
	}
	return nil
}
