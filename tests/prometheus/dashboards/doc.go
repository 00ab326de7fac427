// Package dashboards proves that the dashboards show what is there: each query is parsed by Prometheus's own parser, and reads
// metrics that somebody tells.
package dashboards
