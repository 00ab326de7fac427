// Package autoscaler releases the chart that adds nodes to a cluster's pools for pods that find no room,
// and takes idle ones away, on clouds that do not bring one.
package autoscaler
