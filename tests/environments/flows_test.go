package environments

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"

	"platform/components/gateway"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/tests/cloud"
	"platform/tests/cloud/kubernetes"
)

// reach asks the policies of an environment who reaches whom. An engine that conformance tests of network plugins
// are made with evaluates them (https://github.com/mattfenwick/cyclonus), by the semantics of
// https://kubernetes.io/docs/concepts/services-networking/network-policies/.
type reach struct {
	policies *matcher.Policy
	spaces   map[string]map[string]string // labels by name
	pods     map[string]kubernetes.Pods   // of services
}

func reachOf(t *testing.T, objects []*cloud.Object) reach {
	t.Helper()
	r := reach{spaces: map[string]map[string]string{}, pods: podsOf(t, objects)}
	var all []*networkingv1.NetworkPolicy
	for _, o := range objects {
		switch o.Type {
		case policyType:
			raw, err := json.Marshal(o.Inputs)
			if err != nil {
				t.Fatal(err)
			}
			policy := &networkingv1.NetworkPolicy{}
			if err := json.Unmarshal(raw, policy); err != nil {
				t.Fatal(err)
			}
			// What the API server sets where a chart does not
			// (https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/#NetworkPolicySpec).
			if len(policy.Spec.PolicyTypes) == 0 {
				policy.Spec.PolicyTypes = []networkingv1.PolicyType{networkingv1.PolicyTypeIngress}
				if len(policy.Spec.Egress) > 0 {
					policy.Spec.PolicyTypes = append(policy.Spec.PolicyTypes, networkingv1.PolicyTypeEgress)
				}
			}
			all = append(all, policy)
		case "kubernetes:core/v1:Namespace":
			name := o.Str("metadata.name")
			labels := map[string]string{"kubernetes.io/metadata.name": name} // which the API server sets
			given, _ := o.Value("metadata.labels").(map[string]any)
			for k, v := range given {
				labels[k] = fmt.Sprint(v)
			}
			r.spaces[name] = labels
		}
	}
	r.policies = matcher.BuildNetworkPolicies(false, all)
	return r
}

// pod is one in a namespace that need not be there.
func (r reach) pod(namespace string, labels map[string]string) *matcher.TrafficPeer {
	of := r.spaces[namespace]
	if of == nil {
		of = map[string]string{"kubernetes.io/metadata.name": namespace}
	}
	return &matcher.TrafficPeer{IP: "100.64.0.9", Internal: &matcher.InternalPeer{Namespace: namespace, NamespaceLabels: of, PodLabels: labels}}
}

// service is one of a service's own pods, with all labels that it has.
func (r reach) service(name string) *matcher.TrafficPeer {
	return r.pod(name, r.pods[name].Labels)
}

func at(address string) *matcher.TrafficPeer { return &matcher.TrafficPeer{IP: address} }

func (r reach) allowed(from, to *matcher.TrafficPeer, protocol corev1.Protocol, port int) bool {
	return r.policies.IsTrafficAllowed(&matcher.Traffic{Source: from, Destination: to, ResolvedPort: port, Protocol: protocol}).IsAllowed()
}

