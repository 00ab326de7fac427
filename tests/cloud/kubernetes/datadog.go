package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/datadog"
)

const (
	agentType       = "kubernetes:datadoghq.com/v2alpha1:DatadogAgent"
	monitorType     = "kubernetes:datadoghq.com/v1alpha1:DatadogMonitor"
	objectiveType   = "kubernetes:datadoghq.com/v1alpha1:DatadogSLO"
	boardType       = "kubernetes:datadoghq.com/v1alpha1:DatadogDashboard"
	datadogOperator = "datadog-operator"
)

// taken is set on what Datadog knows as it is.
const taken = "taken"

// judgedBy are the kinds that Datadog's operator takes to Datadog's API, and what that refuses of each.
var judgedBy = map[string]func(spec map[string]any) []string{
	monitorType: datadog.Monitor, objectiveType: datadog.Objective, boardType: datadog.Dashboard,
}

// watchers lets Datadog's operator make agents
// (https://github.com/DataDog/datadog-operator/tree/v1.29.0/internal/controller/datadogagent). What agents make by themselves is not of the cluster.
func (w *world) watchers() {
	for _, o := range w.list(agentType) {
		if o.Bool("terminating") {
			continue
		}
		if !w.lives(datadogOperator) {
			w.note(o, "no operator makes its agents")
			continue
		}
		w.note(o, "")
		wanted := agentsOf(o)
		for _, each := range wanted {
			w.operated(o, tokenOf(each), o.Str("namespace"), text(dig(each, "metadata", "name")), each)
		}
		for _, owned := range w.t.Owned(o.Key()) {
			if !slices.ContainsFunc(wanted, func(m map[string]any) bool {
				return tokenOf(m) == owned.Type && text(dig(m, "metadata", "name")) == nameOf(owned)
			}) {
				w.t.Remove(owned.Key())
			}
		}
	}
}

// agentsOf is what the operator makes of one resource: an agent on each node, those of the cluster, and the ways to both.
func agentsOf(o *cloud.Object) []map[string]any {
	spec, _ := o.Inputs["spec"].(map[string]any)
	namespace, name := o.Str("namespace"), nameOf(o)
	common, _ := dig(spec, "global", "commonLabels").(map[string]any)
	object := func(apiVersion, kind, called, component string, spec map[string]any) map[string]any {
		labels := maps.Clone(common)
		if labels == nil {
			labels = map[string]any{}
		}
		labels["agent.datadoghq.com/component"] = component
		return map[string]any{
			"apiVersion": apiVersion, "kind": kind, "spec": spec,
			"metadata": map[string]any{"name": called, "namespace": namespace, "labels": labels},
		}
	}
	selector := func(component string) map[string]any {
		return map[string]any{"agent.datadoghq.com/component": component, "agent.datadoghq.com/name": name}
	}
	registry := text(dig(spec, "global", "registry"))
	node, _ := dig(spec, "override", "nodeAgent").(map[string]any)
	central, _ := dig(spec, "override", "clusterAgent").(map[string]any)
	containers := []string{"agent"}
	if dig(spec, "features", "apm", "enabled") != false { // on by default
		containers = append(containers, "trace-agent")
	}
	agent := podOf(node, registry, selector("agent"), containers, []string{"init-volume", "init-config"})
	// https://github.com/DataDog/datadog-operator/blob/v1.29.0/internal/controller/datadogagent/component/agent/default.go (volumesForAgent), and
	// of logs .../feature/logcollection/feature.go.
	var volumes []any
	for _, of := range []struct{ name, at string }{
		{"procdir", "/proc"}, {"cgroups", "/sys/fs/cgroup"}, {"runtimesocketdir", "/var/run"}, {"logpodpath", "/var/log/pods"},
		{"logcontainerpath", "/var/lib/docker/containers"},
	} {
		volumes = append(volumes, map[string]any{"name": of.name, "hostPath": map[string]any{"path": of.at}})
	}
	pod, _ := dig(agent, "spec").(map[string]any)
	pod["volumes"], pod["securityContext"], pod["serviceAccountName"] = volumes, map[string]any{"runAsUser": 0.0}, name+"-agent"
	out := []map[string]any{
		object("apps/v1", "DaemonSet", name+"-agent", "agent", map[string]any{"selector": map[string]any{"matchLabels": selector("agent")}, "template": agent}),
	}
	single := podOf(central, registry, selector("cluster-agent"), []string{"cluster-agent"}, nil)
	inner, _ := dig(single, "spec").(map[string]any)
	inner["serviceAccountName"] = name + "-cluster-agent"
	replicas := central["replicas"]
	if replicas == nil {
		replicas = 1.0
	}
	out = append(out, object("apps/v1", "Deployment", name+"-cluster-agent", "cluster-agent", map[string]any{
		"replicas": replicas, "selector": map[string]any{"matchLabels": selector("cluster-agent")}, "template": single,
	}), object("v1", "Service", name+"-cluster-agent", "cluster-agent", map[string]any{
		"selector": selector("cluster-agent"), "ports": []any{map[string]any{"name": "agentport", "port": 5005.0, "protocol": "TCP"}},
	}))
	if central["createPodDisruptionBudget"] == true {
		out = append(out, object("policy/v1", "PodDisruptionBudget", name+"-cluster-agent-pdb", "cluster-agent", map[string]any{
			"minAvailable": 1.0, "selector": map[string]any{"matchLabels": selector("cluster-agent")},
		}))
	}
	if ports := telemetryPorts(spec); len(ports) > 0 {
		called := text(dig(spec, "global", "localService", "nameOverride"))
		if called == "" {
			called = name + "-agent"
		}
		out = append(out, object("v1", "Service", called, "agent", map[string]any{
			"selector": selector("agent"), "internalTrafficPolicy": "Local", "ports": ports,
		}))
	}
	return out
}

