package monitor

import (
	"fmt"
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/tags"
)

// apiVersion is that of the operator's kinds.
const apiVersion = "datadoghq.com/v1alpha1"

// Component is the alerts of an environment.
type Component struct {
	pulumi.ResourceState
}

// named waits for the identifier that Datadog gives to what is made of an object: monitors lead to their dashboards and ask about their
// objectives by it, and nobody else knows it
// (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/, pulumi.com/waitFor).
var named = tags.Set{"pulumi.com/waitFor": "jsonpath={.status.id}"}

// New validates the arguments, and says dashboards, objectives and monitors, in the order in which one needs the other.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("monitors %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(alerting.Type, name, args.Recorded(), component, opts...); err != nil {
		return nil, fmt.Errorf("monitors %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("monitors %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of monitors %s: %w", name, err)
	}
	return component, nil
}

func (a Args) build(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	pages := map[string]pulumi.StringOutput{}
	for _, b := range boards() {
		spec, err := a.boardSpec(b)
		if err != nil {
			return err
		}
		made, err := a.object(ctx, name+"-dashboard-"+b.id, "DatadogDashboard", b.id, spec, named, a.Tags, parent)
		if err != nil {
			return err
		}
		pages[b.id] = identifier(made).ApplyT(func(id string) string { return watch.Sites[a.Site].Pages + "/dashboard/" + id }).(pulumi.StringOutput)
	}
	for _, service := range slices.Sorted(maps.Keys(a.Services)) {
		s, objectives := a.Services[service], map[string]pulumi.StringOutput{}
		for _, p := range s.Promises() {
			made, err := a.object(ctx, name+"-objective-"+service+"-"+p.Objective, "DatadogSLO", service+"-"+p.Objective, a.objective(s.Service, p), named, s.Tags, parent)
			if err != nil {
				return err
			}
			objectives[p.Objective] = identifier(made)
		}
		if err := a.monitors(ctx, name, service, s.Alerts(), objectives, pages, s.Tags, parent); err != nil {
			return err
		}
	}
	return a.monitors(ctx, name, "platform", a.Platform.Alerts(), nil, pages, a.Tags, parent)
}

func (a Args) monitors(
	ctx *pulumi.Context, name, whose string, alerts []alert.Alert, objectives, pages map[string]pulumi.StringOutput, owned tags.Set, parent pulumi.Resource,
) error {
	for _, of := range alerts {
		for _, m := range of.Measures {
			object := whose + "-" + alert.Kebab(of.Name)
			if m.Role != "" {
				object += "-" + m.Role
			}
			if _, err := a.object(ctx, name+"-monitor-"+object, "DatadogMonitor", object, a.spec(of, m, objectives, pages[of.Board]), nil, owned, parent); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a Args) object(ctx *pulumi.Context, logical, kind, name string, spec any, annotations, owned tags.Set, parent pulumi.Resource) (*custom.Resource, error) {
	metadata := metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: a.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(owned)}
	if len(annotations) > 0 {
		metadata.Annotations = pulumi.ToStringMap(annotations)
	}
	return custom.New(ctx, logical, custom.Args{APIVersion: apiVersion, Kind: kind, Metadata: metadata, Spec: spec}, pulumi.Parent(parent), pulumi.DependsOn(a.Operator))
}

// identifier is what Datadog calls what was made of an object.
func identifier(made *custom.Resource) pulumi.StringOutput {
	return made.Status.ApplyT(func(status map[string]any) (string, error) {
		id, ok := status["id"].(string)
		if !ok || id == "" {
			return "", fmt.Errorf("the operator has not said what Datadog calls it: %v", status)
		}
		return id, nil
	}).(pulumi.StringOutput)
}
