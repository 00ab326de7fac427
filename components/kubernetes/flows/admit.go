package flows

import (
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Opening lets all pods of some namespaces come to some ports.
type Opening struct {
	From  []string // namespaces
	Ports []int
}

// Admit closes a namespace of the platform's own to all who come, but for the openings. Where its pods go stays open:
// they speak to the Kubernetes API, whose addresses each cloud keeps to itself.
func Admit(
	ctx *pulumi.Context, name, object, namespace string, openings []Opening, t tags.Set, parent pulumi.Resource, opts ...pulumi.ResourceOption,
) (pulumi.Resource, error) {
	closed := spec("Ingress")
	rules := networkingv1.NetworkPolicyIngressRuleArray{}
	for _, o := range openings {
		rules = append(rules, networkingv1.NetworkPolicyIngressRuleArgs{From: spaces(o.From...), Ports: tcp(o.Ports...)})
	}
	closed.Ingress = rules
	return policy(ctx, name, object, pulumi.String(namespace).ToStringOutput(), closed, t, parent, opts...)
}
