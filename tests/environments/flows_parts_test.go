package environments

import (
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/mattfenwick/cyclonus/pkg/matcher"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	corev1 "k8s.io/api/core/v1"

	"platform/components/gateway"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/stacks/config"
	"platform/tests/cloud"
)

// part is what a part of the platform's own is reached at, and what it needs of the world, as its chart says.
type part struct {
	asked    []int // by the cluster's API
	metrics  []int
	together []int            // by its own pods
	from     map[string][]int // by another part's
	nodes    []int            // at which it asks nodes, whose addresses it does not know
	watches  bool             // it asks services, and they tell it of themselves, through the mesh
	internet bool             // by TLS
	token    bool             // where pods get those of their identities
}

func parts(s config.Settings) map[string]part {
	private := func(e network.Endpoint) bool {
		return slices.Contains(s.Network.Endpoints, e) || s.Cloud == "gcp" && len(s.Network.Endpoints) > 0
	}
	proves := s.Certificates.ACME != nil
	out := map[string]part{
		workload.Certificates: {asked: []int{10250}, metrics: []int{9402}, internet: proves, token: proves},
		// The zones of names answer to no endpoint but on Google Cloud.
		workload.Records: {metrics: []int{7979}, internet: s.Cloud != "gcp" || !private(network.EndpointCompute), token: true},
		workload.Secrets: {
			asked: []int{10250}, metrics: []int{8080}, token: s.Cloud == "azure",
			internet: !private(network.EndpointSecrets) || s.Cloud == "aws" && !private(network.EndpointIdentity),
		},
		workload.Scaler: {
			asked: []int{10250}, metrics: []int{8080}, together: []int{9666}, internet: !private(network.EndpointQueues), token: true,
		},
		workload.Delivery: {metrics: []int{8080, 8082, 8083, 8084}, together: []int{6379, 8081}, internet: true},
	}
	switch s.Monitoring.Kind {
	case watch.Prometheus:
		out[workload.Observability] = part{
			together: []int{workload.TunnelPort}, internet: true, nodes: []int{9100, 10250}, watches: true,
			token: true, from: map[string][]int{workload.ObservabilityNodes: {workload.TunnelPort}},
		}
		out[workload.ObservabilityNodes] = part{metrics: []int{workload.TunnelPort}}
	case watch.Datadog:
		out[workload.Observability] = part{together: []int{workload.TunnelPort}, internet: true, nodes: []int{10250}, watches: true}
	}
	if s.Mesh.Kind != workload.NoMesh {
		control := part{metrics: []int{15014}, from: map[string][]int{workload.MeshNodes: {15012}}}
		if s.Gateway.Kind == gateway.Managed {
			control.from[workload.Ingress] = []int{15012}
			// Google signs for its doors, and istiod fetches its keys.
			control.internet = s.Cloud == "gcp"
		}
		out[workload.MeshControl] = control
		out[workload.MeshNodes] = part{metrics: []int{15014, 15020}}
	}
	// Elsewhere the cloud makes the nodes.
	if s.Cloud == "aws" {
		out[workload.Provisioner] = part{
			metrics: []int{8080}, token: true,
			internet: !private(network.EndpointCompute) || !private(network.EndpointQueues) || !private(network.EndpointIdentity),
		}
	}
	return out
}

// askedBy are the ports at which a part is asked how it fares: Datadog asks those alone by whose own metrics alerts are told.
func askedBy(kind watch.Kind, name string, metrics []int) []int {
	if kind != watch.Datadog {
		return metrics
	}
	return map[string][]int{workload.Certificates: {9402}, workload.Scaler: {8080}, workload.Delivery: {8082}}[name]
}

// apiOf is an address at which the cluster's API answers, and who asks in its place.
func apiOf(t *testing.T, r reach, s config.Settings, objects []*cloud.Object) (address string, asks *matcher.TrafficPeer) {
	t.Helper()
	for _, o := range objects {
		property := map[string]string{"aws:ec2/subnet:Subnet": "cidrBlock", "azure-native:network:Subnet": "addressPrefix"}[o.Type]
		switch {
		case property != "" && strings.HasPrefix(resource.URN(o.URN).Name(), "network-private"):
			address = netip.MustParsePrefix(o.Str(property)).Addr().Next().String()
		case o.Type == "gcp:container/cluster:Cluster":
			address = o.Str("privateClusterConfig.privateEndpoint")
		}
	}
	if address == "" {
		t.Fatal("where the cluster's API answers is not found")
	}
	switch s.Cloud {
	case "azure":
		return address, r.pod("kube-system", map[string]string{"app": "konnectivity-agent"})
	case "gcp":
		return address, r.pod("kube-system", map[string]string{"k8s-app": "konnectivity-agent"})
	}
	return address, at(address)
}

