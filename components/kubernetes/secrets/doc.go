// Package secrets releases the chart that brings the values of the cloud's secrets to the services that may read them. It
// is the same on every cloud.
package secrets
