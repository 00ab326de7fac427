package collector

import (
	"bytes"
	"fmt"

	"gopkg.in/yaml.v3"
)

// Image is what both run, and Version the release whose configuration this is.
const (
	Version = "0.161.0"
	Image   = "docker.io/otel/opentelemetry-collector-contrib:" + Version +
		"@sha256:fd328de2552466ad78385e1b1289c3f2402b1c45f265b252aab1955b42845ac1"
)

// The ports of a collector: those of OTLP for whoever sends, that at which gateways hand each other the spans of a trace, and
// those at which a collector tells how it fares.
const (
	GRPCPort    = 4317
	HTTPPort    = 4318
	PeerPort    = 4319
	MetricsPort = 8888
	HealthPort  = 13133
)

// Settings of a part, by the names of its documentation.
type Settings map[string]any

// Configuration is all that a collector is told (https://opentelemetry.io/docs/collector/configuration/).
type Configuration struct {
	Extensions map[string]Settings `yaml:"extensions"`
	Receivers  map[string]Settings `yaml:"receivers"`
	Processors map[string]Settings `yaml:"processors"`
	Exporters  map[string]Settings `yaml:"exporters"`
	Service    Service             `yaml:"service"`
}

// Service says which parts run, in which order.
type Service struct {
	Extensions []string            `yaml:"extensions"`
	Telemetry  Settings            `yaml:"telemetry"`
	Pipelines  map[string]Pipeline `yaml:"pipelines"`
}

// Pipeline is what becomes of one kind of signal.
type Pipeline struct {
	Receivers  []string `yaml:"receivers"`
	Processors []string `yaml:"processors"`
	Exporters  []string `yaml:"exporters"`
}

// Text is the configuration as the collector reads it. Keys are in the order of their names, so that equal configurations are
// equal texts.
func (c Configuration) Text() (string, error) {
	var out bytes.Buffer
	encoder := yaml.NewEncoder(&out)
	encoder.SetIndent(2)
	if err := encoder.Encode(c); err != nil {
		return "", fmt.Errorf("configuration of a collector: %w", err)
	}
	return out.String(), encoder.Close()
}

func at(port int) string { return fmt.Sprintf("0.0.0.0:%d", port) }

// health answers the kubelet
// (https://github.com/open-telemetry/opentelemetry-collector-contrib/tree/v0.161.0/extension/healthcheckextension).
func health() Settings { return Settings{"endpoint": at(HealthPort)} }

// telling is how a collector tells of itself, in the form of Prometheus
// (https://opentelemetry.io/docs/collector/internal-telemetry/).
func telling() Settings {
	return Settings{
		"logs": Settings{"level": "info", "encoding": "json"},
		"metrics": Settings{"level": "normal", "readers": []Settings{{
			"pull": Settings{"exporter": Settings{"prometheus": Settings{
				"host": "0.0.0.0", "port": MetricsPort, "without_scope_info": true, "without_type_suffix": false, "without_units": false,
			}}},
		}}},
	}
}

// limiter refuses what comes before memory ends, so that whoever sends waits and sends again. It is the first of each pipeline
// (https://github.com/open-telemetry/opentelemetry-collector/tree/v0.161.0/processor/memorylimiterprocessor).
func limiter() Settings {
	return Settings{"check_interval": "1s", "limit_percentage": 80, "spike_limit_percentage": 20}
}

// batching is the last: what is dropped before is not put together
// (https://github.com/open-telemetry/opentelemetry-collector/tree/v0.161.0/processor/batchprocessor).
func batching() Settings {
	return Settings{"timeout": "1s", "send_batch_size": 2048, "send_batch_max_size": 4096}
}

// clear is what goes to pods of the cluster's own: where there is a mesh, that encrypts it.
func clear() Settings { return Settings{"insecure": true} }

// patient keeps what a store does not take for as long as it takes to restart one
// (https://github.com/open-telemetry/opentelemetry-collector/tree/v0.161.0/exporter/exporterhelper).
func patient(exporter Settings) Settings {
	exporter["retry_on_failure"] = Settings{"enabled": true, "initial_interval": "1s", "max_interval": "30s", "max_elapsed_time": "300s"}
	exporter["sending_queue"] = Settings{"enabled": true, "num_consumers": 4, "queue_size": 2000}
	return exporter
}
