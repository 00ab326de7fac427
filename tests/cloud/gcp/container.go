package gcp

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	clusterType = "gcp:container/cluster:Cluster"
	poolType    = "gcp:container/nodePool:NodePool"

	computeService   = "compute.googleapis.com"
	containerService = "container.googleapis.com"
)

var containerHooks = map[string]cloud.Hook{
	clusterType: {Created: clusterCreated, Updated: clusterUpdated, Deleted: clusterDeleted},
	poolType:    {Created: poolCreated, Updated: poolUpdated, Deleted: takesOwned},
}

// clusterCreated makes the rules of the firewall without which nodes and pods do not reach one another
// (https://cloud.google.com/kubernetes-engine/docs/concepts/firewall-rules) and, for a private control plane,
// the endpoint in the cluster's network by which nodes reach it
// (https://cloud.google.com/kubernetes-engine/docs/concepts/private-cluster-concept).
func clusterCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := clusterValid(t, o); err != nil {
		return err
	}
	if o.Props == nil {
		o.Props = map[string]any{}
	}
	hash := t.Random(8)
	o.Props["hash"], o.Props["uid"] = hash, t.Random(8)
	in := placeOf(t, o)
	names := []string{"all", "exkubelet", "inkubelet", "vms"}
	if o.Str("privateClusterConfig.masterIpv4CidrBlock") != "" {
		names = append(names, "master")
	}
	for _, name := range names {
		full := fmt.Sprintf("gke-%s-%s-%s", o.Str("name"), hash, name)
		t.Mint(cloud.Object{
			Type: firewallType, ID: made(o.Account, "", "firewalls", full), Hidden: true, Owner: o.Key(), Holds: in.holdsNetwork(),
			Props: map[string]any{"name": full, "direction": "INGRESS", "deny": name == "exkubelet"},
		})
	}
	o.Props["publicEndpoint"] = outside(t)
	o.Random = append(o.Random, o.Str("publicEndpoint"))
	if o.Bool("privateClusterConfig.enablePrivateNodes") {
		endpoint := t.Lookup([]string{subnetworkType}, []string{"id", "selfLink", "name"}, o.Str("privateClusterConfig.privateEndpointSubnetwork"))
		at := place{network: in.network, subnet: endpoint}
		if endpoint == nil {
			at.subnet = in.subnet
		}
		address, full := inside(t, at.subnet.Str("ipCidrRange")), fmt.Sprintf("gke-%s-%s-pe", o.Str("name"), hash)
		o.Props["privateEndpoint"] = address
		o.Random = append(o.Random, address)
		for typ, kind := range map[string]string{ruleType: "forwardingRules", madeAddressType: "addresses"} {
			t.Mint(cloud.Object{
				Type: typ, ID: made(o.Account, o.Region, kind, full), Hidden: true, Owner: o.Key(), Holds: at.holds(),
				Props: map[string]any{"name": full, "address": address, "scheme": "INTERNAL", "for": "the control plane of " + o.Str("name")},
			})
		}
	}
	show(o)
	return nil
}

// show puts what GKE has found out into the cluster's outputs.
func show(o *cloud.Object) {
	version := o.Str("minMasterVersion")
	switch {
	case version == "":
		version = "1.33.4-gke.1000000"
	case strings.Count(version, ".") == 1:
		version += ".4-gke.1000000"
	}
	o.Outputs["masterVersion"] = version
	o.Outputs["endpoint"] = o.Str("publicEndpoint")
	if o.Bool("privateClusterConfig.enablePrivateEndpoint") {
		o.Outputs["endpoint"] = o.Str("privateEndpoint")
	}
	if config, ok := o.Outputs["privateClusterConfig"].(map[string]any); ok {
		config["publicEndpoint"], config["privateEndpoint"] = o.Str("publicEndpoint"), o.Str("privateEndpoint")
	}
	auth, _ := o.Outputs["masterAuth"].(map[string]any)
	if auth == nil {
		auth = map[string]any{}
		o.Outputs["masterAuth"] = auth
	}
	auth["clusterCaCertificate"] = o.Str("authority")
}

// clusterValid refuses what the API refuses and a table cannot say.
func clusterValid(t *cloud.Tx, o *cloud.Object) error {
	invalid := func(format string, args ...any) error { return cloud.Refuse("INVALID_ARGUMENT", format, args...) }
	if !o.Bool("removeDefaultNodePool") {
		return fmt.Errorf("removeDefaultNodePool: a pool that GKE makes by itself is not simulated: add it in tests/cloud/gcp/container.go")
	}
	if o.Num("initialNodeCount") < 1 {
		return invalid("initialNodeCount: a cluster is made with a pool of at least one node, even if it is removed at once")
	}
	private, endpoint := o.Bool("privateClusterConfig.enablePrivateNodes"), o.Bool("privateClusterConfig.enablePrivateEndpoint")
	if endpoint && !private {
		return invalid("enablePrivateEndpoint needs enablePrivateNodes")
	}
	// https://cloud.google.com/kubernetes-engine/docs/how-to/private-clusters#private_cp
	if endpoint && o.Value("masterAuthorizedNetworksConfig") == nil {
		return invalid("Master authorized networks must be enabled to use a private endpoint")
	}
	if pool := o.Str("workloadIdentityConfig.workloadPool"); pool != "" && pool != o.Account+".svc.id.goog" {
		return invalid("workloadPool: %q: only %s.svc.id.goog is supported", pool, o.Account)
	}
	if o.Str("databaseEncryption.state") == "ENCRYPTED" {
		if err := encrypts(t, o, o.Str("databaseEncryption.keyName"), containerService); err != nil {
			return err
		}
	}
	if key := o.Str("nodeConfig.bootDiskKmsKey"); key != "" {
		if err := encrypts(t, o, key, computeService); err != nil {
			return err
		}
	}
	return rangesThere(t, o)
}

