package flows

import (
	"net/netip"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// Door is what the pods of a door in the cluster may do.
type Door struct {
	Name      string
	Namespace pulumi.StringOutput
	Pods      map[string]string // the labels of its pods
	// Sources may come in; the internet may if there are none. Load balancers hand on callers' own addresses.
	Sources []string
	// Inside are ranges that are not the internet, besides those that nobody has there.
	Inside      []netip.Prefix
	Port        int
	MetricsPort int
	Services    []string // to which it leads
	Meshed      bool     // a mesh carries what goes from it to services, but not what comes to it from outside
	// Proxy says that its pods are none that the mesh carries, but a proxy of the mesh's own, which speaks the tunnel to
	// services itself: whoever collects metrics comes to it without.
	Proxy bool
	// Calls are pods that it goes to besides.
	Calls []Pods
	Tags  tags.Set
}

// NewDoor lets callers in at a door's one port, and its pods out to the services behind it and to names: to nobody else, nor to
// the internet.
func NewDoor(ctx *pulumi.Context, name string, d Door, parent pulumi.Resource) (pulumi.Resource, error) {
	return policy(ctx, name, d.Name, d.Namespace, d.spec(), d.Tags, parent)
}

func (d Door) spec() networkingv1.NetworkPolicySpecArgs {
	out := spec("Ingress", "Egress")
	out.PodSelector = metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(d.Pods)}
	callers := internet(d.Inside)
	if len(d.Sources) > 0 {
		callers = nil
	}
	for _, from := range d.Sources {
		callers = append(callers, networkingv1.NetworkPolicyPeerArgs{IpBlock: networkingv1.IPBlockArgs{Cidr: pulumi.String(from)}})
	}
	rules := networkingv1.NetworkPolicyIngressRuleArray{
		networkingv1.NetworkPolicyIngressRuleArgs{From: callers, Ports: tcp(d.Port)},
		networkingv1.NetworkPolicyIngressRuleArgs{From: spaces(workload.Observability), Ports: through(d.Meshed && !d.Proxy, d.MetricsPort)},
	}
	if d.Meshed && !d.Proxy {
		rules = append(rules, probing())
	}
	out.Ingress = rules
	egress := networkingv1.NetworkPolicyEgressRuleArray{resolving()}
	if len(d.Services) > 0 { // a rule without anybody is one for everybody
		egress = append(egress, networkingv1.NetworkPolicyEgressRuleArgs{To: spaces(d.Services...), Ports: through(d.Meshed, workload.Port)})
	}
	for _, each := range d.Calls {
		egress = append(egress, networkingv1.NetworkPolicyEgressRuleArgs{To: spaces(each.Namespace), Ports: through(d.Meshed && each.Meshed, each.Ports...)})
	}
	out.Egress = egress
	return out
}
