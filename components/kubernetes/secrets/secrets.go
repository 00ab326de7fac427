package secrets

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
	"platform/components/limit"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:secrets:Secrets"

// Namespace is where the controllers run.
const Namespace = workload.Secrets

// timeoutSec is what the pulls of an image, an election and the webhook's first certificate take, with room.
const timeoutSec = 300

// Args configures the controllers.
type Args struct {
	Replicas int // limit.Replicas of the controller and of its webhook
	// Around is what is around the controllers, with the ways to the cloud's store.
	Around flows.Around
	// After is what must be there before the chart, which waits for its pods to run.
	After []pulumi.Resource
	Tags  tags.Set
}

// Component is what brings secrets into a cluster.
type Component struct {
	pulumi.ResourceState

	// Release is what must be there before the first store and the first secret is asked for, and go after the last.
	Release pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if err := limit.Replicas.Fault("replicas", a.Replicas); err != nil {
		faults = append(faults, err)
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
		return nil, fmt.Errorf("secrets %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"version": pulumi.String(chart.ExternalSecrets.Version), "replicas": pulumi.Int(args.Replicas),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("secrets %s: %w", name, err)
	}
	release, err := system.Release(ctx, name, system.ReleaseArgs{
		Source: chart.ExternalSecrets, Namespace: Namespace, Flows: args.flows(), Values: chart.Values(valuesOf(args)),
		TimeoutSec: timeoutSec, After: args.After, Tags: args.Tags,
	}, component)
	if err != nil {
		return nil, fmt.Errorf("secrets %s: %w", name, err)
	}
	component.Release = release
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of secrets %s: %w", name, err)
	}
	return component, nil
}