// telemetryPorts are those at which agents take what services send
// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/internal/controller/datadogagent/feature/otlp/feature.go).
func telemetryPorts(spec map[string]any) []any {
	var out []any
	for _, protocol := range []struct{ key, name string }{{"grpc", "otlpgrpcport"}, {"http", "otlphttpport"}} {
		given, _ := dig(spec, "features", "otlp", "receiver", "protocols", protocol.key).(map[string]any)
		endpoint := text(given["endpoint"])
		var port float64
		if _, err := fmt.Sscanf(endpoint[strings.LastIndex(endpoint, ":")+1:], "%f", &port); given["enabled"] == true && err == nil {
			out = append(out, map[string]any{"name": protocol.name, "port": port, "protocol": "TCP"})
		}
	}
	return out
}

// podOf is the template of agents of one kind.
func podOf(override map[string]any, registry string, selector map[string]any, containers, initial []string) map[string]any {
	labels := map[string]any{}
	given, _ := override["labels"].(map[string]any)
	maps.Copy(labels, given)
	maps.Copy(labels, selector)
	image := fmt.Sprintf("%s/%s:%s", registry, text(dig(override, "image", "name")), text(dig(override, "image", "tag")))
	made := func(names []string) []any {
		var out []any
		for _, name := range names {
			container := map[string]any{
				"name": name, "image": image, "securityContext": map[string]any{"readOnlyRootFilesystem": true},
			}
			if resources := dig(override, "containers", name, "resources"); resources != nil {
				container["resources"] = resources
			}
			out = append(out, container)
		}
		return out
	}
	pod := map[string]any{"containers": made(containers)}
	if len(initial) > 0 {
		pod["initContainers"] = made(initial)
	}
	for _, key := range []string{"nodeSelector", "tolerations", "priorityClassName", "topologySpreadConstraints"} {
		if override[key] != nil {
			pod[key] = override[key]
		}
	}
	return map[string]any{"metadata": map[string]any{"labels": labels}, "spec": pod}
}

// observe lets Datadog's operator take to Datadog what is said to it in the cluster, and write down what that calls it. Datadog itself is
// as its documentation says (tests/datadog); the keys that an operator put into the cloud's store it takes.
func (w *world) observe() (changed bool, err error) {
	var release *cloud.Object
	if w.any(monitorType) || w.any(objectiveType) || w.any(boardType) {
		release = w.releaseOf(datadogOperator)
	}
	for typ, judge := range judgedBy {
		for _, listed := range w.list(typ) {
			if listed.Bool("terminating") || listed.Bool(taken) {
				continue
			}
			o := w.t.Get(listed.Type, listed.ID)
			reason := w.unable(release, typ, o)
			spec, _ := o.Inputs["spec"].(map[string]any)
			known, whole := withoutUnknown(spec)
			if spec, _ = known.(map[string]any); reason == "" && whole {
				if faults := judge(spec); len(faults) > 0 {
					reason = "Datadog refuses it: " + strings.Join(faults, "; ")
				}
			}
			wait(o, reason)
			if reason != "" {
				continue
			}
			if o.Props[taken] = true; o.Props["status"] != nil {
				continue
			}
			o.Props["status"] = map[string]any{"syncStatus": "OK"}
			// What it calls a monitor is a number, and nobody asks for it.
			if typ != monitorType {
				id := w.t.Random(32)
				o.Random, o.Props["status"] = append(o.Random, id), map[string]any{"id": id, "syncStatus": "OK"}
			}
			show(o)
		}
	}
	return false, nil
}

// unable says why the operator cannot take an object to Datadog; "" if it can.
func (w *world) unable(release *cloud.Object, typ string, o *cloud.Object) string {
	if release == nil {
		return "no operator takes it to Datadog"
	}
	// It looks in its own namespace alone, unless it is told of others.
	if release.Str("namespace") != namespaceOf(o) {
		return fmt.Sprintf("the operator looks at namespace %s alone", release.Str("namespace"))
	}
	value := map[string]string{monitorType: "datadogMonitor", objectiveType: "datadogSLO", boardType: "datadogDashboard"}[typ]
	if release.Value("values."+value+".enabled") != true {
		return "the operator does not look at this kind: " + value + ".enabled is off"
	}
	in := namespaced{namespaceOf(o), func(typ, name string) *cloud.Object {
		k := w.key(typ, namespaceOf(o), name)
		return w.t.Get(k.Type, k.ID)
	}}
	for value, key := range map[string]string{"apiKeyExistingSecret": "api-key", "appKeyExistingSecret": "app-key"} {
		if _, given, _ := in.entry(secretType, release.Str("values."+value), key, nil); !given {
			return "empty API key and/or App key"
		}
	}
	return ""
}

// awaited says what the provider waits for in vain when an object asks it to
// (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/condition, annotation pulumi.com/waitFor).
func awaited(o *cloud.Object) error {
	annotations, _ := dig(o.Inputs, "metadata", "annotations").(map[string]any)
	asked := text(annotations["pulumi.com/waitFor"])
	if asked == "" {
		return nil
	}
	path, ok := strings.CutPrefix(asked, "jsonpath={.")
	path, closed := strings.CutSuffix(path, "}")
	if !ok || !closed {
		return cloud.Refuse("InvalidArgument", "pulumi.com/waitFor: %q: a form jsonpath={.path} is simulated", asked)
	}
	if value := dig(o.Outputs, strings.Split(path, ".")...); value == nil || value == "" {
		return cloud.Refuse("Timeout", "timed out waiting for %s: %s", asked, o.Str(controller.Waits))
	}
	return nil
}
