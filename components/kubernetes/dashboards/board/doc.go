// Package board is the dashboards as code: what each shows is a table, and Grafana's own typed builder writes it
// (https://grafana.github.io/grafana-foundation-sdk/). The same signals are shown by which alerts are told.
package board
