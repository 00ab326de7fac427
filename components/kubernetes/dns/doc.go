// Package dns releases the chart that publishes the names of what is reached in a cluster, in the environment's own zone. It
// is the same on every cloud.
package dns