// flowFaults are the flows that the catalogue says and that are not possible, and those that are possible and that it
// does not say.
func flowFaults(t *testing.T, s config.Settings, objects []*cloud.Object) []string {
	t.Helper()
	var faults []string
	r := reachOf(t, objects)
	want := func(what string, from, to *matcher.TrafficPeer, port int, expected bool) {
		if got := r.allowed(from, to, corev1.ProtocolTCP, port); got != expected {
			faults = append(faults, fmt.Sprintf("%s at port %d: allowed %v, want %v", what, port, got, expected))
		}
	}
	servers := addressesOfDatabases(t, s, objects)
	// From pod to pod all goes through the mesh's tunnel, and nothing past it: who may use which port at its end, the
	// mesh decides (meshIsTheCatalogues).
	through := func(what string, from, to *matcher.TrafficPeer, expected bool) {
		want(what, from, to, workload.TunnelPort, expected)
		for _, port := range append([]int{workload.Port, workload.MetricsPort, 22}, workload.TelemetryPorts...) {
			want(what, from, to, port, false)
		}
	}
	for _, name := range s.Catalog.Names() {
		entry, from := s.Catalog.Services[name], r.service(name)
		for _, other := range s.Catalog.Names() {
			through(name+" to "+other, from, r.service(other), slices.Contains(entry.Calls, other))
		}
		if s.Gateway.Kind == gateway.Managed {
			through("the gateway to "+name, r.pod(workload.Ingress, ingress.Labels()), from, len(entry.Routes) > 0)
			through(name+" to the gateway", from, r.pod(workload.Ingress, ingress.Labels()), false)
		}
		through("metrics of "+name, r.pod(workload.Observability, nil), from, true)
		through("telemetry of "+name, from, r.pod(workload.Observability, nil), true)
		for what, who := range map[string]*matcher.TrafficPeer{
			"a stranger to ": r.pod("stranger", nil), "the network to ": at("10.16.0.9"), "the internet to ": at(somewhere),
			"delivery to ": r.pod(workload.Delivery, nil), "the mesh's own pods to ": r.pod(workload.MeshNodes, nil),
		} {
			through(what+name, who, from, false)
		}
		// The kubelet's, which come from its own node alone.
		want("probes of "+name, at(strings.TrimSuffix(workload.Probes, "/32")), from, workload.Port, true)
		names := r.pod("kube-system", map[string]string{"k8s-app": "kube-dns"})
		if !r.allowed(from, names, corev1.ProtocolUDP, 53) || !r.allowed(from, names, corev1.ProtocolTCP, 53) {
			faults = append(faults, name+" resolves no names")
		}
		want(name+" to another part of the cluster", from, r.pod("kube-system", map[string]string{"k8s-app": "other"}), 53, false)
		for owner, server := range servers {
			// Where servers share a range, a policy cannot tell them apart; the identity does.
			mine := owner == name || sharedServers[s.Cloud] && entry.Database != nil
			for _, address := range server.addresses {
				want(name+" to the database of "+owner, from, at(address), server.port, mine && server.port == servers[name].port)
				want(name+" to the database of "+owner, from, at(address), 22, false)
			}
		}
		for _, port := range []int{80, 443, 587, 5671} {
			want(name+" to the internet", from, at(somewhere), port, slices.Contains(overTheInternet(s, entry), port))
		}
		want(name+" to the data centre", from, at("10.200.0.9"), 443, reaches(entry, "frankfurt-data-centre", 443))
		token := tokens[s.Cloud]
		want(name+" to its identity's tokens", from, at(token.address), token.port, usesTheCloud(entry))
		if token.address != machines {
			want(name+" to the machine's metadata", from, at(machines), 80, false)
		}
	}
	return append(faults, doorFaults(s, r, servers)...)
}

// doorFaults are flows of doors in the cluster: callers come in at one port and nobody from inside does, and each door leads to the
// services of its audience's routes and nowhere else.
func doorFaults(s config.Settings, r reach, servers map[string]server) []string {
	if s.Gateway.Kind != gateway.Kong {
		return entranceFaults(s, r)
	}
	var faults []string
	want := func(what string, from, to *matcher.TrafficPeer, port int, expected bool) {
		if got := r.allowed(from, to, corev1.ProtocolTCP, port); got != expected {
			faults = append(faults, fmt.Sprintf("%s at port %d: allowed %v, want %v", what, port, got, expected))
		}
	}
	const callers, status = 8443, 8100
	through := func(what string, from, to *matcher.TrafficPeer, port int, expected bool) {
		want(what, from, to, workload.TunnelPort, expected)
		want(what, from, to, port, false)
	}
	for _, audience := range slices.Sorted(maps.Keys(s.Gateway.Audiences)) {
		door := r.pod(workload.Ingress, kong.Labels(audience))
		want("the internet to the door of "+audience, at(somewhere), door, callers, true)
		for _, port := range []int{status, 8000, 8001, 8444, 22} {
			want("the internet to the door of "+audience, at(somewhere), door, port, false)
		}
		want("the network to the door of "+audience, at("10.16.0.9"), door, callers, false)
		want("a stranger to the door of "+audience, r.pod("stranger", nil), door, callers, false)
		want("another door to that of "+audience, r.pod(workload.Ingress, kong.Labels("another")), door, callers, false)
		through("metrics of the door of "+audience, r.pod(workload.Observability, nil), door, status, true)
		for _, name := range s.Catalog.Names() {
			routed := slices.ContainsFunc(s.Catalog.Services[name].Routes, func(route catalog.Route) bool { return slices.Contains(route.Audiences, audience) })
			through("the door of "+audience+" to "+name, door, r.service(name), workload.Port, routed)
			want("the door of "+audience+" to "+name, door, r.service(name), workload.MetricsPort, false)
			want(name+" to the door of "+audience, r.service(name), door, callers, false)
		}
		if names := r.pod("kube-system", map[string]string{"k8s-app": "kube-dns"}); !r.allowed(door, names, corev1.ProtocolUDP, 53) {
			faults = append(faults, "the door of "+audience+" resolves no names")
		}
		for owner, server := range servers {
			for _, address := range server.addresses {
				want("the door of "+audience+" to the database of "+owner, door, at(address), server.port, false)
			}
		}
		want("the door of "+audience+" to the internet", door, at(somewhere), 443, false)
		want("the door of "+audience+" to the machine's metadata", door, at(machines), 80, false)
	}
	want("a pod without a door", r.pod(workload.Ingress, nil), r.service("orders"), workload.Port, false)
	return faults
}

