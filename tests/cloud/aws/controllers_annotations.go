package aws

import (
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	serviceAnnotation = "service.beta.kubernetes.io/aws-load-balancer-"
	ingressAnnotation = "alb.ingress.kubernetes.io/"
)

// annotations are those that a controller reads, by prefix. A misspelt one is ignored by the real ones, and
// a load balancer that was to be internal is public
// (https://github.com/kubernetes-sigs/aws-load-balancer-controller/blob/main/pkg/annotations/constants.go,
// https://github.com/kubernetes/cloud-provider-aws/blob/master/docs/service_controller.md).
var annotations = map[string][]string{
	serviceAnnotation: {
		"access-log-emit-interval", "access-log-enabled", "access-log-s3-bucket-name", "access-log-s3-bucket-prefix",
		"additional-resource-tags", "alpn-policy", "attributes", "backend-protocol", "connection-draining-enabled",
		"connection-draining-timeout", "connection-idle-timeout", "cross-zone-load-balancing-enabled", "healthcheck-healthy-threshold",
		"healthcheck-interval", "healthcheck-path", "healthcheck-port", "healthcheck-protocol", "healthcheck-timeout",
		"healthcheck-unhealthy-threshold", "internal", "ip-address-type", "name", "nlb-target-type", "proxy-protocol", "scheme",
		"ssl-cert", "ssl-negotiation-policy", "ssl-ports", "target-group-attributes", "type",
	},
	ingressAnnotation: {
		"backend-protocol", "backend-protocol-version", "certificate-arn", "group.name", "group.order", "healthcheck-interval-seconds",
		"healthcheck-path", "healthcheck-port", "healthcheck-protocol", "healthcheck-timeout-seconds", "healthy-threshold-count",
		"ip-address-type", "load-balancer-attributes", "load-balancer-name", "scheme", "ssl-policy", "success-codes", "tags",
		"target-group-attributes", "target-type", "unhealthy-threshold-count",
	},
}

// knownAnnotations refuses what no controller reads, and what these rules do not know.
func knownAnnotations(e controller.Exposed) error {
	for key := range e.Annotations {
		for prefix, known := range annotations {
			if name, ok := strings.CutPrefix(key, prefix); ok && !slices.Contains(known, name) {
				return cloud.Refuse("UnknownAnnotation", "%s %s/%s: %s is not known: if a controller reads it, add it to tests/cloud/aws/controllers_annotations.go",
					e.Kind, e.Namespace, e.Name, key)
			}
		}
	}
	return nil
}

// additionalTags reads key=value pairs between commas.
func additionalTags(text string) map[string]string {
	out := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		if key, value, _ := strings.Cut(strings.TrimSpace(pair), "="); key != "" {
			out[key] = value
		}
	}
	return out
}
