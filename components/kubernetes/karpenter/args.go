package karpenter

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Namespace is where it runs, and Account who it is there.
const (
	Namespace = workload.Provisioner
	Account   = workload.Provisioner
)

// Args configures it.
type Args struct {
	// Replicas: one works, the other takes over when its node goes.
	Replicas int
	Cloud    cluster.Provisioner     // as the cloud's driver describes it
	Pools    map[string]cluster.Pool // those that serve traffic
	// Around is what is around it, with the ways to whom it asks for machines.
	Around flows.Around
	// After is what must be there before the chart, which waits for its pods to run: the system pool.
	After []pulumi.Resource
	Tags  tags.Set
}

// maxReplicas is how many do anything: one works and one stands by.
const maxReplicas = 2

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if a.Replicas < 1 || a.Replicas > maxReplicas {
		faults = append(faults, fmt.Errorf("replicas: value %d: 1 to %d is allowed", a.Replicas, maxReplicas))
	}
	if len(a.Pools) == 0 {
		faults = append(faults, errors.New("pools: none is given: without one no pod of a service has a place"))
	}
	for _, name := range slices.Sorted(maps.Keys(a.Pools)) {
		pool, at := a.Pools[name], "pools."+name
		class, known := a.Cloud.Classes[name]
		switch {
		case pool.System:
			faults = append(faults, fmt.Errorf("%s.system: value true: it runs in the system pool, and so cannot make its nodes", at))
		case !known:
			faults = append(faults, fmt.Errorf("%s: value %q: the cloud describes %v", at, name, slices.Sorted(maps.Keys(a.Cloud.Classes))))
		case len(class.Types) == 0 || class.Cores < 1:
			faults = append(faults, fmt.Errorf("cloud.classes.%s: value %v with %d cores: machines with at least one are needed", name, class.Types, class.Cores))
		}
		if pool.Min != 0 {
			faults = append(faults, fmt.Errorf("%s.min: value %d: 0 is allowed: nodes come with the pods that need them", at, pool.Min))
		}
		if pool.Max < 1 {
			faults = append(faults, fmt.Errorf("%s.max: value %d: at least 1 is allowed", at, pool.Max))
		}
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}
