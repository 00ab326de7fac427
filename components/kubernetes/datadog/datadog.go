package datadog

import (
	"fmt"
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:datadog:Datadog"

// timeoutSec is what an operator has time for to put the keys where they are fetched, besides the pull of an image.
const timeoutSec = 900

// Component is what watches an environment.
type Component struct {
	pulumi.ResourceState

	// Namespace is where monitors, objectives and dashboards are said.
	Namespace pulumi.StringOutput
	// Operator is who makes of them what Datadog knows: they come after it and go before it.
	Operator pulumi.Resource
	// Ready are those who watch: what they are to see from its first moment comes after them.
	Ready []pulumi.Resource
}

// New validates the arguments, and releases the operator in a closed namespace, where it makes the agents.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("datadog %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"site": pulumi.String(args.Site), "version": pulumi.String(chart.Datadog.Version), "replicas": pulumi.Int(args.Replicas),
		"targets": pulumi.ToStringArray(slices.DeleteFunc(slices.Sorted(maps.Keys(args.Targets)), func(n string) bool { return !args.asks(n) })),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("datadog %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("datadog %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of datadog %s: %w", name, err)
	}
	return component, nil
}

// build makes the parts in the order in which one needs the other, which a destroy turns around.
func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	spaces, err := a.namespace(ctx, name, component)
	if err != nil {
		return err
	}
	fetched, err := a.fetch(ctx, name, component, spaces)
	if err != nil {
		return err
	}
	component.Operator, err = chart.New(ctx, name+"-release", chart.Args{
		Name: chart.Datadog.Chart, Chart: chart.Datadog.Chart, Version: chart.Datadog.Version, Repository: chart.Datadog.Repository,
		Namespace: Namespace, Values: chart.Values(a.values()), TimeoutSec: timeoutSec,
	}, pulumi.Parent(component), pulumi.DependsOn(slices.Concat(a.After, spaces, []pulumi.Resource{fetched})))
	if err != nil {
		return err
	}
	spec, err := a.agent()
	if err != nil {
		return err
	}
	agents, err := custom.New(ctx, name+"-agents", custom.Args{
		APIVersion: "datadoghq.com/v2alpha1", Kind: "DatadogAgent", Spec: spec,
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(agentName), Namespace: component.Namespace, Labels: pulumi.ToStringMap(a.Tags)},
	}, pulumi.Parent(component), pulumi.DependsOn([]pulumi.Resource{component.Operator}))
	if err != nil {
		return err
	}
	component.Ready = []pulumi.Resource{component.Operator, agents}
	return nil
}

// namespace: agents of nodes read their files and sockets, which no lesser level of pod security lets them do, and ask services as somebody
// whom the mesh knows. The operator makes all that belongs to them in their own namespace.
func (a Args) namespace(ctx *pulumi.Context, name string, component *Component) ([]pulumi.Resource, error) {
	space, out, err := system.NewClosed(ctx, name, system.Args{
		Name: Namespace, Level: tenancy.LevelPrivileged, Labels: workload.MeshLabels(a.Mesh), Tags: a.Tags,
	}, a.flows(), component)
	if err != nil {
		return nil, err
	}
	component.Namespace = space.Metadata.Name().Elem()
	out = append(out, space)
	if a.Mesh == workload.NoMesh {
		return out, nil
	}
	opened, err := mesh.Open(ctx, name, mesh.Opening{
		Name: "callers", Namespace: component.Namespace, Entries: a.entries(), TrustDomain: a.TrustDomain, Tags: a.Tags,
	}, component, a.After)
	if err != nil {
		return nil, err
	}
	return append(out, opened), nil
}

// fetch brings the keys into the cluster, as an account of its own whose identity may read them and nothing else.
func (a Args) fetch(ctx *pulumi.Context, name string, component *Component, spaces []pulumi.Resource) (pulumi.Resource, error) {
	account, err := bridge.NewReader(ctx, name, bridge.Reader{
		Name: Account, Namespace: component.Namespace, Annotations: a.Annotations, Tags: a.Tags,
	}, component, spaces)
	if err != nil {
		return nil, err
	}
	of := func(key string) string {
		return fmt.Sprintf("{{ index (fromJson .%s) %q | toString }}", workload.SecretKey, key)
	}
	return bridge.Fetch(ctx, name+"-keys", bridge.Secret{
		Name: keys, Namespace: component.Namespace, Source: a.Keys, Tags: a.Tags, Template: map[string]string{apiKey: of("api"), appKey: of("app")},
	}, component, append(slices.Clone(a.After), account))
}
