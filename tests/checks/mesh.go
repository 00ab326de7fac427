package checks

import (
	"fmt"
	"maps"

	"platform/components/kubernetes/workload"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
	"platform/tests/mesh"
)

// tunnels is the chart of what carries a mesh on each node: where it is released, services are in the mesh.
const tunnels = "ztunnel"

// foreign is who is nobody's caller.
const foreign = "elsewhere/ns/stranger/sa/stranger"

// Mesh finds services to which somebody comes in the clear, or who is listed by nobody, although there is a mesh. A
// namespace without a quota is none of a service.
func Mesh(objects []*cloud.Object) []Finding {
	if !meshed(objects) {
		return nil
	}
	m, err := mesh.Of(objects)
	if err != nil {
		return []Finding{{"mesh", "policies", "policies whose meaning is known", err.Error(), "tests/mesh"}}
	}
	running, err := kubernetes.Running(objects)
	if err != nil {
		return []Finding{{"mesh", "pods", "pods whose templates can be read", err.Error(), "tests/workload"}}
	}
	var out []Finding
	for _, o := range objects {
		name := o.Str("metadata.name")
		if o.Type != "kubernetes:core/v1:Namespace" || o.Hidden {
			continue
		}
		if _, limited := quotaOf(objects, name); !limited {
			continue
		}
		// As the service's pods are agreed on, and as those are that run.
		kinds := []map[string]string{{workload.Label: name}}
		for _, p := range running {
			if p.Namespace == name && !maps.Equal(p.Labels, kinds[0]) {
				kinds = append(kinds, p.Labels)
			}
		}
		for _, labels := range kinds {
			out = append(out, closed(m, o, name, labels)...)
		}
	}
	return out
}

// closed finds who comes to pods of a namespace that should not.
func closed(m mesh.Mesh, o *cloud.Object, name string, labels map[string]string) []Finding {
	if !m.Carries(name, labels) {
		return []Finding{{"mesh", o.String(), "pods in the mesh", fmt.Sprintf("pods %v outside of it", labels), see(o)}}
	}
	var out []Finding
	for _, port := range []int{workload.Port, workload.MetricsPort, 22} {
		if !m.Strict(mesh.Target{Namespace: name, Labels: labels, Port: port}) {
			out = append(out, Finding{"mesh", o.String(), "strict mutual TLS", fmt.Sprintf("none at port %d", port), "components/kubernetes/mesh"})
		}
		for _, comes := range []struct{ how, who string }{{"in the clear", ""}, {"whom nobody lists", foreign}} {
			if admitted, _ := m.Admits(mesh.Caller{Principal: comes.who}, mesh.Target{Namespace: name, Labels: labels, Port: port}); admitted {
				out = append(out, Finding{"mesh", o.String(), "nobody " + comes.how, fmt.Sprintf("somebody at port %d", port), "components/kubernetes/mesh"})
			}
		}
	}
	return out
}

func meshed(objects []*cloud.Object) bool {
	for _, o := range objects {
		if o.Type == "kubernetes:helm.sh/v3:Release" && o.Str("chart") == tunnels {
			return true
		}
	}
	return false
}
