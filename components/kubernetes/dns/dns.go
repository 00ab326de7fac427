package dns

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:dns:DNS"

// Namespace is where the controller runs, and Account who it is there.
const (
	Namespace = workload.Records
	Account   = workload.Records
)

// timeoutSec is what an image's pull and the first look at the zone take, with room.
const timeoutSec = 300

// Args configures the controller.
type Args struct {
	Domain string // the zone: other names are not published
	Owner  string // the environment: it changes only the records that it made
	// Publisher are the chart's values by which it finds the cloud's zone and proves who it is.
	Publisher pulumi.Map
	// Annotations are what the controller's account bears, and Labels what its pods do, by which the cloud's agent knows
	// who they are.
	Annotations pulumi.StringMap
	Labels      map[string]string
	// Around is what is around the controller, with the way to the zone.
	Around flows.Around
	// After is what must be there before the chart: what makes room for its pods, and what lets it write records.
	After []pulumi.Resource
	Tags  tags.Set
}

// Component is what publishes a cluster's names.
type Component struct {
	pulumi.ResourceState

	// Release takes back the records of what goes; so it goes after what has names.
	Release pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	for _, field := range []struct{ path, value string }{{"domain", a.Domain}, {"owner", a.Owner}} {
		if field.value == "" {
			faults = append(faults, fmt.Errorf("%s: value %q: a value is needed", field.path, field.value))
		}
	}
	if a.Publisher["provider"] == nil {
		faults = append(faults, fmt.Errorf("publisher: value %v: the cloud's provider is needed", slices.Sorted(maps.Keys(a.Publisher))))
	}
	common := chart.Values(valuesOf(a))
	for _, key := range slices.Sorted(maps.Keys(a.Publisher)) {
		if _, taken := common[key]; taken {
			faults = append(faults, fmt.Errorf("publisher.%s: this value is the same on every cloud and is set in components/kubernetes/dns", key))
		}
	}
	faults = append(faults, a.flows().Validate())
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// New validates the arguments and releases the chart in a namespace of its own.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"version": pulumi.String(chart.ExternalDNS.Version), "domain": pulumi.String(args.Domain), "owner": pulumi.String(args.Owner),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	release, err := system.Release(ctx, name, system.ReleaseArgs{
		Source: chart.ExternalDNS, Namespace: Namespace, Flows: args.flows(),
		Values: args.values(), TimeoutSec: timeoutSec, After: args.After, Tags: args.Tags,
	}, component)
	if err != nil {
		return nil, fmt.Errorf("dns %s: %w", name, err)
	}
	component.Release = release
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of dns %s: %w", name, err)
	}
	return component, nil
}

// values are those of every cloud and those of the one.
func (a Args) values() pulumi.Map {
	all := chart.Values(valuesOf(a))
	maps.Copy(all, a.Publisher)
	return all
}
