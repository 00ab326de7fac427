package collector

import "fmt"

// Agent is what the agents are told.
type Agent struct {
	Gateway string // where a gateway takes what is sent by gRPC
	// Own is the namespace and the name of the agent's own pods: what they write of what they read would be read again.
	Own string
}

// The folders of a node's: where the kubelet keeps what containers write, which nobody but root reads, and where the agent keeps how
// far it has read (https://kubernetes.io/docs/concepts/cluster-administration/logging/#log-location-node).
const (
	LogsFolder  = "/var/log/pods"
	StateFolder = "/var/lib/platform-collector"
)

// Configuration of an agent. It reads and sends, and neither takes anything from anybody nor asks the cluster: it is root on its
// node. What a node and its kubelet tell of themselves, Prometheus asks for already.
func (a Agent) Configuration() Configuration {
	sent := patient(Settings{"endpoint": a.Gateway, "tls": clear()})
	queue := sent["sending_queue"].(Settings)
	queue["storage"] = "file_storage"
	return Configuration{
		Extensions: map[string]Settings{
			"health_check": health(),
			// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/extension/storage/filestorage
			"file_storage": {"directory": StateFolder, "create_directory": false},
		},
		// https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/receiver/filelogreceiver
		Receivers: map[string]Settings{"filelog": {
			"include":           []string{LogsFolder + "/*/*/*.log"},
			"exclude":           []string{fmt.Sprintf("%s/%s*/*/*.log", LogsFolder, a.Own)},
			"start_at":          "beginning",
			"include_file_path": true, "include_file_name": false, "storage": "file_storage", "max_log_size": "256KiB",
			"retry_on_failure": Settings{"enabled": true, "max_elapsed_time": "300s"},
			// It reads the forms of all runtimes, and the pod from the path
			// (https://github.com/open-telemetry/opentelemetry-collector-contrib/blob/v0.161.0/pkg/stanza/docs/operators/container.md).
			"operators": []Settings{{"type": "container", "id": "container"}},
		}},
		Processors: map[string]Settings{"memory_limiter": limiter(), "batch": batching()},
		Exporters:  map[string]Settings{"otlp/gateway": sent},
		Service: Service{
			Extensions: []string{"health_check", "file_storage"}, Telemetry: telling(),
			Pipelines: map[string]Pipeline{"logs": {[]string{"filelog"}, []string{"memory_limiter", "batch"}, []string{"otlp/gateway"}}},
		},
	}
}
