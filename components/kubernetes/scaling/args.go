package scaling

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/components/queue"
	"platform/components/tags"
)

// Peak is the steepest rise of load that the service must bear.
type Peak struct {
	Factor int
	Within time.Duration
}

// Args is the scaling of one service.
type Args struct {
	Service   string
	Namespace pulumi.StringInput
	Min, Max  int           // pods
	CPU       int           // percent of the request that the autoscaler holds
	Startup   time.Duration // from a pod's start until it serves
	Peak      *Peak
	// Queues are those that the service consumes, by event: how deep they are says how many pods it needs.
	Queues map[string]queue.Scaler
	// Backlog is how many messages there may be for each pod.
	Backlog int
	// Called services answer somebody as well: the CPU counts beside the queues.
	Called bool
	// After is what must be there before the queues are asked and goes after that: the event-driven autoscaler.
	After []pulumi.Resource
	Tags  tags.Set
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string, args ...any) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), fmt.Sprintf(allowed, args...)))
	}
	if !naming.IsKebab(a.Service) {
		fault("service", a.Service, naming.Kebab)
	}
	if a.Min < 1 || a.Max < a.Min {
		fault("min, max", fmt.Sprintf("%d, %d", a.Min, a.Max), "at least 1, and max not below min, is allowed")
	}
	if a.CPU < 1 || a.CPU > 100 {
		fault("cpu", a.CPU, "1 to 100 percent is allowed")
	}
	if a.Startup <= 0 {
		fault("startup", a.Startup, "more than 0s is allowed")
	}
	if p := a.Peak; p != nil {
		switch {
		case p.Factor < 2:
			fault("peak.factor", p.Factor, "at least 2 is allowed")
		case p.Within < a.Startup+workload.Look:
			fault("peak.within", p.Within, "at least %s is allowed: the autoscaler looks every %s, and a pod starts in %s", a.Startup+workload.Look, workload.Look, a.Startup)
		case len(a.Queues) == 0 && a.CPU > 0 && (100+a.rise())*a.CPU > 100*100*tenancy.Burst:
			// The autoscaler grows by the ratio of use to target, and no pod uses more than its limit.
			fault("peak.factor", p.Factor, "a rise that the CPU shows is allowed: pods grow by %d%% at a time, and their use by no more than %d%%",
				a.rise(), 100*tenancy.Burst*100/a.CPU-100)
		}
	}
	a.validateQueues(fault)
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}

// maxQueued is the length of a service's name: it is the value of a label of what scales it
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set).
const maxQueued = 63

func (a Args) validateQueues(fault func(path string, value any, allowed string, args ...any)) {
	if len(a.Queues) == 0 {
		return
	}
	if len(a.Service) > maxQueued {
		fault("service", a.Service, "at most %d characters are allowed", maxQueued)
	}
	if a.Backlog < 1 {
		fault("backlog", a.Backlog, "at least 1 is allowed")
	}
	for _, event := range slices.Sorted(maps.Keys(a.Queues)) {
		q, at := a.Queues[event], "queues."+event
		if !naming.IsKebab(event) {
			fault(at, event, naming.Kebab)
		}
		for path, value := range map[string]string{".type": q.Type, ".depth": q.Depth, ".identity": q.Identity} {
			if value == "" {
				fault(at+path, value, "a value is needed")
			}
		}
		if _, taken := q.Metadata[q.Depth]; taken {
			fault(at+".metadata."+q.Depth, q.Metadata[q.Depth], "the backlog says it")
		}
		if first := a.identity(); q.Identity != first {
			fault(at+".identity", q.Identity, "%q is allowed, as for the other queues: one observer reads them all", first)
		}
	}
}

// identity is how the observer of the queues proves who it is.
func (a Args) identity() string {
	for _, event := range slices.Sorted(maps.Keys(a.Queues)) {
		return a.Queues[event].Identity
	}
	return ""
}

// defaultRise doubles the pods at each look, which is what Kubernetes does where nobody says otherwise
// (https://kubernetes.io/docs/tasks/run-application/horizontal-pod-autoscale/#default-behavior).
const defaultRise = 100

// rise is by how many percent the pods may grow at each look, so that a peak's pods are there in time and no more come
// at once than that takes: the last of them must start early enough to serve.
func (a Args) rise() int {
	if a.Peak == nil {
		return defaultRise
	}
	looks := max(1, int((a.Peak.Within-a.Startup)/workload.Look))
	for percent := 1; ; percent++ {
		grown := 1.0
		for range looks {
			grown *= 1 + float64(percent)/100
		}
		if grown >= float64(a.Peak.Factor) {
			return percent
		}
	}
}

// Headroom is how many pods more than the least a peak asks for, as far as the service may grow.
func (a Args) Headroom() int {
	if a.Peak == nil {
		return 0
	}
	return min(a.Min*a.Peak.Factor, a.Max) - a.Min
}
