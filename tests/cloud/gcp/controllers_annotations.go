package gcp

import (
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// The annotations that decide what kind of load balancer is made.
const (
	typeAnnotation   = "networking.gke.io/load-balancer-type"
	oldType          = "cloud.google.com/load-balancer-type"
	backendService   = "cloud.google.com/l4-rbs"
	subnetAnnotation = "networking.gke.io/load-balancer-subnet"
	classAnnotation  = "kubernetes.io/ingress.class"
	endpointGroups   = "cloud.google.com/neg"
)

// annotated are the prefixes of annotations that GKE's controllers read, and what they know of each. A misspelt
// one is ignored by the real ones, and a load balancer that was to be internal is public
// (https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters,
// https://cloud.google.com/kubernetes-engine/docs/how-to/load-balance-ingress#summary_of_annotations).
var annotated = map[string][]string{
	"networking.gke.io/": {
		"internal-load-balancer-allow-global-access", "load-balancer-ip-addresses", "load-balancer-subnet", "load-balancer-type",
		"managed-certificates", "v1beta1.FrontendConfig", "weighted-load-balancing",
	},
	"cloud.google.com/":          {"app-protocols", "backend-config", "l4-rbs", "load-balancer-type", "neg", "network-tier"},
	"ingress.gcp.kubernetes.io/": {"pre-shared-cert"},
	"kubernetes.io/ingress.":     {"allow-http", "class", "global-static-ip-name", "regional-static-ip-name"},
}

// knownAnnotations refuses what no controller reads, and what these rules do not know.
func knownAnnotations(e controller.Exposed) error {
	for key, value := range e.Annotations {
		for prefix, known := range annotated {
			if name, ok := strings.CutPrefix(key, prefix); ok && !slices.Contains(known, name) {
				return cloud.Refuse("UnknownAnnotation", "%s %s/%s: %s is not known: if a controller reads it, add it to tests/cloud/gcp/controllers_annotations.go",
					e.Kind, e.Namespace, e.Name, key)
			}
		}
		if (key == typeAnnotation || key == oldType) && value != "Internal" {
			return cloud.Refuse("UnknownAnnotation", "%s %s/%s: %s: %q: only Internal has a meaning", e.Kind, e.Namespace, e.Name, key, value)
		}
	}
	return nil
}