// entranceFaults are flows of the ingress behind doors outside of the cluster: these come in at one port, nobody else does but where
// the doors come from everywhere, and it leads to services, to what tells it what it is to know, and nowhere else.
func entranceFaults(s config.Settings, r reach) []string {
	var faults []string
	want := func(what string, from, to *matcher.TrafficPeer, port int, expected bool) {
		if got := r.allowed(from, to, corev1.ProtocolTCP, port); got != expected {
			faults = append(faults, fmt.Sprintf("%s at port %d: allowed %v, want %v", what, port, got, expected))
		}
	}
	in, private := r.pod(workload.Ingress, ingress.Labels()), s.Cloud != "gcp"
	for _, port := range []int{ingressPort, 15020, 15021, 15000, 22} {
		want("the internet to the ingress", at(somewhere), in, port, !private && port == ingressPort)
		want("the data centre to the ingress", at("10.200.0.9"), in, port, false)
		want("a stranger to the ingress", r.pod("stranger", nil), in, port, false)
		want("another pod of the namespace to the ingress", r.pod(workload.Ingress, map[string]string{"app": "other"}), in, port, false)
		// Datadog asks the parts that it has a check for, and this is none of them.
		want("metrics of the ingress", r.pod(workload.Observability, nil), in, port, port == 15020 && s.Monitoring.Kind == watch.Prometheus)
	}
	want("the ingress to the internet", in, at(somewhere), 443, false)
	want("the ingress to the machine's metadata", in, at(machines), 80, false)
	want("the ingress to the mesh", in, r.pod(workload.MeshControl, nil), 15012, true)
	want("a pod beside the ingress", r.pod(workload.Ingress, nil), r.service("orders"), workload.TunnelPort, false)
	if names := r.pod("kube-system", map[string]string{"k8s-app": "kube-dns"}); !r.allowed(in, names, corev1.ProtocolUDP, 53) {
		faults = append(faults, "the ingress resolves no names")
	}
	return faults
}

// flowsAreTheCatalogues wants no faults, and shows that they would be found: without a policy that opens, and without
// those that close.
func flowsAreTheCatalogues(t *testing.T, s config.Settings, objects []*cloud.Object) {
	t.Helper()
	for _, fault := range flowFaults(t, s, objects) {
		t.Error(fault)
	}
	planted := map[string]string{
		"payments/egress": "payments to ledger at port 15008: allowed false, want true",
		"ledger/":         "a stranger to ledger at port 15008: allowed true, want false",
	}
	if s.Gateway.Kind == gateway.Kong {
		planted["ingress/partner"] = "the door of partner to orders at port 15008: allowed false, want true"
		planted["ingress/"] = "the internet to the door of partner at port 8001: allowed true, want false"
	} else {
		planted["ingress/ingress"] = "the gateway to orders at port 15008: allowed false, want true"
		planted["ingress/"] = "a stranger to the ingress at port 22: allowed true, want false"
	}
	for without, want := range planted {
		rest := slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool {
			return o.Type == policyType && strings.HasPrefix(o.PublicID(), without)
		})
		if !slices.Contains(flowFaults(t, s, rest), want) {
			t.Errorf("without %s it is not found: %s", without, want)
		}
	}
}

