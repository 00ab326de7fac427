// Package monitoring watches a cluster and what runs there: Prometheus with its operator, Alertmanager and Grafana, and on
// each node what tells how it fares.
package monitoring
