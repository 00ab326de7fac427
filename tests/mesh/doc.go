// Package mesh decides who is let in by a mesh's policies, as Istio's proxy of each node does without sidecars: what
// istiod makes of the objects (https://github.com/istio/istio/blob/1.31.0/pilot/pkg/serviceregistry/ambient/authorization.go)
// and how the proxy asks (https://github.com/istio/ztunnel/blob/release-1.31/src/rbac.rs, .../src/state.rs, assert_rbac).
package mesh
