package azure

import (
	"strings"

	"platform/components/gateway"
	"platform/components/tags"
)

// Expose tags the public address that AKS makes for a Service; the load balancer before the nodes is one for all Services, and
// bears the cluster's tags (https://cloud-provider-azure.sigs.k8s.io/topics/loadbalancer/#loadbalancer-annotations).
func (d *Driver) Expose(t tags.Set) map[string]string {
	return map[string]string{"service.beta.kubernetes.io/azure-pip-tags": strings.Join(t.Pairs(), ",")}
}

var _ gateway.Exposer = (*Driver)(nil)
