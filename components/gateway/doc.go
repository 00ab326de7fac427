// Package gateway is the contract of an environment's one door: for each audience a host name of its
// own, a way for callers to prove who they are, and for each route a rate that nobody exceeds. What
// comes through goes privately to the cluster's ingress, and says which audience it came from.
package gateway
