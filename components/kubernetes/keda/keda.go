package keda

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/system"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:keda:KEDA"

// timeoutSec is what an image's pull, the election of a leader and the certificates that it makes take, with room.
const timeoutSec = 300

// Component is KEDA in a cluster.
type Component struct {
	pulumi.ResourceState

	// Release is what must be there before objects of its kinds are, and go after them: it alone takes off their
	// finalizers.
	Release pulumi.Resource
}

// New validates the arguments and releases the chart in a namespace of its own.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("keda %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"version": pulumi.String(chart.KEDA.Version), "replicas": pulumi.Int(args.Replicas),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("keda %s: %w", name, err)
	}
	release, err := system.Release(ctx, name, system.ReleaseArgs{
		Source: chart.KEDA, Namespace: Namespace, Flows: args.flows(), Values: chart.Values(args.values()), TimeoutSec: timeoutSec,
		After: args.After, Tags: args.Tags,
	}, component)
	if err != nil {
		return nil, fmt.Errorf("keda %s: %w", name, err)
	}
	component.Release = release
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of keda %s: %w", name, err)
	}
	return component, nil
}
