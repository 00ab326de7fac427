package workload

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

// TelemetryPorts are where traces and logs are taken, by gRPC and by HTTP
// (https://opentelemetry.io/docs/specs/otlp/).
var TelemetryPorts = []int{4317, 4318}

// Telemetry is where services send traces and logs of themselves, as whatever watches an environment says it. Nobody takes
// any in an environment without an endpoint.
type Telemetry struct {
	Endpoint string // a URL
	Protocol Protocol
}

// Protocol is one of the forms in which OTLP is sent, in the words of its specification
// (https://opentelemetry.io/docs/specs/otel/protocol/exporter/#specify-protocol).
type Protocol string

// The protocols.
const (
	OverGRPC Protocol = "grpc"
	OverHTTP Protocol = "http/protobuf"
)

// Protocols lists them.
var Protocols = []Protocol{OverGRPC, OverHTTP}

// Given says whether anybody takes what services send.
func (t Telemetry) Given() bool { return t != Telemetry{} }

// Validate returns every fault of where services send to; there is none where nobody takes any.
func (t Telemetry) Validate() []error {
	var faults []error
	if !t.Given() {
		return nil
	}
	if at, err := url.Parse(t.Endpoint); err != nil || (at.Scheme != "http" && at.Scheme != "https") || at.Port() == "" {
		faults = append(faults, fmt.Errorf("telemetry.endpoint: value %q: the URL of a host with its port is allowed", t.Endpoint))
	}
	if !slices.Contains(Protocols, t.Protocol) {
		faults = append(faults, fmt.Errorf("telemetry.protocol: value %q: one of %v is allowed", t.Protocol, Protocols))
	}
	return faults
}

// Variables are those by which the SDKs of OpenTelemetry know whose telemetry it is and where it goes
// (https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/). Metrics are not sent: whoever
// watches asks for them at MetricsPort, where the SDKs that can serve them are told to. Which version of the service runs is not
// known before it is delivered; it is read from its pods.
func (t Telemetry) Variables(service, team, environment string) map[string]string {
	if !t.Given() {
		return nil
	}
	return map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT": t.Endpoint,
		"OTEL_EXPORTER_OTLP_PROTOCOL": string(t.Protocol),
		"OTEL_SERVICE_NAME":           service,
		// A service's namespace is whoever owns a group of services, and not that of Kubernetes
		// (https://opentelemetry.io/docs/specs/semconv/registry/attributes/service/#service-namespace).
		"OTEL_RESOURCE_ATTRIBUTES":      attributes("deployment.environment.name", environment, "service.namespace", team, "team", team),
		"OTEL_METRICS_EXPORTER":         "prometheus",
		"OTEL_EXPORTER_PROMETHEUS_HOST": "0.0.0.0",
		"OTEL_EXPORTER_PROMETHEUS_PORT": fmt.Sprint(MetricsPort),
	}
}

// attributes are pairs of names and values in the form that the specification asks for, whose values are percent-encoded
// (https://opentelemetry.io/docs/specs/otel/resource/sdk/#specifying-resource-information-via-an-environment-variable).
func attributes(pairs ...string) string {
	var out []string
	for i := 0; i < len(pairs); i += 2 {
		out = append(out, pairs[i]+"="+url.PathEscape(pairs[i+1]))
	}
	return strings.Join(out, ",")
}
