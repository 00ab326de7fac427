package datadog

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/components/tags"
)

// Namespace is where all of it runs, and Account as whom its keys are fetched there.
const (
	Namespace = workload.Observability
	Account   = "secrets"
)

// Args configures what watches an environment.
type Args struct {
	Environment string // the name of the cluster, by which one account tells several apart
	Cloud       string
	Site        string // of Datadog, a key of watch.Sites
	Replicas    int    // of the agent of the cluster
	Registry    image.Registry
	// Priority is the class of what watches.
	Priority string
	Mesh     workload.MeshKind
	// TrustDomain begins every identity of the mesh, where there is one.
	TrustDomain string
	// Targets are who is asked how they fare, by name; Services are those of them that teams own, which also tell of
	// themselves at workload.TelemetryPorts.
	Targets  map[string]workload.Target
	Services []string
	// Doors are the Services of doors in the cluster.
	Doors []string
	// Keys is where the keys of the account are kept: one JSON document, {"api": "...", "app": "..."}.
	Keys bridge.Source
	// Annotations of the account as which they are fetched.
	Annotations pulumi.StringMap
	// Around is what is around it, with the way to the site.
	Around flows.Around
	// After is what must be there before the chart, which waits for its pods to run.
	After []pulumi.Resource
	Tags  tags.Set
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
	if _, known := watch.Sites[a.Site]; !known {
		fault("site", a.Site, fmt.Sprintf("one of %v is allowed", slices.Sorted(maps.Keys(watch.Sites))))
	}
	if err := watch.Agents.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
	}
	for path, value := range map[string]string{"cloud": a.Cloud, "priority": a.Priority} {
		if value == "" {
			fault(path, value, "a value is needed")
		}
	}
	if !a.Registry.Valid() {
		fault("registry", a.Registry, image.Allowed)
	}
	if !slices.Contains(workload.MeshKinds, a.Mesh) {
		fault("mesh", a.Mesh, fmt.Sprintf("one of %v is allowed", workload.MeshKinds))
	}
	for _, service := range a.Services {
		if _, asked := a.Targets[service]; !asked {
			fault("services", service, "the name of a target is allowed")
		}
	}
	if _, asked := a.Targets[doors]; asked != (len(a.Doors) > 0) {
		fault("doors", a.Doors, "the Services of the target "+doors+" are needed, and none without it")
	}
	if len(a.Keys.Store) != 1 || a.Keys.Key == nil {
		faults = append(faults, errors.New("keys: a store and what is asked for there are needed"))
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		fault("tags."+key, a.Tags[key], "a value is needed")
	}
	return errors.Join(faults...)
}
