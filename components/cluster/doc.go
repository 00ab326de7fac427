// Package cluster is the contract of a managed Kubernetes cluster: its control plane, the pools of
// nodes, the add-ons without which nothing runs, and who may reach its API.
package cluster
