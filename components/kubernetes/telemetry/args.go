package telemetry

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/naming"
	"platform/components/objects"
	"platform/components/tags"
)

// Args configures what takes and keeps traces and logs.
type Args struct {
	Environment string
	// Replicas are gateways and stores of logs; each log is in all of the latter. There is one store of traces.
	Replicas int
	// LogDays and TraceDays are for which each is kept.
	LogDays, TraceDays int
	// SharePercent of the traces are kept in which nothing failed and nothing was slow, and SlowMs is from when something was.
	SharePercent, SlowMs int
	// StorageGiB is the volume of each store, which holds what is not yet in the object storage; MemoryMiB what each store and each
	// gateway may use.
	StorageGiB, MemoryMiB int
	StorageClass          string
	// Logs and Traces are where each is kept.
	Logs, Traces Store
	// Namespace is that of what watches.
	Namespace pulumi.StringInput
	Mesh      workload.MeshKind
	Images    image.Registry
	Priority  string
	// After is what must be there before the first pod: nodes, storage, the priority, the mesh, and the namespaces.
	After []pulumi.Resource
	Tags  tags.Set
}

// Store is where something is kept, and as whom it is written and read.
type Store struct {
	Objects objects.Outputs
	Who     identity.Outputs
	// Ready must be there before anything is written: the grant.
	Ready []pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	if !naming.IsKebab(a.Environment) {
		fault("environment", a.Environment, naming.Kebab)
	}
	if !slices.Contains(watch.StoreReplicas, a.Replicas) {
		fault("replicas", a.Replicas, fmt.Sprintf("one of %v is allowed", watch.StoreReplicas))
	}
	for _, number := range []struct {
		path  string
		value int
		is    limit.Range
	}{
		{"logDays", a.LogDays, watch.LogDays}, {"traceDays", a.TraceDays, watch.TraceDays}, {"sharePercent", a.SharePercent, watch.SharePercent},
		{"slowMs", a.SlowMs, watch.SlowMs}, {"storageGiB", a.StorageGiB, watch.StorageGiB}, {"memoryMiB", a.MemoryMiB, watch.MemoryMiB},
	} {
		if err := number.is.Fault(number.path, number.value); err != nil {
			faults = append(faults, err)
		}
	}
	for _, text := range []struct{ path, value string }{{"storageClass", a.StorageClass}, {"priority", a.Priority}} {
		if text.value == "" {
			fault(text.path, text.value, "a value is needed")
		}
	}
	for _, store := range []struct {
		path string
		is   Store
		told pulumi.Map
	}{{"logs", a.Logs, a.Logs.Objects.Logs}, {"traces", a.Traces, a.Traces.Objects.Traces}} {
		if store.is.Objects.Kind == "" || len(store.told) == 0 {
			faults = append(faults, fmt.Errorf("%s.objects: none are given: where they are kept is needed", store.path))
		}
		if store.is.Who.ServiceAccount == "" {
			faults = append(faults, fmt.Errorf("%s.who: nobody is given: as whom they are kept is needed", store.path))
		}
	}
	if a.Namespace == nil {
		faults = append(faults, errors.New("namespace: none is given: that of what watches is needed"))
	}
	if !slices.Contains(workload.MeshKinds, a.Mesh) {
		fault("mesh", a.Mesh, fmt.Sprintf("one of %v is allowed", workload.MeshKinds))
	}
	if !a.Images.Valid() {
		fault("images", a.Images, image.Allowed)
	}
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}
