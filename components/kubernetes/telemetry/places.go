package telemetry

import (
	"fmt"

	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/telemetry/collector"
	"platform/components/kubernetes/workload"
)

// What there is, and the accounts as which the stores run.
const (
	gateway = "collector"
	peers   = "collector-peers"
	agent   = "collector-agent"
	logs    = "loki"
	traces  = "tempo"
	intake  = "tempo-intake"

	LogsAccount   = logs
	TracesAccount = traces
)

// The ports of the stores: of Loki's API, and those at which its pods find each other and talk; of Tempo's API, and that at which
// it takes traces. The last is none of OTLP's own, which services may use: what they send comes by a gateway or not at all.
const (
	logsPort   = 3100
	gossipPort = 7946
	innerPort  = 9095
	tracesPort = 3200
	intakePort = 4327
)

// nameLabel is by which pods are found, as the charts have it.
const nameLabel = workload.Label

func address(name string, port int) string {
	return fmt.Sprintf("%s.%s.svc:%d", name, workload.Observability, port)
}

// Endpoint is where services send to. HTTP, since each request may go to another gateway.
func Endpoint() workload.Telemetry {
	return workload.Telemetry{Endpoint: "http://" + address(gateway, collector.HTTPPort), Protocol: workload.OverHTTP}
}

// Collected is what this adds to what watches: where the pages ask, and what its pods need.
func Collected() *monitoring.Collected {
	return &monitoring.Collected{
		Logs: "http://" + address(logs, logsPort), Traces: "http://" + address(traces, tracesPort),
		Together: []int{logsPort, tracesPort, intakePort, collector.PeerPort, collector.MetricsPort, gossipPort, innerPort},
		Sent:     collector.GRPCPort, Told: collector.MetricsPort,
	}
}

// Targets are where its parts tell how they fare.
func Targets(mesh workload.MeshKind) map[string]workload.Target {
	meshed := mesh != workload.NoMesh
	in := func(namespace, name string, port int) workload.Target {
		return workload.Target{Namespace: namespace, Pods: map[string]string{nameLabel: name}, Port: port, Meshed: meshed}
	}
	return map[string]workload.Target{
		gateway: in(workload.Observability, gateway, collector.MetricsPort), agent: in(workload.ObservabilityNodes, agent, collector.MetricsPort),
		logs: in(workload.Observability, logs, logsPort), traces: in(workload.Observability, traces, tracesPort),
	}
}
