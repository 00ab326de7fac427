package collector

import "fmt"

// Gateway is what the gateways are told.
type Gateway struct {
	Environment string
	// Owner is the label of a namespace that says whose it is.
	Owner string
	// SharePercent is how many of the traces are kept that neither failed nor were slow, and SlowMs from when one is slow.
	SharePercent float64
	SlowMs       int
	// Peers is the name under which all gateways are found, and Logs and Traces are where the stores take what comes.
	Peers, Logs, Traces string
}

// decisionSec is how long the spans of a trace are waited for: callers give up before.
const decisionSec = 10

// Configuration of a gateway. Whatever comes is first made such that nobody must be afraid of it; then the spans of a trace go
// to the one gateway that decides on it, since they may come by several
// (https://opentelemetry.io/docs/concepts/sampling/#tail-sampling).
func (g Gateway) Configuration() Configuration {
	cleaned := append([]string{"memory_limiter", "k8sattributes", "resource"}, personal...)
	return Configuration{
		Extensions: map[string]Settings{"health_check": health()},
		Receivers: map[string]Settings{
			"otlp":       {"protocols": Settings{"grpc": Settings{"endpoint": at(GRPCPort)}, "http": Settings{"endpoint": at(HTTPPort)}}},
			"otlp/peers": {"protocols": Settings{"grpc": Settings{"endpoint": at(PeerPort)}}},
		},
		Processors: map[string]Settings{
			"memory_limiter": limiter(), "k8sattributes": g.origin(), "resource": g.resource(), "transform/names": names(),
			"attributes/personal": personalAttributes(), "redaction": redaction(), "tail_sampling": g.sampling(), "batch": batching(),
		},
		Exporters: map[string]Settings{
			"loadbalancing": g.peers(), "otlp/traces": patient(Settings{"endpoint": g.Traces, "tls": clear()}),
			"otlphttp/logs": patient(Settings{"endpoint": g.Logs}),
		},
		Service: Service{
			Extensions: []string{"health_check"}, Telemetry: telling(),
			Pipelines: map[string]Pipeline{
				"traces/in":      {[]string{"otlp"}, cleaned, []string{"loadbalancing"}},
				"traces/sampled": {[]string{"otlp/peers"}, []string{"memory_limiter", "tail_sampling", "batch"}, []string{"otlp/traces"}},
				"logs": {
					[]string{"otlp"}, append(append([]string{}, cleaned...), "transform/names", "batch"), []string{"otlphttp/logs"},
				},
			},
		},
	}
}

// origin adds what the cluster knows of the pod that something is of: whose it is, and which version runs. Who reads logs for a pod
// says its id; else it is the pod that sends
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/k8sattributesprocessor).
func (g Gateway) origin() Settings {
	return Settings{
		"auth_type": "serviceAccount", "passthrough": false,
		"extract": Settings{
			"metadata": []string{
				"k8s.namespace.name", "k8s.pod.name", "k8s.pod.uid", "k8s.node.name", "k8s.deployment.name", "service.version",
			},
			"labels": []Settings{{"tag_name": "team", "key": g.Owner, "from": "namespace"}},
		},
		"pod_association": []Settings{
			{"sources": []Settings{{"from": "resource_attribute", "name": "k8s.pod.uid"}}},
			{"sources": []Settings{{"from": "connection"}}},
		},
	}
}

// resource says of all that it is of this environment, whatever its sender says
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/resourceprocessor).
func (g Gateway) resource() Settings {
	return Settings{"attributes": []Settings{{"key": "deployment.environment.name", "value": g.Environment, "action": "upsert"}}}
}

// names gives what containers wrote the name that a service gives itself: a namespace is one service's
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/transformprocessor).
func names() Settings {
	return Settings{"error_mode": "ignore", "log_statements": []Settings{{"context": "resource", "statements": []string{
		`set(attributes["service.name"], attributes["k8s.namespace.name"]) where attributes["service.name"] == nil`,
		`set(attributes["service.namespace"], attributes["team"]) where attributes["service.namespace"] == nil`,
	}}}}
}

// peers hand each span to the gateway that has its trace
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/exporter/loadbalancingexporter).
func (g Gateway) peers() Settings {
	return Settings{
		"routing_key": "traceID",
		"protocol":    Settings{"otlp": Settings{"timeout": "5s", "tls": clear()}},
		"resolver":    Settings{"dns": Settings{"hostname": g.Peers, "port": fmt.Sprint(PeerPort), "interval": "5s"}},
	}
}

// sampling keeps each trace in which something failed or that was slow, and a share of the others
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/processor/tailsamplingprocessor).
func (g Gateway) sampling() Settings {
	return Settings{
		"decision_wait": fmt.Sprintf("%ds", decisionSec), "num_traces": 20000, "expected_new_traces_per_sec": 500,
		"policies": []Settings{
			{"name": "failed", "type": "status_code", "status_code": Settings{"status_codes": []string{"ERROR"}}},
			{"name": "slow", "type": "latency", "latency": Settings{"threshold_ms": g.SlowMs}},
			{"name": "share", "type": "probabilistic", "probabilistic": Settings{"sampling_percentage": g.SharePercent}},
		},
	}
}
