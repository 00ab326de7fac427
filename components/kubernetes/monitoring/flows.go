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

// together are those of what an environment has there.
func (a Args) together() []int {
	if a.Collected == nil {
		return Together
	}
	return slices.Concat(Together, a.Collected.Together)
}

// senders are services, where anybody takes what they send.
func (a Args) senders() []string {
	if a.Collected == nil {
		return nil
	}
	return a.Senders
}

// nodeFlows are those of what is on each node: it sends what it reads to who takes it, and is asked how it fares.
func (a Args) nodeFlows() flows.Part {
	part := flows.Part{Around: flows.Around{API: a.Around.API}}
	if a.Collected != nil {
		part.Meshed = a.Mesh != workload.NoMesh
		part.Metrics = []int{a.Collected.Told}
		part.Calls = []flows.Pods{{Namespace: Namespace, Ports: []int{a.Collected.Sent}, Meshed: part.Meshed}}
	}
	return part
}

func (a Args) flows() flows.Part {
	part := flows.Part{
		Around: a.Around, Together: a.together(), Gossip: []int{gossipPort}, Nodes: []int{kubeletPort, nodePort}, Meshed: a.Mesh != workload.NoMesh,
	}
	asked := map[string]*flows.Pods{} // by namespace
	for _, name := range slices.Sorted(maps.Keys(a.Targets)) {
		target := a.Targets[name]
		if target.Namespace == Namespace { // it is among those that talk to each other
			continue
		}
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
	for _, service := range a.senders() {
		part.Callers = append(part.Callers, flows.Pods{Namespace: service, Ports: workload.TelemetryPorts, Meshed: part.Meshed})
	}
	if a.Collected != nil {
		part.Callers = append(part.Callers, flows.Pods{Namespace: Nodes, Ports: []int{a.Collected.Sent}, Meshed: part.Meshed})
	}
	return part
}

// entries are who is let in where a mesh asks who comes.
func (a Args) entries() []mesh.Entry {
	out := []mesh.Entry{{Namespaces: []string{Namespace}, Ports: a.together()}}
	if senders := a.senders(); len(senders) > 0 {
		out = append(out, mesh.Entry{Services: senders, Ports: workload.TelemetryPorts})
	}
	if a.Collected != nil {
		out = append(out, mesh.Entry{Namespaces: []string{Nodes}, Ports: []int{a.Collected.Sent}})
	}
	return out
}

// nodeEntries are who is let in to what is on each node.
func (a Args) nodeEntries() []mesh.Entry {
	if a.Collected == nil {
		return nil
	}
	return []mesh.Entry{{Namespaces: []string{Namespace}, Ports: []int{a.Collected.Told}}}
}
