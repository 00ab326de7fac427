// Package collector is what OpenTelemetry's collectors are told: the gateway, which takes traces and logs of all services, and
// the agent, which reads on each node what containers write. It builds nothing, so that the collector's own code can judge it
// (tests/collector).
package collector
