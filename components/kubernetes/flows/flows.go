package flows

import (
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:flows:Flows"

// Component is the flows of one service.
type Component struct {
	pulumi.ResourceState

	// Ready are the policies that must stand before the first pod does.
	Ready []pulumi.Resource
}

// New validates the arguments and makes the policies of a service's namespace.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("flows %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service": pulumi.String(args.Service), "calls": pulumi.ToStringArray(args.Calls), "calledBy": pulumi.ToStringArray(args.CalledBy),
		"routed": pulumi.Bool(args.Routed), "ways": recorded(args.Ways), "tags": pulumi.ToStringMap(args.Tags),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("flows %s: %w", name, err)
	}
	for _, p := range []struct {
		name string
		spec networkingv1.NetworkPolicySpecArgs
	}{
		// It waits for nothing but the namespace, where the others wait for what they name.
		{"default-deny", spec("Ingress", "Egress")},
		{"ingress", args.ingress()},
		{"egress", args.egress()},
	} {
		made, err := networkingv1.NewNetworkPolicy(ctx, name+"-"+p.name, &networkingv1.NetworkPolicyArgs{
			Metadata: metav1.ObjectMetaArgs{
				Name: pulumi.String(p.name), Namespace: args.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(args.Tags),
			},
			Spec: p.spec,
		}, pulumi.Parent(component))
		if err != nil {
			return nil, fmt.Errorf("flows %s: policy %s: %w", name, p.name, err)
		}
		component.Ready = append(component.Ready, made)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of flows %s: %w", name, err)
	}
	return component, nil
}

// spec is of all pods of the namespace, which is one service's. A policy that names a direction closes it, but for
// what its rules and those of other policies open
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation).
func spec(directions ...string) networkingv1.NetworkPolicySpecArgs {
	return networkingv1.NetworkPolicySpecArgs{PodSelector: metav1.LabelSelectorArgs{}, PolicyTypes: pulumi.ToStringArray(directions)}
}
