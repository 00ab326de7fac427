// Package alert says what Prometheus records and of what it tells whom: pure functions from what the catalogue promises to
// rules in the form of Prometheus (https://prometheus.io/docs/prometheus/latest/configuration/recording_rules/).
//
// There are few alerts. Each leads to an action that its page in docs/runbooks says, and has one owner.
package alert
