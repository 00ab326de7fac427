package kubernetes

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"

	"platform/tests/cloud"
)

const limitsType = "kubernetes:core/v1:LimitRange"

// template is what the pods of a workload are made of, as the API server completes it.
func (w *world) template(o *cloud.Object) (corev1.PodTemplateSpec, error) {
	var out corev1.PodTemplateSpec
	if err := typed(templateOf(o), &out); err != nil {
		return out, fmt.Errorf("template of %s: %w", o, err)
	}
	limits, err := w.limits(o.Str("namespace"))
	if err != nil {
		return out, err
	}
	for i := range out.Spec.InitContainers {
		complete(&out.Spec.InitContainers[i], limits)
	}
	for i := range out.Spec.Containers {
		complete(&out.Spec.Containers[i], limits)
	}
	return out, nil
}

// templateOf is what the pods of a workload are made of, as it says itself.
func templateOf(o *cloud.Object) any {
	if o.Type == podType {
		return map[string]any{"metadata": o.Inputs["metadata"], "spec": o.Inputs["spec"]}
	}
	return o.Value("spec.template")
}

// typed reads an object's part into the API's own type.
func typed(from, into any) error {
	raw, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

// limits are what the LimitRanges of a namespace say of containers.
func (w *world) limits(namespace string) ([]corev1.LimitRangeItem, error) {
	var out []corev1.LimitRangeItem
	for _, o := range w.listIn(namespace, limitsType) {
		var spec corev1.LimitRangeSpec
		if err := typed(o.Inputs["spec"], &spec); err != nil {
			return nil, fmt.Errorf("%s: %w", o, err)
		}
		for _, item := range spec.Limits {
			if item.Type == corev1.LimitTypeContainer {
				out = append(out, item)
			}
		}
	}
	return out, nil
}

// complete gives a container what it does not say: its limit as its request, and then what the namespace's
// limits say (https://kubernetes.io/docs/concepts/policy/limit-range/).
func complete(c *corev1.Container, limits []corev1.LimitRangeItem) {
	r := &c.Resources
	if r.Requests == nil {
		r.Requests = corev1.ResourceList{}
	}
	if r.Limits == nil {
		r.Limits = corev1.ResourceList{}
	}
	absent(r.Requests, r.Limits)
	for _, item := range limits {
		absent(r.Requests, item.DefaultRequest)
		absent(r.Limits, item.Default)
	}
}

func absent(into, from corev1.ResourceList) {
	for name, quantity := range from {
		if _, given := into[name]; !given {
			into[name] = quantity
		}
	}
}
