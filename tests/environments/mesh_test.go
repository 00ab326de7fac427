package environments

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"

	"platform/components/gateway"
	"platform/components/kubernetes/datadog"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/telemetry"
	"platform/components/kubernetes/workload"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
	"platform/tests/mesh"
)

const (
	peerType   = "kubernetes:security.istio.io/v1:PeerAuthentication"
	accessType = "kubernetes:security.istio.io/v1:AuthorizationPolicy"
)

// domainOf is what every identity of an environment's mesh begins with.
func domainOf(s config.Settings) string { return s.Environment + "." + s.Landing.DNS.Domain }

// under is whoever runs under an account named as his namespace.
func under(domain, name string) mesh.Caller {
	return mesh.Caller{Principal: domain + "/ns/" + name + "/sa/" + name}
}

// as is who pods are in a mesh.
func as(domain string, pods kubernetes.Pods) mesh.Caller {
	return mesh.Caller{Principal: domain + "/ns/" + pods.Namespace + "/sa/" + pods.Account}
}

// admissionFaults are the callers whom the catalogue lists and the mesh refuses, and those whom it admits and nobody
// lists, over all pairs of services.
func admissionFaults(t *testing.T, s config.Settings, objects []*cloud.Object) []string {
	t.Helper()
	m, err := mesh.Of(objects)
	if err != nil {
		return []string{err.Error()}
	}
	var faults []string
	pods := podsOf(t, objects)
	want := func(what string, from mesh.Caller, to string, port int, expected bool) {
		got, why := m.Admits(from, mesh.Target{Namespace: to, Labels: pods[to].Labels, Port: port})
		if got != expected {
			faults = append(faults, fmt.Sprintf("%s to %s at port %d: admitted %v (%s), want %v", what, to, port, got, why, expected))
		}
	}
	domain := domainOf(s)
	for audience := range s.Gateway.Audiences {
		if s.Gateway.Kind == gateway.Kong && !m.Carries(workload.Ingress, kong.Labels(audience)) {
			faults = append(faults, "the door of "+audience+" is not in the mesh")
		}
	}
	for _, name := range s.Catalog.Names() {
		if !m.Carries(name, pods[name].Labels) {
			faults = append(faults, name+" is not in the mesh")
		}
		for _, port := range []int{workload.Port, workload.MetricsPort, 22} {
			for _, other := range s.Catalog.Names() {
				listed := slices.Contains(s.Catalog.Services[other].Calls, name)
				want(other, as(domain, pods[other]), name, port, listed && port == workload.Port)
				want(other+" of another environment", as("elsewhere", pods[other]), name, port, false)
			}
			want("the gateway", under(domain, workload.Ingress), name, port, len(s.Catalog.Services[name].Routes) > 0 && port == workload.Port)
			want("who collects metrics", under(domain, workload.Observability), name, port, port == workload.MetricsPort)
			for what, who := range map[string]mesh.Caller{
				"somebody in the clear": {}, "a stranger": under(domain, "stranger"), "delivery": under(domain, workload.Delivery),
				"the mesh's own": under(domain, workload.MeshNodes), "itself": under(domain, name),
			} {
				want(what, who, name, port, false)
			}
		}
	}
	return append(faults, watchingFaults(s, m)...)
}

// togetherOf are the ports at which the pods of who watches talk to each other.
func togetherOf(s config.Settings) []int {
	if s.Monitoring.Kind == watch.Datadog {
		return datadog.Together
	}
	if s.Monitoring.Collects() {
		return slices.Concat(monitoring.Together, telemetry.Collected().Together)
	}
	return monitoring.Together
}

// watchingFaults: services tell of themselves to who watches, who asks the doors; nobody else does either.
func watchingFaults(s config.Settings, m mesh.Mesh) []string {
	var faults []string
	want := func(what string, from mesh.Caller, to string, labels map[string]string, port int, expected bool) {
		if got, why := m.Admits(from, mesh.Target{Namespace: to, Labels: labels, Port: port}); got != expected {
			faults = append(faults, fmt.Sprintf("%s to %s at port %d: admitted %v (%s), want %v", what, to, port, got, why, expected))
		}
	}
	domain, watches := domainOf(s), s.Monitoring.Kind != watch.None
	if watches && !m.Carries(workload.Observability, nil) {
		faults = append(faults, "who watches is not in the mesh")
	}
	collected := telemetry.Collected()
	reads := map[string]string{"istio.io/dataplane-mode": "ambient"} // the label by which who reads logs is in the mesh
	for _, port := range []int{collected.Sent, collected.Told, 9100, 22} {
		for what, who := range map[string]mesh.Caller{"who watches": under(domain, workload.Observability), "payments": under(domain, "payments"), "somebody in the clear": {}} {
			want(what, who, workload.ObservabilityNodes, reads, port, s.Monitoring.Collects() && what == "who watches" && port == collected.Told)
		}
		want("who reads logs", under(domain, workload.ObservabilityNodes), workload.Observability, nil, port, s.Monitoring.Collects() && port == collected.Sent)
	}
	for _, port := range slices.Concat(togetherOf(s), workload.TelemetryPorts, []int{22}) {
		telemetry := slices.Contains(workload.TelemetryPorts, port)
		for _, name := range s.Catalog.Names() {
			want(name, under(domain, name), workload.Observability, nil, port, watches && telemetry)
		}
		want("itself", under(domain, workload.Observability), workload.Observability, nil, port, watches && slices.Contains(togetherOf(s), port))
		for what, who := range map[string]mesh.Caller{"somebody in the clear": {}, "a stranger": under(domain, "stranger"), "the gateway": under(domain, workload.Ingress)} {
			want(what, who, workload.Observability, nil, port, false)
		}
	}
	if s.Gateway.Kind != gateway.Kong {
		return faults
	}
	for audience := range s.Gateway.Audiences {
		for _, port := range []int{8100, 8001, 8443} {
			want("who watches", under(domain, workload.Observability), workload.Ingress, kong.Labels(audience), port, watches && port == 8100)
			want("a stranger", under(domain, "stranger"), workload.Ingress, kong.Labels(audience), port, false)
		}
	}
	return faults
}

