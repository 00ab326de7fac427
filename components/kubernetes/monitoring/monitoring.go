package monitoring

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:monitoring:Monitoring"

// timeoutSec is what the pulls of ten images, some on every node, and new volumes take, with room.
const timeoutSec = 900

// Component is what watches an environment.
type Component struct {
	pulumi.ResourceState

	// Namespace is where rules, dashboards and whatever else watches are said.
	Namespace pulumi.StringOutput
	// Definitions define what is said to Prometheus and Alertmanager: rules come after them.
	Definitions pulumi.Resource
	// Places are the two namespaces, closed: what else is in them comes after.
	Places []pulumi.Resource
	// Ready are those who watch and what they ask: what they are to see from its first moment comes after them.
	Ready []pulumi.Resource
}

// New validates the arguments, and releases what watches in a closed namespace, with what is a part of each node in another.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"kind": pulumi.String(string(args.Kind)), "version": pulumi.String(chart.Prometheus.Version), "replicas": pulumi.Int(args.Replicas),
		"retentionDays": pulumi.Int(args.RetentionDays), "storageGiB": pulumi.Int(args.StorageGiB),
		"targets": pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Targets))),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("monitoring %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of monitoring %s: %w", name, err)
	}
	return component, nil
}

// build makes the parts in the order in which one needs the other, which a destroy turns around.
func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	spaces, err := a.namespaces(ctx, name, component)
	if err != nil {
		return err
	}
	component.Places = spaces
	secret, err := a.secret(ctx, name, component, spaces)
	if err != nil {
		return err
	}
	last := slices.Concat(a.After, spaces)
	for _, part := range []struct {
		role, release string
		source        chart.Source
		values        any
		after         []pulumi.Resource
	}{
		{"definitions", chart.PrometheusDefinitions.Chart, chart.PrometheusDefinitions, definitions(), nil},
		{"release", prefix, chart.Prometheus, a.values(), nil},
		{"pages", chart.Grafana.Chart, chart.Grafana, a.pages(), []pulumi.Resource{secret}},
	} {
		release, err := chart.New(ctx, name+"-"+part.role, chart.Args{
			Name: part.release, Chart: part.source.Chart, Version: part.source.Version, Repository: part.source.Repository,
			Namespace: Namespace, Values: chart.Values(part.values), TimeoutSec: timeoutSec,
		}, pulumi.Parent(component), pulumi.DependsOn(slices.Concat(last, part.after)))
		if err != nil {
			return err
		}
		last = append(last, release)
		component.Ready = append(component.Ready, release)
	}
	component.Definitions = component.Ready[0]
	targets, err := a.monitors(ctx, name, component, []pulumi.Resource{component.Definitions})
	if err != nil {
		return err
	}
	component.Ready = append(component.Ready, targets...)
	return nil
}

// namespaces makes the two: what watches is in the mesh, if there is one, so that services are asked by somebody whom they know;
// and what is a part of the node shares the node's network, which is in none.
func (a Args) namespaces(ctx *pulumi.Context, name string, component *Component) ([]pulumi.Resource, error) {
	space, out, err := system.NewClosed(ctx, name, system.Args{
		Name: Namespace, Level: tenancy.LevelRestricted, Labels: workload.MeshLabels(a.Mesh), Tags: a.Tags,
	}, a.flows(), component)
	if err != nil {
		return nil, err
	}
	component.Namespace = space.Metadata.Name().Elem()
	nodes, closed, err := system.NewClosed(ctx, name+"-nodes", system.Args{
		Name: Nodes, Level: tenancy.LevelPrivileged, Tags: a.Tags,
	}, a.nodeFlows(), component)
	if err != nil {
		return nil, err
	}
	out = append(append(out, space, nodes), closed...)
	if a.Mesh == workload.NoMesh {
		return out, nil
	}
	for _, in := range []struct {
		name      string
		namespace pulumi.StringInput
		entries   []mesh.Entry
	}{{name, component.Namespace, a.entries()}, {name + "-nodes", nodes.Metadata.Name().Elem(), a.nodeEntries()}} {
		if len(in.entries) == 0 {
			continue
		}
		opened, err := mesh.Open(ctx, in.name, mesh.Opening{
			Name: "callers", Namespace: in.namespace, Entries: in.entries, TrustDomain: a.TrustDomain, Tags: a.Tags,
		}, component, a.After)
		if err != nil {
			return nil, err
		}
		out = append(out, opened)
	}
	return out, nil
}

// secret fetches that of the client, as an account of its own whose identity may read it and nothing else.
func (a Args) secret(ctx *pulumi.Context, name string, component *Component, spaces []pulumi.Resource) (pulumi.Resource, error) {
	account, err := bridge.NewReader(ctx, name, bridge.Reader{
		Name: Account, Namespace: component.Namespace, Annotations: a.Annotations, Tags: a.Tags,
	}, component, spaces)
	if err != nil {
		return nil, err
	}
	return bridge.Fetch(ctx, name+"-"+ssoSecret, bridge.Secret{
		Name: ssoSecret, Namespace: component.Namespace, Source: a.SSO.Secret, Tags: a.Tags,
		Template: map[string]string{ssoKey: "{{ ." + workload.SecretKey + " }}"},
	}, component, append(slices.Clone(a.After), account))
}

// kept are the values of the chart of definitions: they outlive the release, since all rules and targets, and Prometheus itself,
// would go with them (https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource).
type kept struct {
	CRDs struct {
		Annotations map[string]string `json:"annotations"`
	} `json:"crds"`
}

func definitions() kept {
	var out kept
	out.CRDs.Annotations = map[string]string{"helm.sh/resource-policy": "keep"}
	return out
}
