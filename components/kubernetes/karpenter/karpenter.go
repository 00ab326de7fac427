package karpenter

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:karpenter:Karpenter"

// timeoutSec is what an image's pull and the election of a leader take, with room.
const timeoutSec = 300

// Component makes a cluster's nodes.
type Component struct {
	pulumi.ResourceState

	// Pools are what pods of services need, and what must be gone before the release is: it alone ends their nodes.
	Pools []pulumi.Resource
}

// New validates the arguments, releases the charts in a namespace of its own and makes the pools.
//
// On the way down a pool goes first, while the release lives and ends its nodes; then what they are made of, and then the
// release: a machine whose maker is gone would stay, and cost money, and hold the network.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("karpenter %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"version": pulumi.String(chart.Karpenter.Version), "replicas": pulumi.Int(args.Replicas),
		"pools": pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Pools))),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("karpenter %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("karpenter %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of karpenter %s: %w", name, err)
	}
	return component, nil
}

func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	space, closed, err := system.NewClosed(ctx, name, system.Args{
		Name: Namespace, Level: tenancy.LevelRestricted, Tags: a.Tags,
	}, a.flows(), component)
	if err != nil {
		return err
	}
	place := append([]pulumi.Resource{space}, closed...)
	defined, err := release(ctx, name+"-definitions", chart.KarpenterDefinitions, chart.Values(definitions()), false, component, place)
	if err != nil {
		return err
	}
	makes, err := release(ctx, name+"-release", chart.Karpenter, chart.Values(a.values()), true, component,
		slices.Concat([]pulumi.Resource{defined}, place, a.After, a.Cloud.Ready))
	if err != nil {
		return err
	}
	for _, pool := range slices.Sorted(maps.Keys(a.Pools)) {
		made, err := a.pool(ctx, name, pool, component, makes)
		if err != nil {
			return err
		}
		component.Pools = append(component.Pools, made)
	}
	return nil
}

// release is named after its chart, so that the names of its objects are known.
func release(
	ctx *pulumi.Context, name string, from chart.Source, values pulumi.Map, skip bool, parent pulumi.Resource, after []pulumi.Resource,
) (pulumi.Resource, error) {
	return chart.New(ctx, name, chart.Args{
		Name: from.Chart, Chart: from.Chart, Version: from.Version, Repository: from.Repository, Namespace: Namespace,
		Values: values, SkipCRDs: skip, TimeoutSec: timeoutSec,
	}, pulumi.Parent(parent), pulumi.DependsOn(after))
}
