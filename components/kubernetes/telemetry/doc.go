// Package telemetry takes traces and logs of all services, and keeps them: OpenTelemetry's collectors, Loki for logs and Tempo
// for traces, both in the cloud's object storage. It lies beside what watches, in the same namespaces.
package telemetry
