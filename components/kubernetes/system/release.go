package system

import (
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/tenancy"
	"platform/components/tags"
)

// ReleaseArgs says which chart is released in a namespace of its own.
type ReleaseArgs struct {
	Source    chart.Source
	Namespace string
	// Flows are what the chart's pods talk to; the namespace is closed to all else.
	Flows      flows.Part
	Values     pulumi.Map
	TimeoutSec int // how long its objects have to become ready
	// After is what must be there before: whatever makes room for its pods, and lets them do their work.
	After []pulumi.Resource
	Tags  tags.Set
}

// Release makes the namespace and releases the chart there. It is named after the chart, so that the names of its objects
// are known.
func Release(ctx *pulumi.Context, name string, args ReleaseArgs, parent pulumi.Resource) (*chart.Release, error) {
	space, closed, err := NewClosed(ctx, name, Args{
		Name: args.Namespace, Level: tenancy.LevelRestricted, Tags: args.Tags,
	}, args.Flows, parent)
	if err != nil {
		return nil, err
	}
	return chart.New(ctx, name+"-release", chart.Args{
		Name: args.Source.Chart, Chart: args.Source.Chart, Version: args.Source.Version, Repository: args.Source.Repository,
		Namespace: args.Namespace, Values: args.Values, TimeoutSec: args.TimeoutSec,
	}, pulumi.Parent(parent), pulumi.DependsOn(append(append([]pulumi.Resource{space}, closed...), args.After...)))
}

// NewClosed makes a namespace in which pods talk to nobody but whom they need; closed is what must stand before the
// first of them does.
func NewClosed(
	ctx *pulumi.Context, name string, args Args, part flows.Part, parent pulumi.Resource,
) (space *corev1.Namespace, closed []pulumi.Resource, err error) {
	if space, err = NewNamespace(ctx, name+"-namespace", args, pulumi.Parent(parent)); err != nil {
		return nil, nil, err
	}
	if closed, err = flows.Guard(ctx, name, space.Metadata.Name().Elem(), part, args.Tags, parent); err != nil {
		return nil, nil, err
	}
	return space, closed, nil
}
