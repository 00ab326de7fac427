package mesh

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:mesh:Mesh"

// timeoutSec is what a chart's pods take to start on every node, with room for pulls.
const timeoutSec = 300

// Component is the mesh of a cluster.
type Component struct {
	pulumi.ResourceState

	// Ready is the mesh as it is on every node, closed to all: pods of services start after it, and policies that open
	// it come after it.
	Ready []pulumi.Resource
}

// New validates the arguments, and releases Istio without sidecars: what controls it in one namespace, and what carries
// it on each node in another. It is closed before it carries anything.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("mesh %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"kind": pulumi.String(string(args.Kind)), "version": pulumi.String(chart.IstioControl.Version), "replicas": pulumi.Int(args.Replicas),
		"trustDomain": pulumi.String(args.TrustDomain),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("mesh %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("mesh %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of mesh %s: %w", name, err)
	}
	return component, nil
}

// build makes the parts in the order in which one needs the other, which a destroy turns around.
func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	spaces, err := a.namespaces(ctx, name, component)
	if err != nil {
		return err
	}
	authority, err := a.authority(ctx, name, component, spaces)
	if err != nil {
		return err
	}
	last := slices.Concat(spaces, a.After)
	for _, part := range []struct {
		role, release string
		source        chart.Source
		namespace     string
		values        any
		after         []pulumi.Resource
	}{
		{"base", "istio-base", chart.IstioBase, Namespace, baseValues(), nil},
		{"control", "istiod", chart.IstioControl, Namespace, a.controlValues(), []pulumi.Resource{authority}},
		{"node", "istio-cni", chart.IstioNode, Nodes, a.nodeValues(), nil},
		{"tunnel", "ztunnel", chart.IstioTunnel, Nodes, a.tunnelValues(), nil},
	} {
		release, err := chart.New(ctx, name+"-"+part.role, chart.Args{
			Name: part.release, Chart: part.source.Chart, Version: part.source.Version, Repository: part.source.Repository,
			Namespace: part.namespace, Values: chart.Values(part.values), TimeoutSec: timeoutSec,
		}, pulumi.Parent(component), pulumi.DependsOn(slices.Concat(last, part.after)))
		if err != nil {
			return err
		}
		last = append(last, release)
		if part.role != "base" {
			continue
		}
		closed, err := a.close(ctx, name, component, last)
		if err != nil {
			return err
		}
		last = append(last, closed...)
	}
	component.Ready = last[len(spaces)+len(a.After):]
	return nil
}
