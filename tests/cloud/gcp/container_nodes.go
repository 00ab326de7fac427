package gcp

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// poolCreated makes a managed instance group and its template in each zone, and the nodes in them
// (https://cloud.google.com/kubernetes-engine/docs/concepts/node-pools).
func poolCreated(t *cloud.Tx, o *cloud.Object) error {
	cluster := t.Get(clusterType, o.Str("cluster"))
	if err := poolValid(t, o, cluster); err != nil {
		return err
	}
	in := placeOf(t, cluster)
	var groups []any
	for _, zone := range poolZones(o, cluster) {
		name := nodePrefix(cluster, o) + "-" + t.Random(8)
		t.Mint(cloud.Object{
			Type: templateType, ID: made(o.Account, "", "instanceTemplates", name), Hidden: true, Owner: o.Key(), Holds: in.holds(),
			Props: map[string]any{"name": name, "zone": zone},
		})
		t.Mint(cloud.Object{
			Type: groupType, ID: made(o.Account, zone, "instanceGroupManagers", name+"-grp"), Hidden: true, Owner: o.Key(),
			Props: map[string]any{"name": name + "-grp", "zone": zone},
		})
		groups = append(groups, "https://www.googleapis.com/compute/v1/"+made(o.Account, zone, "instanceGroupManagers", name+"-grp"))
	}
	o.Outputs["managedInstanceGroupUrls"] = groups
	for n := range int(o.Num("initialNodeCount")) * len(groups) {
		mintNode(t, o, cluster, n)
	}
	return nodesFit(t, cluster)
}

// poolUpdated makes the nodes anew when they would be others, and else leaves their number to the autoscaler
// (https://cloud.google.com/kubernetes-engine/docs/concepts/node-pool-upgrade-strategies).
func poolUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	cluster := t.Get(clusterType, o.Str("cluster"))
	if err := poolValid(t, o, cluster); err != nil {
		return err
	}
	o.Outputs["managedInstanceGroupUrls"] = old.Outputs["managedInstanceGroupUrls"]
	count := len(machinesOf(t, o))
	removeNodes(t, o, 0)
	for n := range count {
		mintNode(t, o, cluster, n)
	}
	return nil
}

func poolValid(t *cloud.Tx, o, cluster *cloud.Object) error {
	invalid := func(format string, args ...any) error { return cloud.Refuse("INVALID_ARGUMENT", format, args...) }
	if o.Str("location") != cluster.Str("location") {
		return invalid("the pool is in %s, its cluster in %s", o.Str("location"), cluster.Str("location"))
	}
	least, most := o.Num("autoscaling.totalMinNodeCount")+o.Num("autoscaling.minNodeCount"), o.Num("autoscaling.totalMaxNodeCount")+o.Num("autoscaling.maxNodeCount")
	if o.Value("autoscaling") != nil && (least > most || most < 1) {
		return invalid("autoscaling: the minimum %v and the maximum %v must be in this order, and the maximum above 0", least, most)
	}
	// https://cloud.google.com/kubernetes-engine/docs/concepts/release-channels#what_channels_are_available
	channel := cluster.Str("releaseChannel.channel")
	if channel != "" && channel != "UNSPECIFIED" && (!o.Bool("management.autoUpgrade") || !o.Bool("management.autoRepair")) {
		return invalid("autoUpgrade and autoRepair must be true in a cluster of release channel %s", channel)
	}
	if o.Num("upgradeSettings.maxSurge")+o.Num("upgradeSettings.maxUnavailable") == 0 && o.Value("upgradeSettings") != nil {
		return invalid("one of maxSurge and maxUnavailable must be above 0")
	}
	if version := o.Str("version"); controller.Minor(version) > controller.Minor(cluster.Str("masterVersion")) {
		return invalid("nodes of %s cannot be newer than the control plane's %s", version, cluster.Str("masterVersion"))
	}
	if cluster.Str("workloadIdentityConfig.workloadPool") == "" && o.Str("nodeConfig.workloadMetadataConfig.mode") == "GKE_METADATA" {
		return invalid("GKE_METADATA needs a cluster with a workload pool")
	}
	if _, err := machineOf(o.Str("nodeConfig.machineType")); err != nil {
		return err
	}
	if key := o.Str("nodeConfig.bootDiskKmsKey"); key != "" {
		return encrypts(t, o, key, computeService)
	}
	return nil
}

// poolZones are the pool's zones, else the cluster's, else all that GKE takes of the region.
func poolZones(o, cluster *cloud.Object) []string {
	for _, of := range []*cloud.Object{o, cluster} {
		if named := of.List("nodeLocations"); len(named) > 0 {
			return named
		}
	}
	return zones(cluster.Str("location"))
}

// nodePrefix begins the names of what is made for a pool.
func nodePrefix(cluster, pool *cloud.Object) string {
	short := func(s string) string { return strings.TrimRight(fmt.Sprintf("%.20s", s), "-") }
	return "gke-" + short(cluster.Str("name")) + "-" + short(pool.Str("name"))
}

// mintNode makes a machine and its boot disk in the pool's nth zone, counted round. Both bear the labels of the
// cluster and of the pool, and GKE's own
// (https://cloud.google.com/kubernetes-engine/docs/reference/rest/v1/NodeConfig: resourceLabels).
func mintNode(t *cloud.Tx, o, cluster *cloud.Object, n int) {
	groups := t.ListOwned(o.Key(), groupType)
	group := groups[n%len(groups)]
	zone := group.Str("zone")
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", o.Str("name"), n))
	name := strings.TrimSuffix(group.Str("name"), "grp") + hex.EncodeToString(sum[:])[:4]
	labels := with(labelsAt(cluster, "resourceLabels"), labelsAt(o, "nodeConfig.resourceLabels"), map[string]string{
		"goog-gke-node": "", "goog-k8s-cluster-name": cluster.Str("name"), "goog-k8s-cluster-location": cluster.Str("location"),
		"goog-k8s-node-pool-name": o.Str("name"),
	})
	t.Mint(cloud.Object{
		Type: machineType, ID: made(o.Account, zone, "instances", name), Hidden: true, Owner: o.Key(), Holds: placeOf(t, cluster).holds(), Tags: labels,
		Props: map[string]any{
			"name": name, "zone": zone, "serviceAccount": o.Str("nodeConfig.serviceAccount"), "spot": o.Bool("nodeConfig.spot"),
			"public": !o.Bool("networkConfig.enablePrivateNodes") && !cluster.Bool("privateClusterConfig.enablePrivateNodes"),
		},
	})
	t.Mint(cloud.Object{
		Type: diskType, ID: made(o.Account, zone, "disks", name), Hidden: true, Owner: o.Key(), Tags: labels,
		Props: map[string]any{
			"name": name, "zone": zone, "type": o.Str("nodeConfig.diskType"), "sizeGb": o.Num("nodeConfig.diskSizeGb"),
			"kmsKeyName": o.Str("nodeConfig.bootDiskKmsKey"),
		},
	})
}

// machinesOf lists a pool's machines in the order in which they were made, to be read only.
func machinesOf(t *cloud.Tx, pool *cloud.Object) []*cloud.Object {
	return t.ListOwned(pool.Key(), machineType)
}

// removeNodes ends the youngest machines, with their disks, until so many are left.
func removeNodes(t *cloud.Tx, pool *cloud.Object, left int) {
	there := machinesOf(t, pool)
	for n := len(there); n > left; n-- {
		for _, part := range t.Owned(pool.Key()) {
			if (part.Type == machineType || part.Type == diskType) && part.Str("name") == there[n-1].Str("name") {
				t.Remove(part.Key())
			}
		}
	}
}
