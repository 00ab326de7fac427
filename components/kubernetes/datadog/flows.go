package datadog

import (
	"fmt"
	"maps"
	"slices"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/workload"
)

// The ports of the agents (https://docs.datadoghq.com/agent/configuration/network/#open-ports): those at which they take telemetry, and the
// one at which agents of nodes ask that of the cluster; and the kubelet's, on each node.
const (
	telemetryGRPC = 4317
	telemetryHTTP = 4318
	clusterPort   = 5005
	kubeletPort   = 10250
)

// Together are the ports at which the pods of the namespace talk to each other.
var Together = []int{clusterPort}

// Telemetry is where services send what they tell of themselves: to the agent of their own node, by HTTP, which any library of
// theirs speaks.
var Telemetry = workload.Telemetry{
	Endpoint: fmt.Sprintf("http://%s.%s.svc:%d", agentService, Namespace, telemetryHTTP), Protocol: workload.OverHTTP,
}

func (a Args) flows() flows.Part {
	part := flows.Part{Around: a.Around, Together: Together, Nodes: []int{kubeletPort}, Meshed: a.Mesh != workload.NoMesh}
	for _, name := range slices.Sorted(maps.Keys(a.Targets)) {
		if target := a.Targets[name]; a.asks(name) {
			part.Calls = append(part.Calls, flows.Pods{Namespace: target.Namespace, Ports: []int{target.Port}, Meshed: target.Meshed})
		}
	}
	for _, service := range a.Services {
		part.Callers = append(part.Callers, flows.Pods{Namespace: service, Ports: workload.TelemetryPorts, Meshed: part.Meshed})
	}
	return part
}

// entries are who is let in where a mesh asks who comes.
func (a Args) entries() []mesh.Entry {
	out := []mesh.Entry{{Namespaces: []string{Namespace}, Ports: Together}}
	if len(a.Services) > 0 {
		out = append(out, mesh.Entry{Services: a.Services, Ports: workload.TelemetryPorts})
	}
	return out
}