// rangesThere: a VPC-native cluster takes its pods' and services' addresses from ranges of its subnet
// (https://cloud.google.com/kubernetes-engine/docs/concepts/alias-ips).
func rangesThere(t *cloud.Tx, o *cloud.Object) error {
	in := placeOf(t, o)
	if in.network == nil || in.subnet == nil {
		return cloud.Refuse("INVALID_ARGUMENT", "network and subnetwork must be given: projects have no default network")
	}
	if region := in.subnet.Str("region"); region != "" && !strings.HasPrefix(o.Str("location"), region) {
		return cloud.Refuse("INVALID_ARGUMENT", "subnetwork %s is in %s, the cluster in %s", in.subnet.Str("name"), region, o.Str("location"))
	}
	for _, property := range []string{"clusterSecondaryRangeName", "servicesSecondaryRangeName"} {
		if name := o.Str("ipAllocationPolicy." + property); name != "" && secondaryRange(in.subnet, name) == "" {
			return cloud.Refuse("INVALID_ARGUMENT", "%s: subnetwork %s has no secondary range %q", property, in.subnet.Str("name"), name)
		}
	}
	return nil
}

// secondaryRange is a secondary range of a subnet by name; "" if there is none.
func secondaryRange(subnet *cloud.Object, name string) string {
	ranges, _ := subnet.Value("secondaryIpRanges").([]any)
	for _, r := range ranges {
		if one, _ := r.(map[string]any); one["rangeName"] == name {
			text, _ := one["ipCidrRange"].(string)
			return text
		}
	}
	return ""
}

// clusterUpdated: the version goes up by one minor version at a time, and never down
// (https://cloud.google.com/kubernetes-engine/docs/concepts/cluster-upgrades).
func clusterUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	from, to := controller.Minor(old.Str("minMasterVersion")), controller.Minor(o.Str("minMasterVersion"))
	if from != 0 && from != to && to != from+1 {
		return cloud.Refuse("INVALID_ARGUMENT", "Master cannot be upgraded from %s to %s: one minor version at a time, and not back",
			old.Str("minMasterVersion"), o.Str("minMasterVersion"))
	}
	if err := clusterValid(t, o); err != nil {
		return err
	}
	show(o)
	return nil
}

// clusterDeleted takes along pools, rules and the control plane's endpoint. What its controllers made, GKE tries to
// remove too, without a promise; here it stays
// (https://cloud.google.com/kubernetes-engine/docs/how-to/deleting-a-cluster).
func clusterDeleted(t *cloud.Tx, o *cloud.Object) error {
	controller.End(t, o.Key())
	for _, pool := range poolsOf(t, o) {
		if err := takesOwned(t, pool); err != nil {
			return err
		}
		t.Remove(pool.Key())
	}
	return takesOwned(t, o)
}

// poolsOf lists a cluster's pools in the order of their names.
func poolsOf(t *cloud.Tx, cluster *cloud.Object) []*cloud.Object {
	out := t.Find(poolType, func(p *cloud.Object) bool { return p.Str("cluster") == cluster.ID })
	slices.SortFunc(out, func(a, b *cloud.Object) int { return strings.Compare(a.Str("name"), b.Str("name")) })
	return out
}

// nodesFit: each node takes a block of addresses for twice as many pods as it may have
// (https://cloud.google.com/kubernetes-engine/docs/how-to/flexible-pod-cidr).
func nodesFit(t *cloud.Tx, cluster *cloud.Object) error {
	text := secondaryRange(placeOf(t, cluster).subnet, cluster.Str("ipAllocationPolicy.clusterSecondaryRangeName"))
	pods, err := netip.ParsePrefix(text)
	if err != nil {
		return nil // GKE made the range, and large enough
	}
	const nodeBits = 24 // for 110 pods
	most, there := 1<<max(nodeBits-pods.Bits(), 0), 0
	for _, pool := range poolsOf(t, cluster) {
		there += len(machinesOf(t, pool))
	}
	if there > most {
		return cloud.Refuse("IP_SPACE_EXHAUSTED", "the range %s of pods has room for %d nodes, %d are wanted", pods, most, there)
	}
	return nil
}
