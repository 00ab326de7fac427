package gcp

import (
	"platform/components/gateway"
	"platform/components/tags"
)

// Expose asks GKE for a load balancer on a backend service, which knows which nodes have a pod; what it makes bears no labels
// (https://cloud.google.com/kubernetes-engine/docs/how-to/backend-service-based-external-load-balancer).
func (d *Driver) Expose(tags.Set) map[string]string {
	return map[string]string{"cloud.google.com/l4-rbs": "enabled"}
}

var _ gateway.Exposer = (*Driver)(nil)
