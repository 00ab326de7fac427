// Package alert says of what whom is told: pure functions from what the catalogue promises to alerts. Each has what it means once, and beside it
// what Prometheus asks (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/), and what Datadog measures.
//
// There are few alerts. Each leads to an action that its page in docs/runbooks says, and has one owner.
package alert
