package kubernetes

import (
	"maps"
	"strings"

	"platform/tests/cloud"
)

const (
	prometheusType   = "kubernetes:monitoring.coreos.com/v1:Prometheus"
	alertmanagerType = "kubernetes:monitoring.coreos.com/v1:Alertmanager"
	deploymentType   = "kubernetes:apps/v1:Deployment"
)

// operated are the custom resources of which an operator runs pods, and how it names what it makes of them.
var operated = []struct{ typ, role string }{{prometheusType, "prometheus"}, {alertmanagerType, "alertmanager"}}

// reloaderFlag is by which the operator is told what reloads a configuration beside each pod
// (https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/cmd/operator/main.go).
const reloaderFlag = "prometheus-config-reloader"

// operate makes of each such resource what its operator does: a StatefulSet, which goes with it
// (https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/pkg/prometheus/server/statefulset.go,
// .../pkg/alertmanager/statefulset.go).
func (w *world) operate() {
	flags := w.operatorFlags()
	for _, kind := range operated {
		for _, o := range w.list(kind.typ) {
			if o.Bool("terminating") {
				continue
			}
			if flags == nil {
				w.note(o, "no operator makes its pods")
				continue
			}
			w.note(o, "")
			namespace, name := o.Str("namespace"), kind.role+"-"+nameOf(o)
			inputs := setOf(o, kind.role, name, namespace, flags)
			w.operated(o, setType, namespace, name, inputs)
		}
	}
}

// operated makes an object of an operator's, or changes it. It is the operator's resource's, and goes with it.
func (w *world) operated(of *cloud.Object, typ, namespace, name string, inputs map[string]any) {
	k := w.key(typ, namespace, name)
	if w.t.Has(k.Type, k.ID) {
		w.t.Get(k.Type, k.ID).Inputs = inputs
		return
	}
	uid := w.t.Random(32)
	w.t.Mint(cloud.Object{
		Type: k.Type, ID: k.ID, Public: namespace + "/" + name, Hidden: true, Owner: of.Key(), Inputs: inputs, Random: []string{uid},
		Props: map[string]any{"namespace": namespace, "uid": uid},
	})
}

// operatorFlags are those of the operator that runs in the cluster; nil if none does.
func (w *world) operatorFlags() map[string]string {
	for _, o := range w.list(deploymentType) {
		containers, _ := o.Value("spec.template.spec.containers").([]any)
		for _, container := range list(any(containers)) {
			args, _ := container["args"].([]any)
			flags := map[string]string{}
			for _, arg := range args {
				name, value, _ := strings.Cut(strings.TrimPrefix(text(arg), "--"), "=")
				flags[name] = value
			}
			if flags[reloaderFlag] != "" && !o.Bool("terminating") {
				return flags
			}
		}
	}
	return nil
}

// setOf is the StatefulSet of one resource. What it does not say, the operator leaves to the API.
func setOf(o *cloud.Object, role, name, namespace string, flags map[string]string) map[string]any {
	spec, _ := o.Inputs["spec"].(map[string]any)
	labels := map[string]any{"app.kubernetes.io/name": role, "app.kubernetes.io/instance": nameOf(o), "app.kubernetes.io/managed-by": "prometheus-operator"}
	given, _ := dig(spec, "podMetadata", "labels").(map[string]any)
	podLabels := maps.Clone(given)
	if podLabels == nil {
		podLabels = map[string]any{}
	}
	maps.Copy(podLabels, labels)
	// What the operator sets on every container, so that the strictest level lets them in.
	closed := map[string]any{
		"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
	}
	reloader := func(name string) map[string]any {
		return map[string]any{
			"name": name, "image": flags[reloaderFlag], "securityContext": closed,
			"resources": map[string]any{
				"requests": amounts(flags, "request"), "limits": amounts(flags, "limit"),
			},
		}
	}
	main := map[string]any{"name": role, "image": spec["image"], "securityContext": closed}
	if spec["resources"] != nil {
		main["resources"] = spec["resources"]
	}
	pod := map[string]any{
		"containers": []any{main, reloader("config-reloader")}, "initContainers": []any{reloader("init-config-reloader")},
	}
	for _, key := range []string{
		"nodeSelector", "tolerations", "affinity", "topologySpreadConstraints", "priorityClassName", "serviceAccountName", "securityContext", "hostNetwork",
	} {
		if spec[key] != nil {
			pod[key] = spec[key]
		}
	}
	made := map[string]any{
		"replicas": spec["replicas"], "serviceName": role + "-operated", "selector": map[string]any{"matchLabels": labels},
		"template": map[string]any{"metadata": map[string]any{"labels": podLabels}, "spec": pod},
	}
	if template, ok := dig(spec, "storage", "volumeClaimTemplate").(map[string]any); ok {
		template = maps.Clone(template)
		metadata, _ := template["metadata"].(map[string]any)
		metadata = maps.Clone(metadata)
		if metadata == nil {
			metadata = map[string]any{}
		}
		metadata["name"] = name + "-db"
		template["metadata"] = metadata
		made["volumeClaimTemplates"] = []any{template}
	}
	if policy := spec["persistentVolumeClaimRetentionPolicy"]; policy != nil {
		made["persistentVolumeClaimRetentionPolicy"] = policy
	}
	return map[string]any{
		"apiVersion": "apps/v1", "kind": "StatefulSet", "spec": made,
		"metadata": map[string]any{"name": name, "namespace": namespace, "labels": labels},
	}
}

// amounts are what the operator gives each reloader.
func amounts(flags map[string]string, of string) map[string]any {
	out := map[string]any{}
	for _, resource := range []string{"cpu", "memory"} {
		if v := flags["config-reloader-"+resource+"-"+of]; v != "" && v != "0" {
			out[resource] = v
		}
	}
	return out
}
