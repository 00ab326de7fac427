// Package keda releases KEDA, which scales services by how many messages wait for them. It is the same on every cloud.
package keda
