// Package headroom keeps room on the nodes for the peaks that services declare: nodes take minutes to come, and a peak
// does not wait. It is the same on every cloud.
package headroom
