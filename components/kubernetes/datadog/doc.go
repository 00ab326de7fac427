// Package datadog lets Datadog watch an environment: its agents on each node and one for the cluster, by its operator. It is the
// same on every cloud. What is told of alerts, objectives and dashboards is in its package monitor.
package datadog
