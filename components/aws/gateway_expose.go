package aws

import (
	"strings"

	"platform/components/gateway"
	"platform/components/tags"
)

// Expose asks EKS's own controller of Services for a network load balancer, which passes TLS through to nodes in all zones
// (https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md). AWS's controller, where it is
// installed and takes Services up, reads type and tags too, but makes an internal one unless its scheme is said.
func (d *Driver) Expose(t tags.Set) map[string]string {
	const annotation = "service.beta.kubernetes.io/aws-load-balancer-"
	return map[string]string{
		annotation + "type":                              "nlb",
		annotation + "scheme":                            "internet-facing",
		annotation + "cross-zone-load-balancing-enabled": "true",
		annotation + "additional-resource-tags":          strings.Join(t.Pairs(), ","),
	}
}

var _ gateway.Exposer = (*Driver)(nil)
