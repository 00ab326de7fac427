// Package monitor says in Datadog whose what goes wrong is: objectives, monitors and dashboards, each an object of the cluster of which
// Datadog's operator makes its own. What an alert means comes from the table that Prometheus's rules come from
// (components/kubernetes/alerting/alert).
package monitor
