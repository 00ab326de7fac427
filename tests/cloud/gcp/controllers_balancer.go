package gcp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// balancer is a load balancer that is about to be made.
type balancer struct {
	t  *cloud.Tx
	c  controller.Cluster
	e  controller.Exposed
	in place
}

// service makes the load balancer of a Service: internal if it says so, else public, on a backend service or, as
// before there were any, on a target pool
// (https://cloud.google.com/kubernetes-engine/docs/concepts/service-load-balancer-parameters).
func (b *balancer) service() (controller.Exposure, error) {
	internal := b.e.Annotations[typeAnnotation] == "Internal" || b.e.Annotations[oldType] == "Internal"
	backend := b.e.Annotations[backendService] == "enabled"
	switch b.e.Class {
	case "":
	case "networking.gke.io/l4-regional-internal":
		internal = true
	case "networking.gke.io/l4-regional-external":
		internal, backend = false, true
	default:
		return controller.Exposure{}, controller.ErrNotMine
	}
	if len(b.e.Ports) == 0 {
		return controller.Exposure{}, controller.Pending("the Service has no ports")
	}
	if (internal || backend) && !balances(b.c) {
		return controller.Exposure{}, controller.Pending("the add-on HttpLoadBalancing is switched off")
	}
	switch {
	case internal && !b.c.Bool("enableL4IlbSubsetting"):
		return controller.Exposure{}, fmt.Errorf("an internal load balancer on instance groups, as without enableL4IlbSubsetting: %w", errNotModelled)
	case internal || backend:
		return b.onBackendService(internal)
	}
	return b.onTargetPool()
}

// onBackendService makes a backend service on groups of the nodes' addresses, one in each zone of the pools, a
// rule of the firewall and one that forwards. All share one health check with a rule of its own. None of them bears
// a label (https://github.com/kubernetes/ingress-gce/blob/master/pkg/utils/namer/l4_namer.go names them).
func (b *balancer) onBackendService(internal bool) (controller.Exposure, error) {
	scheme, finalizer, at := "EXTERNAL", externalFinalizer, place{network: b.in.network}
	if internal {
		scheme, finalizer, at = "INTERNAL", internalFinalizer, b.in
		if name := b.e.Annotations[subnetAnnotation]; name != "" {
			if at.subnet = b.t.Lookup([]string{subnetworkType}, []string{"name"}, name); at.subnet == nil {
				return controller.Exposure{}, controller.Pending(fmt.Sprintf("subnetwork %q does not exist", name))
			}
		}
	}
	name, hash := b.name("k8s2-"+b.uid(), 39)
	check := "k8s2-" + b.uid() + "-l4-shared-hc"
	b.shared(healthType, made(b.c.Account, b.c.Region, "healthChecks", check), check, nil)
	b.shared(firewallType, made(b.c.Account, "", "firewalls", check+"-fw"), check+"-fw", map[string]any{
		"sourceRanges": list(healthRanges), "ports": list([]string{"10256"}),
	})
	b.firewall(name, hash)
	for _, zone := range b.nodeZones() {
		b.make(endpointsType, made(b.c.Account, zone, "networkEndpointGroups", name), hash, b.in.holds(), map[string]any{
			"name": name, "zone": zone, "endpointType": "GCE_VM_IP",
		})
	}
	b.make(backendType, made(b.c.Account, b.c.Region, "backendServices", name), hash, nil, map[string]any{"name": name, "scheme": scheme})
	protocol := strings.ToLower(b.e.Ports[0].Protocol)
	forwarding, _ := b.name("k8s2-"+protocol+"-"+b.uid(), 39-len(protocol)-1)
	return controller.Exposure{Finalizer: finalizer, IP: b.forward(forwarding, hash, scheme, at, []string{check, check + "-fw"})}, nil
}

// onTargetPool makes what GKE made first of all: everything is named after the Service's uid.
func (b *balancer) onTargetPool() (controller.Exposure, error) {
	if firstNode(b.t, b.c) == nil {
		return controller.Exposure{}, controller.Pending("cannot EnsureLoadBalancer() with no hosts")
	}
	name := "a" + strings.ReplaceAll(b.e.UID, "-", "")
	name = name[:min(32, len(name))]
	hash := name[1:]
	check := "k8s-" + b.uid() + "-node"
	b.shared(healthType, made(b.c.Account, "", "httpHealthChecks", check), check, nil)
	b.shared(firewallType, made(b.c.Account, "", "firewalls", check+"-http-hc"), check+"-http-hc", map[string]any{
		"sourceRanges": list(healthRanges), "ports": list([]string{"10256"}),
	})
	b.firewall("k8s-fw-"+name, hash)
	b.make(poolTargetType, made(b.c.Account, b.c.Region, "targetPools", name), hash, nil, map[string]any{"name": name})
	ip := b.forward(name, hash, "EXTERNAL", place{network: b.in.network}, []string{check, check + "-http-hc"})
	return controller.Exposure{Finalizer: legacyFinalizer, IP: ip}, nil
}

