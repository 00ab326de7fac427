// Package mesh puts services into a mesh: whatever goes from pod to pod is encrypted, both ends prove who they are, and
// only callers that the catalogue lists are let in. It is the same on every cloud.
package mesh