// meshIsTheCatalogues wants no faults, and shows that they would be found.
func meshIsTheCatalogues(t *testing.T, s config.Settings, objects []*cloud.Object) {
	t.Helper()
	for _, fault := range admissionFaults(t, s, objects) {
		t.Error(fault)
	}
	accounts := map[string]bool{}
	for _, o := range objects {
		if o.Type == "kubernetes:core/v1:ServiceAccount" {
			accounts[o.PublicID()] = true
		}
	}
	for _, name := range s.Catalog.Names() {
		if !accounts[name+"/"+name] {
			t.Errorf("%s has no account by which the mesh would know it", name)
		}
	}
	without := func(typ, id string) []*cloud.Object {
		return slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool { return o.Type == typ && o.PublicID() == id })
	}
	more := func(typ, namespace string, spec map[string]any) []*cloud.Object {
		return append(slices.Clone(objects), &cloud.Object{Type: typ, Inputs: map[string]any{
			"metadata": map[string]any{"name": "mistake", "namespace": namespace}, "spec": spec,
		}})
	}
	outside := slices.Clone(objects)
	for i, o := range outside {
		if o.Type == "kubernetes:core/v1:Namespace" && o.Str("metadata.name") == "ledger" {
			outside[i] = &cloud.Object{Type: o.Type, Inputs: map[string]any{"metadata": map[string]any{"name": "ledger"}}}
		}
	}
	for mistake, planted := range map[string]struct {
		objects []*cloud.Object
		want    string
	}{
		"a service's policy is missing": {
			without(accessType, "ledger/callers"), "payments to ledger at port 8080: admitted false (no policy allows it), want true",
		},
		"a namespace is outside of the mesh": {outside, "ledger is not in the mesh"},
		"mutual TLS is permissive, and a policy is about ports alone": {
			append(more(peerType, "ledger", map[string]any{"mtls": map[string]any{"mode": "PERMISSIVE"}}),
				more(accessType, "ledger", map[string]any{"rules": []any{map[string]any{"to": []any{map[string]any{"operation": map[string]any{"ports": []any{"8080"}}}}}}})...),
			"somebody in the clear to ledger at port 8080: admitted true (), want false",
		},
		"a policy admits all": {
			more(accessType, "ledger", map[string]any{"rules": []any{map[string]any{}}}), "a stranger to ledger at port 8080: admitted true (), want false",
		},
		"a policy denies a caller": {
			more(accessType, "istio-system", map[string]any{"action": "DENY", "rules": []any{map[string]any{"from": []any{map[string]any{"source": map[string]any{"namespaces": []any{"payments"}}}}}}}),
			"payments to ledger at port 8080: admitted false (a policy denies it), want true",
		},
		"nobody is refused by default, and a policy is missing": {
			slices.DeleteFunc(without(accessType, "ledger/callers"), func(o *cloud.Object) bool { return o.PublicID() == "istio-system/default-deny" }),
			"a stranger to ledger at port 8080: admitted true (), want false",
		},
	} {
		if faults := admissionFaults(t, s, planted.objects); !slices.Contains(faults, planted.want) {
			t.Errorf("%s, and it is not found: %s\namong %d", mistake, planted.want, len(faults))
		}
	}
}

// An environment that says that it has no mesh has none, and its services reach each other at their own ports.
func TestAnEnvironmentWithoutAMeshIsOneByItsFile(t *testing.T) {
	t.Parallel()
	const name = "dev-gcp" // whose doors are in the cluster: behind others a proxy of the mesh's is needed
	folder := altered(t, name, func(file string) string {
		return strings.Replace(file, "mesh: {kind: istio, replicas: 1}", "mesh: {kind: none}", 1)
	})
	var out bytes.Buffer
	e := judged(t, folder, name, t.TempDir(), &out, nothing)
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatalf("%v\n%s", err, tail(out.String()))
	}
	inventory := e.Cloud.Inventory()
	for _, o := range inventory {
		if strings.Contains(o.Type, "istio.io") || strings.HasPrefix(o.PublicID(), "istio") || strings.Contains(fmt.Sprint(o.Value("metadata.labels")), "istio.io") {
			t.Errorf("%s is there", o)
		}
	}
	r := reachOf(t, inventory)
	for port, want := range map[int]bool{workload.Port: true, workload.TunnelPort: false} {
		if got := r.allowed(r.service("payments"), r.service("ledger"), corev1.ProtocolTCP, port); got != want {
			t.Errorf("payments to ledger at port %d: allowed %v, want %v", port, got, want)
		}
	}
}
