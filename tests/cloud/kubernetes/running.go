package kubernetes

import (
	"fmt"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// Pods are what a workload runs: as many of them as there are, all alike.
type Pods struct {
	Of        *cloud.Object
	Namespace string
	Count     int
	Labels    map[string]string
	Account   string
	Spec      corev1.PodSpec
	// Environment are the variables of the first container.
	Environment map[string]string
}

// Port is the number by which a container calls a port; 0 if none does.
func (p Pods) Port(name string) int {
	for _, c := range p.Spec.Containers {
		for _, port := range c.Ports {
			if port.Name == name {
				return int(port.ContainerPort)
			}
		}
	}
	return 0
}

// Running are the pods that run, by what exists in a cluster. Those of a workload that waits for something do not.
func Running(objects []*cloud.Object) ([]Pods, error) {
	known := map[string]*cloud.Object{}
	for _, o := range objects {
		if slices.Contains(configuring, o.Type) {
			known[o.Type+" "+o.PublicID()] = o
		}
	}
	var out []Pods
	for _, o := range objects {
		if !slices.Contains(workloads, o.Type) || o.Inputs == nil || o.Str(controller.Waits) != "" || o.Bool("terminating") {
			continue
		}
		var template corev1.PodTemplateSpec
		if err := typed(templateOf(o), &template); err != nil {
			return nil, fmt.Errorf("template of %s: %w", o, err)
		}
		each := Pods{Of: o, Namespace: o.Str("namespace"), Count: podCount(o), Labels: template.Labels, Account: template.Spec.ServiceAccountName, Spec: template.Spec}
		if each.Account == "" {
			each.Account = defaultAccount
		}
		if len(template.Spec.Containers) > 0 {
			in := namespaced{each.Namespace, func(typ, name string) *cloud.Object { return known[typ+" "+each.Namespace+"/"+name] }}
			each.Environment, _ = in.environment(template.Spec.Containers[0], map[string]string{})
		}
		out = append(out, each)
	}
	return out, nil
}

// Sync lets people have all applications delivered that wait for them, as the button of Argo CD's pages does
// (https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/).
func (p *Package) Sync(t *cloud.Tx) error {
	for _, o := range t.Find(applicationType, nil) {
		w, err := p.world(t, cloud.Config{Cluster: o.Owner})
		if err != nil {
			return err
		}
		o.Inputs["operation"] = map[string]any{"sync": map[string]any{}}
		if err := w.reconcile(o); err != nil {
			return err
		}
	}
	return nil
}
