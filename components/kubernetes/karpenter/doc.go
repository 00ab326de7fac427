// Package karpenter releases what makes nodes for pods that find no room, and ends those that are not needed, on clouds
// whose own groups of machines do not; and tells it of the pools.
package karpenter
