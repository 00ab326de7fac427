// Package alerts runs `lifecycle alerts` against a real Prometheus and a real Alertmanager with a recorded month.
package alerts
