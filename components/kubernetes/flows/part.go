package flows

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"slices"

	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
)

// Around is what is around a part of the platform's own: what the environment tells it.
type Around struct {
	API cluster.API
	// Ways are those that the part takes out of the cluster, by what they are for.
	Ways map[string]network.Way
	// Inside are ranges that are not the internet, besides those that nobody has there.
	Inside []netip.Prefix
}

// Part is what a part of the platform's own, in a namespace of its own, needs: what is around it, and what its chart
// says.
type Part struct {
	Around
	// Asked are the ports at which the cluster's API asks it: webhooks, and metrics that the API passes on.
	Asked []int
	// Metrics are the ports at which it tells how it fares.
	Metrics []int
	// Together are the ports at which its own pods talk to each other, and Gossip those at which they do by UDP, which no mesh
	// carries.
	Together, Gossip []int
	// Nodes are the ports of nodes that it asks. Not every plugin knows a node by its address
	// (https://learn.microsoft.com/azure/aks/azure-cni-powered-by-cilium#limitations), and so they are open to any address:
	// give none that means something elsewhere.
	Nodes []int
	// Meshed says that its pods are in the mesh, whose tunnel carries what goes between them and others of it.
	Meshed bool
	// Callers are pods of other parts that come to it, and Calls are those that it goes to.
	Callers, Calls []Pods
}

// Pods are all pods of a namespace, at some ports.
type Pods struct {
	Namespace string
	Ports     []int
	Meshed    bool // as Part.Meshed
}

// Validate returns every fault of what a part needs, each with its path, its value and what is allowed.
func (p Part) Validate() error {
	faults := wayFaults("ways", p.Ways)
	if len(p.API.Way.Ports) == 0 || p.API.Way.Internet == (p.API.Way.Ranges.OutputState != nil) {
		faults = append(faults, errors.New("api.way: no way is known: where the cluster's API answers is needed"))
	}
	if len(p.Asked) > 0 && p.API.From.OutputState == nil && p.API.Agent == (cluster.Label{}) {
		faults = append(faults, fmt.Errorf("asked: value %v: whence the cluster's API asks is needed", p.Asked))
	}
	for path, ports := range map[string][]int{
		"asked": p.Asked, "metrics": p.Metrics, "together": p.Together, "gossip": p.Gossip, "nodes": p.Nodes,
	} {
		faults = append(faults, portFaults(path, ports)...)
	}
	for path, all := range map[string][]Pods{"callers": p.Callers, "calls": p.Calls} {
		for _, other := range all {
			at := path + "." + other.Namespace
			if len(other.Ports) == 0 {
				faults = append(faults, fmt.Errorf("%s.ports: value %v: at least one is needed: without any, all would be open", at, other.Ports))
			}
			faults = append(faults, portFaults(at+".ports", other.Ports)...)
		}
	}
	return errors.Join(faults...)
}

// Guard closes the namespace of a part, but for what it needs: it resolves names and reaches the cluster's API, and
// what it says. Nobody reaches it but that API, whoever collects metrics, and itself, each at its ports. It hands out
// what must stand before the first pod does.
func Guard(
	ctx *pulumi.Context, name string, namespace pulumi.StringOutput, part Part, t tags.Set, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	if err := part.Validate(); err != nil {
		return nil, fmt.Errorf("flows of %s: %w", name, err)
	}
	closed, err := Deny(ctx, name, namespace, t, parent)
	if err != nil {
		return nil, err
	}
	made := []pulumi.Resource{closed}
	open := func(direction string, spec networkingv1.NetworkPolicySpecArgs) error {
		opened, err := policy(ctx, name, direction, namespace, spec, t, parent)
		made = append(made, opened)
		return err
	}
	if ingress := part.ingress(name); ingress.Ingress != nil {
		if err := open("ingress", ingress); err != nil {
			return nil, err
		}
	}
	if err := open("egress", part.egress(name)); err != nil {
		return nil, err
	}
	return made, nil
}

// ingress is without rules where nobody comes.
func (p Part) ingress(name string) networkingv1.NetworkPolicySpecArgs {
	all := spec("Ingress")
	var rules networkingv1.NetworkPolicyIngressRuleArray
	open := func(from networkingv1.NetworkPolicyPeerArrayInput, ports networkingv1.NetworkPolicyPortArray) {
		if len(ports) > 0 {
			rules = append(rules, networkingv1.NetworkPolicyIngressRuleArgs{From: from, Ports: ports})
		}
	}
	let := func(ports []int, from networkingv1.NetworkPolicyPeerArrayInput) { open(from, tcp(ports...)) }
	if p.API.From.OutputState != nil {
		let(p.Asked, blocks("API that asks "+name, p.API.From))
	}
	if agent := p.API.Agent; agent != (cluster.Label{}) {
		let(p.Asked, networkingv1.NetworkPolicyPeerArray{systemPods(agent.Key, agent.Value)})
	}
	if len(p.Metrics) > 0 {
		open(spaces(workload.Observability), through(p.Meshed, p.Metrics...))
	}
	open(itself(), p.between())
	for _, each := range p.alike(p.Callers) {
		open(spaces(each.namespaces...), through(each.meshed, each.ports...))
	}
	if p.Meshed {
		rules = append(rules, probing())
	}
	if rules != nil {
		all.Ingress = rules
	}
	return all
}

func (p Part) egress(name string) networkingv1.NetworkPolicySpecArgs {
	all := spec("Egress")
	ways := maps.Clone(p.Ways)
	if ways == nil {
		ways = map[string]network.Way{}
	}
	ways["kubernetes"] = p.API.Way
	rules := append(networkingv1.NetworkPolicyEgressRuleArray{resolving()}, out(name, ways, p.Inside)...)
	if between := p.between(); len(between) > 0 {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{To: itself(), Ports: between})
	}
	for _, each := range p.alike(p.Calls) {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{To: spaces(each.namespaces...), Ports: through(each.meshed, each.ports...)})
	}
	if len(p.Nodes) > 0 {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{Ports: tcp(p.Nodes...)})
	}
	all.Egress = rules
	return all
}

// alike are namespaces whose pods are reached in the same way: there may be as many as there are services.
type alike struct {
	namespaces []string
	ports      []int
	meshed     bool
}

// alike puts those together that are reached in the same way, in the order in which the first of each is named.
func (p Part) alike(all []Pods) []alike {
	var out []alike
	for _, each := range all {
		meshed := p.Meshed && each.Meshed
		i := slices.IndexFunc(out, func(a alike) bool { return a.meshed == meshed && (meshed || slices.Equal(a.ports, each.Ports)) })
		if i < 0 {
			i, out = len(out), append(out, alike{ports: each.Ports, meshed: meshed})
		}
		out[i].namespaces = append(out[i].namespaces, each.Namespace)
	}
	return out
}

// between are the ports at which the part's own pods reach each other.
func (p Part) between() networkingv1.NetworkPolicyPortArray {
	var out networkingv1.NetworkPolicyPortArray
	if len(p.Together) > 0 {
		out = through(p.Meshed, p.Together...)
	}
	for _, number := range p.Gossip {
		out = append(out, port("UDP", number))
	}
	return out
}

// With adds ways to those that are known.
func (a Around) With(ways map[string]network.Way) Around {
	all := maps.Clone(a.Ways)
	if all == nil {
		all = map[string]network.Way{}
	}
	maps.Copy(all, ways)
	a.Ways = all
	return a
}