// partFaults are the flows of the platform's own parts that they need and that are not possible, and those that are
// possible and that they do not need.
func partFaults(t *testing.T, s config.Settings, objects []*cloud.Object) []string {
	t.Helper()
	var faults []string
	r, all := reachOf(t, objects), parts(s)
	want := func(what string, from, to *matcher.TrafficPeer, port int, expected bool) {
		if got := r.allowed(from, to, corev1.ProtocolTCP, port); got != expected {
			faults = append(faults, fmt.Sprintf("%s at port %d: allowed %v, want %v", what, port, got, expected))
		}
	}
	address, asks := apiOf(t, r, s, objects)
	ports := []int{22, 443, workload.Port, 7000}
	for _, p := range all {
		ports = slices.Concat(ports, p.asked, p.metrics, p.together, p.nodes, slices.Concat(slices.Collect(maps.Values(p.from))...))
	}
	slices.Sort(ports)
	ports = slices.Compact(ports)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		p, itself := all[name], r.pod(name, nil)
		if r.spaces[name] == nil {
			faults = append(faults, name+" is not there")
			continue
		}
		for _, port := range ports {
			want("the API to "+name, asks, itself, port, slices.Contains(p.asked, port))
			if !p.watches {
				want("metrics of "+name, r.pod(workload.Observability, nil), itself, port, slices.Contains(askedBy(s.Monitoring.Kind, name, p.metrics), port))
			}
			want(name+" to itself", itself, itself, port, slices.Contains(p.together, port))
			want("the gateway to "+name, r.pod(workload.Ingress, ingress.Labels()), itself, port, slices.Contains(p.from[workload.Ingress], port))
			for who, from := range map[string]*matcher.TrafficPeer{
				"a stranger": r.pod("stranger", nil), "the internet": at(somewhere),
				"the data centre": at("10.200.0.9"), "another pod of the system": r.pod("kube-system", map[string]string{"k8s-app": "other"}),
			} {
				want(who+" to "+name, from, itself, port, false)
			}
			for other := range all {
				if other != name && other != workload.Observability {
					want(other+" to "+name, r.pod(other, nil), itself, port, slices.Contains(p.from[other], port))
				}
			}
			for _, service := range s.Catalog.Names() {
				want(service+" to "+name, r.service(service), itself, port, p.watches && port == workload.TunnelPort)
				want(name+" to "+service, itself, r.service(service), port, p.watches && port == workload.TunnelPort)
			}
			node := slices.Contains(p.nodes, port)
			want(name+" to the data centre", itself, at("10.200.0.9"), port, node)
			want(name+" to the API", itself, at(address), port, port == 443 || node)
			want(name+" to the internet", itself, at(somewhere), port, p.internet && port == 443 || node)
		}
		names := r.pod("kube-system", map[string]string{"k8s-app": "kube-dns"})
		if !r.allowed(itself, names, corev1.ProtocolUDP, 53) || !r.allowed(itself, names, corev1.ProtocolTCP, 53) {
			faults = append(faults, name+" resolves no names")
		}
		token := tokens[s.Cloud]
		// Entra ID's addresses are the internet's.
		want(name+" to its identity's tokens", itself, at(token.address), token.port, p.token || s.Cloud == "azure" && p.internet)
		if token.address != machines {
			want(name+" to the machine's metadata", itself, at(machines), 80, false)
		}
	}
	// Whatever else has a namespace is closed too.
	for _, space := range slices.Sorted(maps.Keys(r.spaces)) {
		pod, stranger := r.pod(space, map[string]string{workload.Label: space}), r.pod("stranger", nil)
		want("a stranger to "+space, stranger, pod, 22, false)
		want(space+" to a stranger", pod, stranger, 22, false)
	}
	return faults
}

// partsAreClosed wants no faults, and shows that they would be found.
func partsAreClosed(t *testing.T, s config.Settings, objects []*cloud.Object) {
	t.Helper()
	for _, fault := range partFaults(t, s, objects) {
		t.Error(fault)
	}
	for without, want := range map[string]string{
		"cert-manager/ingress": "the API to cert-manager at port 10250: allowed false, want true",
		"keda/egress":          "keda to its identity's tokens at port " + fmt.Sprint(tokens[s.Cloud].port) + ": allowed false, want true",
		"delivery/":            "a stranger to delivery at port 6379: allowed true, want false",
		"headroom/":            "a stranger to headroom at port 22: allowed true, want false",
	} {
		rest := slices.DeleteFunc(slices.Clone(objects), func(o *cloud.Object) bool {
			return o.Type == policyType && strings.HasPrefix(o.PublicID(), without)
		})
		if !slices.Contains(partFaults(t, s, rest), want) {
			t.Errorf("without %s it is not found: %s", without, want)
		}
	}
}
