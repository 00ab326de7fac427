package gcp

import (
	"fmt"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// ingress makes an application load balancer: public unless the class says internal. GKE looks at the annotation of
// the class alone, and takes up what has none
// (https://cloud.google.com/kubernetes-engine/docs/concepts/ingress#deprecated_annotation). Pods are reached without
// nodes' ports, by groups of their addresses in each zone, which hold the subnet.
func (b *balancer) ingress() (controller.Exposure, error) {
	scheme, where, at := "EXTERNAL", "", place{network: b.in.network}
	switch class := b.e.Annotations[classAnnotation]; {
	case b.e.Class != "", class != "" && class != "gce" && class != "gce-internal":
		return controller.Exposure{}, controller.ErrNotMine
	case class == "gce-internal":
		scheme, where, at = "INTERNAL_MANAGED", b.c.Region, b.in
		if !b.proxies() {
			return controller.Exposure{}, controller.Pending(fmt.Sprintf("no subnetwork of network %s in %s is reserved for proxies: one with purpose REGIONAL_MANAGED_PROXY is needed",
				b.in.network.Str("name"), b.c.Region))
		}
	}
	if !balances(b.c) {
		return controller.Exposure{}, controller.Pending("the add-on HttpLoadBalancing is switched off")
	}
	if len(b.e.Ports) == 0 {
		return controller.Exposure{}, fmt.Errorf("an Ingress without a Service, which leads to the cluster's default backend: %w", errNotModelled)
	}
	lets := "k8s-fw-l7--" + b.uid()
	b.shared(firewallType, made(b.c.Account, "", "firewalls", lets), lets, map[string]any{"sourceRanges": list(healthRanges[:2])})
	for _, p := range b.e.Ports {
		b.backend(p, where, scheme)
	}
	name := func(short string) string {
		full, _ := b.name("k8s2-"+short+"-"+b.uid(), 36)
		return full
	}
	_, hash := b.name("", 36)
	b.make(urlMapType, made(b.c.Account, where, "urlMaps", name("um")), hash, nil, map[string]any{"name": name("um")})
	forwarding, proxy := "fr", "tp"
	if b.e.TLS || b.e.Annotations["ingress.gcp.kubernetes.io/pre-shared-cert"] != "" || b.e.Annotations["networking.gke.io/managed-certificates"] != "" {
		forwarding, proxy = "fs", "ts"
	}
	if b.e.TLS {
		b.make(certificateType, made(b.c.Account, where, "sslCertificates", name("cr")), hash, nil, map[string]any{"name": name("cr")})
	}
	b.make(proxyType, made(b.c.Account, where, "targetProxies", name(proxy)), hash, nil, map[string]any{"name": name(proxy)})
	return controller.Exposure{Finalizer: ingressFinalizer, IP: b.forward(name(forwarding), hash, scheme, at, []string{lets})}, nil
}

// backend makes what leads to one Service's port.
func (b *balancer) backend(p controller.Port, where, scheme string) {
	of := &balancer{t: b.t, c: b.c, e: b.e, in: b.in}
	of.e.Name = p.Service
	name, hash := of.name("k8s1-"+b.uid(), 36, p.Port)
	for _, zone := range b.nodeZones() {
		b.make(endpointsType, made(b.c.Account, zone, "networkEndpointGroups", name), hash, b.in.holds(), map[string]any{
			"name": name, "zone": zone, "endpointType": "GCE_VM_IP_PORT", "named": !numbered(p.Port),
		})
	}
	b.make(healthType, made(b.c.Account, where, "healthChecks", name), hash, nil, map[string]any{"name": name})
	b.make(backendType, made(b.c.Account, where, "backendServices", name), hash, nil, map[string]any{"name": name, "scheme": scheme})
}

// proxies says whether the network has room for the proxies of an internal one
// (https://cloud.google.com/load-balancing/docs/proxy-only-subnets).
func (b *balancer) proxies() bool {
	return len(b.t.Find(subnetworkType, func(s *cloud.Object) bool {
		return s.Str("purpose") == "REGIONAL_MANAGED_PROXY" && s.Str("network") == b.in.subnet.Str("network")
	})) > 0
}