const policyType = "kubernetes:networking.k8s.io/v1:NetworkPolicy"

const (
	somewhere = "93.184.215.14"
	machines  = "169.254.169.254" // where each cloud's machines ask about themselves
)

// tokens are where each cloud gives pods those of their identities.
var tokens = map[string]struct {
	address string
	port    int
}{"aws": {"169.254.170.23", 80}, "azure": {"20.190.128.9", 443}, "gcp": {"169.254.169.254", 80}}

// sharedServers are the clouds whose databases have no lasting addresses of their own.
var sharedServers = map[string]bool{"aws": true, "azure": true}

type server struct {
	addresses []string
	port      int
}

// addressesOfDatabases are where each service's database answers: an address that is in the inventory, or one of each
// subnet of the data tier.
func addressesOfDatabases(t *testing.T, s config.Settings, objects []*cloud.Object) map[string]server {
	t.Helper()
	var tier []string
	out := map[string]server{}
	for _, o := range objects {
		property := map[string]string{"aws:ec2/subnet:Subnet": "cidrBlock", "azure-native:network:Subnet": "addressPrefix"}[o.Type]
		if property != "" && strings.HasPrefix(resource.URN(o.URN).Name(), "network-data") {
			tier = append(tier, netip.MustParsePrefix(o.Str(property)).Addr().Next().String())
		}
		if o.Type == "gcp:sql/databaseInstance:DatabaseInstance" {
			labels, _ := o.Value("settings.userLabels").(map[string]any)
			out[fmt.Sprint(labels["service"])] = server{[]string{o.Str("privateIpAddress")}, 5432}
		}
	}
	if s.Cloud != "gcp" {
		for _, name := range s.Catalog.Names() {
			if s.Catalog.Services[name].Database != nil {
				out[name] = server{tier, 5432}
			}
		}
		for _, o := range objects {
			if o.Str("configurationName") == "pgbouncer.enabled" {
				for name := range out {
					if resource.URN(o.URN).Name() == "database-"+name+"-pooler" {
						out[name] = server{tier, 6432}
					}
				}
			}
		}
	}
	wanted := 0
	for _, entry := range s.Catalog.Services {
		if entry.Database != nil {
			wanted++
		}
	}
	if len(out) != wanted || s.Cloud != "gcp" && len(tier) == 0 {
		t.Fatalf("%d databases and %d ranges are found, want %d databases", len(out), len(tier), wanted)
	}
	return out
}

func reaches(entry catalog.Service, to string, port int) bool {
	return slices.ContainsFunc(entry.Reaches, func(r catalog.Reach) bool { return r.Network == to && slices.Contains(r.Ports, port) })
}

func usesTheCloud(entry catalog.Service) bool {
	return entry.Database != nil || entry.Documents || len(entry.Secrets)+len(entry.Publishes)+len(entry.Consumes) > 0
}

// overTheInternet are the ports at which a service may reach any address: what it says, and what it uses of the
// cloud where the environment asked for no endpoint.
func overTheInternet(s config.Settings, entry catalog.Service) []int {
	var out []int
	for _, r := range entry.Reaches {
		if r.Network == catalog.Internet {
			out = append(out, r.Ports...)
		}
	}
	for endpoint, used := range map[network.Endpoint]bool{
		network.EndpointQueues: len(entry.Publishes)+len(entry.Consumes) > 0, network.EndpointDocuments: entry.Documents,
		network.EndpointSecrets: len(entry.Secrets) > 0,
	} {
		private := slices.Contains(s.Network.Endpoints, endpoint) || s.Cloud == "gcp" && len(s.Network.Endpoints) > 0
		if used && !private {
			out = append(out, 443)
			if endpoint == network.EndpointQueues && s.Cloud == "azure" {
				out = append(out, 5671)
			}
		}
	}
	return out
}
