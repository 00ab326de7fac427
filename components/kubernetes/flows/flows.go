package flows

import (
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Open validates the arguments and makes the policies of a service's namespace, as part of its place. It hands out what
// must stand before the first pod does.
func Open(ctx *pulumi.Context, name string, args Args, place pulumi.Resource) ([]pulumi.Resource, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("flows of %s: %w", name, err)
	}
	namespace := args.Namespace.ToStringOutput()
	closed, err := Deny(ctx, name, namespace, args.Tags, place)
	if err != nil {
		return nil, fmt.Errorf("flows of %s: %w", name, err)
	}
	ready := []pulumi.Resource{closed}
	for _, p := range []struct {
		name string
		spec networkingv1.NetworkPolicySpecArgs
	}{{"ingress", args.ingress()}, {"egress", args.egress()}} {
		made, err := policy(ctx, name, p.name, namespace, p.spec, args.Tags, place)
		if err != nil {
			return nil, fmt.Errorf("flows of %s: %w", name, err)
		}
		ready = append(ready, made)
	}
	return ready, nil
}

// Deny closes a namespace. It waits for nothing but the namespace, where what opens flows waits for what it names.
func Deny(ctx *pulumi.Context, name string, namespace pulumi.StringOutput, t tags.Set, parent pulumi.Resource) (pulumi.Resource, error) {
	return policy(ctx, name, "default-deny", namespace, spec("Ingress", "Egress"), t, parent)
}

func policy(
	ctx *pulumi.Context, name, policy string, namespace pulumi.StringOutput, spec networkingv1.NetworkPolicySpecArgs, t tags.Set,
	parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	made, err := networkingv1.NewNetworkPolicy(ctx, name+"-"+policy, &networkingv1.NetworkPolicyArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(policy), Namespace: namespace, Labels: pulumi.ToStringMap(t)}, Spec: spec,
	}, append(opts, pulumi.Parent(parent))...)
	if err != nil {
		return nil, fmt.Errorf("policy %s: %w", policy, err)
	}
	return made, nil
}

// spec is of all pods of the namespace, which is one service's. A policy that names a direction closes it, but for
// what its rules and those of other policies open
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/#the-two-sorts-of-pod-isolation).
func spec(directions ...string) networkingv1.NetworkPolicySpecArgs {
	return networkingv1.NetworkPolicySpecArgs{PodSelector: metav1.LabelSelectorArgs{}, PolicyTypes: pulumi.ToStringArray(directions)}
}
