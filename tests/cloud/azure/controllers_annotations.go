package azure

import (
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const serviceAnnotation = "service.beta.kubernetes.io/azure-"

// annotations are those that the controller reads. A misspelt one is ignored by the real one, and a load
// balancer that was to be internal is public
// (https://github.com/kubernetes-sigs/cloud-provider-azure/blob/master/pkg/consts/consts.go).
var annotations = []string{
	"additional-public-ips", "allowed-ip-ranges", "allowed-service-tags", "deny-all-except-load-balancer-source-ranges",
	"disable-load-balancer-floating-ip", "dns-label-name", "load-balancer-disable-tcp-reset",
	"load-balancer-enable-high-availability-ports", "load-balancer-health-probe-interval", "load-balancer-health-probe-num-of-probe",
	"load-balancer-health-probe-protocol", "load-balancer-health-probe-request-path", "load-balancer-internal",
	"load-balancer-internal-subnet", "load-balancer-ipv4", "load-balancer-mode", "load-balancer-resource-group",
	"load-balancer-tcp-idle-timeout", "pip-ip-tags", "pip-name", "pip-prefix-id", "pip-tags", "pls-auto-approval", "pls-create",
	"pls-fqdns", "pls-ip-configuration-ip-address", "pls-ip-configuration-ip-address-count", "pls-ip-configuration-subnet", "pls-name",
	"pls-proxy-protocol", "pls-visibility", "shared-securityrule",
}

// unmodelled are those that make more than is known here.
var unmodelled = []string{
	"additional-public-ips", "load-balancer-mode", "pip-prefix-id", "pls-create", "shared-securityrule",
}

// knownAnnotations refuses what the controller does not read, and what these rules do not know.
func knownAnnotations(e controller.Exposed) error {
	for key := range e.Annotations {
		name, ok := strings.CutPrefix(key, serviceAnnotation)
		if !ok {
			continue
		}
		if !slices.Contains(annotations, name) || slices.Contains(unmodelled, name) {
			return cloud.Refuse("UnknownAnnotation", "%s %s/%s: %s is not known: if the controller reads it, add it to tests/cloud/azure/controllers_annotations.go",
				e.Kind, e.Namespace, e.Name, key)
		}
	}
	return nil
}

// pairs reads key=value pairs between commas, as the controllers do with tags.
func pairs(text string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		if key, value, _ := strings.Cut(strings.TrimSpace(pair), "="); strings.TrimSpace(key) != "" {
			out[strings.TrimSpace(key)] = strings.TrimSpace(value)
		}
	}
	return out
}
