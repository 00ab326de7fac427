package bridge

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:bridge:Bridge"

// Component is what one service is told.
type Component struct {
	pulumi.ResourceState

	// Ready is what must stand before the service's first pod does.
	Ready []pulumi.Resource
}

// New validates the arguments and tells a service what was made for it.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service": pulumi.String(args.Service), "keys": pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Values))),
		"secrets": pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Secrets))), "tags": pulumi.ToStringMap(args.Tags),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("bridge %s: %w", name, err)
	}
	values := pulumi.StringMap{}
	for key, value := range args.Values {
		values[key] = value
	}
	told, err := corev1.NewConfigMap(ctx, name+"-values", &corev1.ConfigMapArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(workload.Values), Namespace: args.Namespace, Labels: pulumi.ToStringMap(args.Tags),
		},
		Data: values,
	}, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("bridge %s: values: %w", name, err)
	}
	component.Ready = []pulumi.Resource{told}
	for _, wanted := range slices.Sorted(maps.Keys(args.Secrets)) {
		fetched, err := Fetch(ctx, name+"-"+wanted, Secret{
			Name: wanted, Namespace: args.Namespace, Source: args.Secrets[wanted], Tags: args.Tags,
		}, component, args.After)
		if err != nil {
			return nil, fmt.Errorf("bridge %s: %w", name, err)
		}
		component.Ready = append(component.Ready, fetched)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of bridge %s: %w", name, err)
	}
	return component, nil
}
