package checks

import (
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// Waiting finds what would never become ready: a pod without a place, a claim without a volume, a Service
// without its load balancer.
func Waiting(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		if reason := o.Str(controller.Waits); reason != "" {
			out = append(out, Finding{"waiting", o.String(), "an object that is ready", reason, see(o)})
		}
	}
	return out
}