// healthRanges are where health checks come from
// (https://cloud.google.com/load-balancing/docs/health-check-concepts#ip-ranges).
var healthRanges = []string{"35.191.0.0/16", "130.211.0.0/22", "209.85.152.0/22", "209.85.204.0/22"}

// uid is how the controllers call the cluster in names.
func (b *balancer) uid() string { return b.c.Str("uid") }

// name is a prefix, namespace and name cut alike to so many characters, and a hash of them and the cluster.
func (b *balancer) name(prefix string, room int, more ...string) (name, hash string) {
	parts := append([]string{b.e.Namespace, b.e.Name}, more...)
	sum := sha256.Sum256([]byte(b.uid() + ";" + strings.Join(parts, ";")))
	hash = hex.EncodeToString(sum[:])[:8]
	for len(strings.Join(parts, "-")) > room {
		longest := 0
		for i := range parts {
			if len(parts[i]) > len(parts[longest]) {
				longest = i
			}
		}
		parts[longest] = parts[longest][:len(parts[longest])-1]
	}
	return prefix + "-" + strings.Join(parts, "-") + "-" + hash, hash
}

// make mints a part of the load balancer.
func (b *balancer) make(typ, id, hash string, holds []cloud.Key, props map[string]any) *cloud.Object {
	o := cloud.Object{
		Type: typ, ID: id, Hidden: true, Owner: b.e.Key, Account: b.c.Account, Region: b.c.Region, Holds: holds, Props: props,
	}
	if hash != "" {
		o.Random = []string{hash}
	}
	props["for"] = b.e.Kind + " " + b.e.Namespace + "/" + b.e.Name
	return b.t.Mint(o)
}

// shared mints what all load balancers of the cluster share, with the first of them.
func (b *balancer) shared(typ, id, name string, props map[string]any) {
	if b.t.Get(typ, id) != nil {
		return
	}
	if props == nil {
		props = map[string]any{}
	}
	props["name"], props["sharedBy"] = name, b.c.ID
	o := cloud.Object{Type: typ, ID: id, Hidden: true, Account: b.c.Account, Region: b.c.Region, Props: props}
	if typ == firewallType {
		o.Holds = b.in.holdsNetwork()
	}
	b.t.Mint(o)
}

// firewall lets callers in to the Service's ports.
func (b *balancer) firewall(name, hash string) {
	sources, ports := b.e.SourceRanges, []string{}
	if len(sources) == 0 {
		sources = []string{"0.0.0.0/0"}
	}
	for _, p := range b.e.Ports {
		ports = append(ports, strings.ToLower(p.Protocol)+":"+p.Port)
	}
	b.make(firewallType, made(b.c.Account, "", "firewalls", name), hash, b.in.holdsNetwork(), map[string]any{
		"name": name, "direction": "INGRESS", "sourceRanges": list(sources), "ports": list(ports),
	})
}

// forward makes the rule that callers reach, with an address that it has for as long as it lives.
func (b *balancer) forward(name, hash, scheme string, at place, uses []string) (ip string) {
	holds := []cloud.Key{}
	if scheme == "EXTERNAL" || scheme == "EXTERNAL_MANAGED" {
		ip = outside(b.t)
	} else {
		ip, holds = inside(b.t, at.subnet.Str("ipCidrRange")), at.holds()
	}
	where := b.c.Region
	if scheme == "EXTERNAL_MANAGED" || b.e.Kind == "Ingress" && scheme == "EXTERNAL" {
		where = ""
	}
	ports := []string{}
	for _, p := range b.e.Ports {
		ports = append(ports, p.Port)
	}
	o := b.make(ruleType, made(b.c.Account, where, "forwardingRules", name), hash, holds, map[string]any{
		"name": name, "scheme": scheme, "address": ip, "ports": list(ports), "cluster": b.c.ID, "uses": list(uses),
	})
	o.Random = append(o.Random, ip)
	return ip
}

// nodeZones are those in which the cluster may have nodes, in order: there is a group of endpoints in each.
func (b *balancer) nodeZones() []string {
	var out []string
	for _, pool := range poolsOf(b.t, b.c.Object) {
		out = append(out, poolZones(pool, b.c.Object)...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// firstNode is the oldest of the first pool that has any, or nil.
func firstNode(t *cloud.Tx, c controller.Cluster) *cloud.Object {
	for _, pool := range poolsOf(t, c.Object) {
		for _, m := range machinesOf(t, pool) {
			return m
		}
	}
	return nil
}

func list(texts []string) []any {
	out := []any{}
	for _, s := range texts {
		out = append(out, s)
	}
	return out
}

// numbered says whether a port is called by its number.
func numbered(port string) bool {
	_, err := strconv.Atoi(port)
	return err == nil
}
