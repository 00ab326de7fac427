// Package certificates releases the chart that issues certificates and renews them, and names who signs: an authority of
// the cluster's own, and where the environment asks for it one that everybody knows. It is the same on every cloud.
package certificates
