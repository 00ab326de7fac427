package dashboards

import (
	"errors"
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/dashboards/board"
	"platform/components/kubernetes/monitoring"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:dashboards:Dashboards"

// Args is where the dashboards are put.
type Args struct {
	Namespace pulumi.StringInput // where Grafana's sidecar looks
	Boards    []board.Board
	Tags      tags.Set
}

// Component is the dashboards of an environment.
type Component struct {
	pulumi.ResourceState
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	ids := map[string]bool{}
	for i, b := range a.Boards {
		if ids[b.ID] {
			faults = append(faults, fmt.Errorf("boards[%d].id: value %q: another is allowed: it is taken", i, b.ID))
		}
		ids[b.ID] = true
		if _, err := b.JSON(); err != nil {
			faults = append(faults, fmt.Errorf("boards[%d]: %w", i, err))
		}
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// New validates the arguments, and puts each dashboard into a ConfigMap.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("dashboards %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"dashboards": pulumi.Int(len(args.Boards)),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("dashboards %s: %w", name, err)
	}
	for _, b := range args.Boards {
		text, err := b.JSON()
		if err != nil {
			return nil, fmt.Errorf("dashboards %s: %w", name, err)
		}
		if _, err := corev1.NewConfigMap(ctx, name+"-"+b.ID, &corev1.ConfigMapArgs{
			Metadata: metav1.ObjectMetaArgs{
				Name: pulumi.String(b.ID), Namespace: args.Namespace, Labels: pulumi.ToStringMap(args.Tags.With(monitoring.Dashboard, monitoring.DashboardValue)),
			},
			Data: pulumi.StringMap{b.ID + ".json": pulumi.String(text)},
		}, pulumi.Parent(component)); err != nil {
			return nil, fmt.Errorf("dashboard %s: %w", b.ID, err)
		}
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of dashboards %s: %w", name, err)
	}
	return component, nil
}
