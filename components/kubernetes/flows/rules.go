package flows

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	networkingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/networking/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// nameLabel is on every namespace, and cannot be taken off or given to another
// (https://kubernetes.io/docs/concepts/services-networking/network-policies/#targeting-a-namespace-by-its-name).
const nameLabel = "kubernetes.io/metadata.name"

// names are the pods that resolve names in every cluster, whatever runs in them
// (https://kubernetes.io/docs/tasks/administer-cluster/dns-custom-nameservers/).
const (
	systemSpace = "kube-system"
	namesLabel  = "k8s-app"
	namesValue  = "kube-dns"
	namesPort   = 53
)

// through are the ports by which pods reach each other's: in a mesh that of its tunnel, which hides them from who carries
// the packets. Which of them a caller may use then, the mesh decides.
func through(meshed bool, ports ...int) networkingv1.NetworkPolicyPortArray {
	if meshed {
		return tcp(workload.TunnelPort)
	}
	return tcp(ports...)
}

// probing lets the kubelet in where a mesh is. The node always reaches its own pods, and so probes need no rule; but those
// come from an address of their own.
func probing() networkingv1.NetworkPolicyIngressRuleArgs {
	return networkingv1.NetworkPolicyIngressRuleArgs{From: networkingv1.NetworkPolicyPeerArray{
		networkingv1.NetworkPolicyPeerArgs{IpBlock: networkingv1.IPBlockArgs{Cidr: pulumi.String(workload.Probes)}},
	}}
}

// ingress lets in those who call the service, the gateway if it leads here, and whoever collects metrics.
func (a Args) ingress() networkingv1.NetworkPolicySpecArgs {
	out := spec("Ingress")
	callers := slices.Clone(a.CalledBy)
	if a.Routed {
		callers = append(callers, workload.Ingress)
	}
	rules := networkingv1.NetworkPolicyIngressRuleArray{}
	if len(callers) > 0 {
		rules = append(rules, networkingv1.NetworkPolicyIngressRuleArgs{From: spaces(callers...), Ports: through(a.Meshed, workload.Port)})
	}
	rules = append(rules, networkingv1.NetworkPolicyIngressRuleArgs{
		From: spaces(workload.Observability), Ports: through(a.Meshed, workload.MetricsPort),
	})
	if a.Meshed {
		rules = append(rules, probing())
	}
	out.Ingress = rules
	return out
}

// egress lets the service out to whom it calls, to names and telemetry, and on its ways out of the cluster.
func (a Args) egress() networkingv1.NetworkPolicySpecArgs {
	all := spec("Egress")
	rules := networkingv1.NetworkPolicyEgressRuleArray{resolving()}
	if a.Telemetry {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
			To: spaces(workload.Observability), Ports: through(a.Meshed, workload.TelemetryPorts...),
		})
	}
	if len(a.Calls) > 0 {
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{To: spaces(a.Calls...), Ports: through(a.Meshed, workload.Port)})
	}
	all.Egress = append(rules, out("service "+a.Service, a.Ways, a.Inside)...)
	return all
}

// resolving lets pods ask for names.
func resolving() networkingv1.NetworkPolicyEgressRuleArgs {
	return networkingv1.NetworkPolicyEgressRuleArgs{
		To:    networkingv1.NetworkPolicyPeerArray{systemPods(namesLabel, namesValue)},
		Ports: networkingv1.NetworkPolicyPortArray{port("TCP", namesPort), port("UDP", namesPort)},
	}
}

// systemPods are pods of the cluster's own.
func systemPods(key, value string) networkingv1.NetworkPolicyPeerArgs {
	return networkingv1.NetworkPolicyPeerArgs{NamespaceSelector: labelled(nameLabel, systemSpace), PodSelector: labelled(key, value)}
}

// out lets pods take their ways out of the cluster; whose they are is said where one leads nowhere.
func out(whose string, ways map[string]network.Way, inside []netip.Prefix) networkingv1.NetworkPolicyEgressRuleArray {
	rules := networkingv1.NetworkPolicyEgressRuleArray{}
	for _, name := range slices.Sorted(maps.Keys(ways)) {
		way := ways[name]
		rules = append(rules, networkingv1.NetworkPolicyEgressRuleArgs{
			To: peers(fmt.Sprintf("way %s of %s", name, whose), way, inside), Ports: tcp(way.Ports...),
		})
	}
	return rules
}

// nobodys are the ranges of IPv4 that are not the internet's
// (https://www.iana.org/assignments/iana-ipv4-special-registry).
var nobodys = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("127.0.0.0/8"),
	netip.MustParsePrefix("169.254.0.0/16"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
}

// peers are whom a way leads to.
func peers(what string, way network.Way, inside []netip.Prefix) networkingv1.NetworkPolicyPeerArrayInput {
	if !way.Internet {
		return blocks(what, way.Ranges)
	}
	return internet(inside)
}

// internet is everybody who is not in a range that nobody has there, nor in one of those that are inside.
func internet(inside []netip.Prefix) networkingv1.NetworkPolicyPeerArray {
	except := slices.Clone(nobodys)
	for _, own := range inside {
		if !slices.ContainsFunc(except, func(p netip.Prefix) bool { return p.Overlaps(own) && p.Bits() <= own.Bits() }) {
			except = append(except, own)
		}
	}
	var texts []string
	for _, p := range except {
		texts = append(texts, p.String())
	}
	return networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{IpBlock: networkingv1.IPBlockArgs{
		Cidr: pulumi.String("0.0.0.0/0"), Except: pulumi.ToStringArray(texts),
	}}}
}

// blocks are whom some ranges stand for.
func blocks(what string, all pulumi.StringArrayOutput) networkingv1.NetworkPolicyPeerArrayOutput {
	return all.ApplyT(func(ranges []string) ([]networkingv1.NetworkPolicyPeer, error) {
		// A rule without anybody is one for everybody
		// (https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/).
		if len(ranges) == 0 {
			return nil, fmt.Errorf("%s: no range is known", what)
		}
		var out []networkingv1.NetworkPolicyPeer
		for _, r := range ranges {
			out = append(out, networkingv1.NetworkPolicyPeer{IpBlock: &networkingv1.IPBlock{Cidr: r}})
		}
		return out, nil
	}).(networkingv1.NetworkPolicyPeerArrayOutput)
}

// spaces are all pods of some namespaces.
func spaces(names ...string) networkingv1.NetworkPolicyPeerArray {
	var out networkingv1.NetworkPolicyPeerArray
	for _, name := range slices.Sorted(slices.Values(names)) {
		out = append(out, networkingv1.NetworkPolicyPeerArgs{NamespaceSelector: labelled(nameLabel, name)})
	}
	return out
}

// itself is all pods of the policy's own namespace.
func itself() networkingv1.NetworkPolicyPeerArray {
	return networkingv1.NetworkPolicyPeerArray{networkingv1.NetworkPolicyPeerArgs{PodSelector: metav1.LabelSelectorArgs{}}}
}

func labelled(key, value string) metav1.LabelSelectorArgs {
	return metav1.LabelSelectorArgs{MatchLabels: pulumi.ToStringMap(map[string]string{key: value})}
}

func tcp(ports ...int) networkingv1.NetworkPolicyPortArray {
	var out networkingv1.NetworkPolicyPortArray
	for _, p := range ports {
		out = append(out, port("TCP", p))
	}
	return out
}

func port(protocol string, number int) networkingv1.NetworkPolicyPortArgs {
	return networkingv1.NetworkPolicyPortArgs{Protocol: pulumi.String(protocol), Port: pulumi.Int(number)}
}
