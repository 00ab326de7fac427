package monitoring

import (
	"maps"
	"slices"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/workload"
)

// The ports of the charts: of Prometheus, of Alertmanager and what its pods tell each other, of Grafana, of the operator, what
// reloads configurations and what tells the cluster's state; and on each node, of the kubelet and of what tells how it fares.
const (
	prometheusPort   = 9090
	alertmanagerPort = 9093
	gossipPort       = 9094
	grafanaPort      = 3000
	operatorPort     = 8080
	kubeletPort      = 10250
	nodePort         = 9100
)

// Together are the ports at which the pods of the namespace talk to each other.
var Together = []int{grafanaPort, operatorPort, prometheusPort, alertmanagerPort, gossipPort}

func (a Args) flows() flows.Part {
	part := flows.Part{
		Around: a.Around, Together: Together, Gossip: []int{gossipPort}, Nodes: []int{kubeletPort, nodePort}, Meshed: a.Mesh != workload.NoMesh,
	}
	asked := map[string]*flows.Pods{} // by namespace
	for _, name := range slices.Sorted(maps.Keys(a.Targets)) {
		target := a.Targets[name]
		if asked[target.Namespace] == nil {
			asked[target.Namespace] = &flows.Pods{Namespace: target.Namespace, Meshed: target.Meshed}
		}
		if pods := asked[target.Namespace]; !slices.Contains(pods.Ports, target.Port) {
			pods.Ports = append(pods.Ports, target.Port)
		}
	}
	for _, namespace := range slices.Sorted(maps.Keys(asked)) {
		slices.Sort(asked[namespace].Ports)
		part.Calls = append(part.Calls, *asked[namespace])
	}
	for _, service := range a.Senders {
		part.Callers = append(part.Callers, flows.Pods{Namespace: service, Ports: workload.TelemetryPorts, Meshed: part.Meshed})
	}
	return part
}

// entries are who is let in where a mesh asks who comes.
func (a Args) entries() []mesh.Entry {
	out := []mesh.Entry{{Namespaces: []string{Namespace}, Ports: Together}}
	if len(a.Senders) > 0 {
		out = append(out, mesh.Entry{Services: a.Senders, Ports: workload.TelemetryPorts})
	}
	return out
}
