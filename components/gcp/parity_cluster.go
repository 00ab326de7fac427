package gcp

import "platform/components/parity"

// parityCluster says how this cloud serves the capabilities of clusters and identities.
var parityCluster = []parity.Row{
	{ID: "K1", Level: parity.Differs, How: "administrators and viewers get roles of IAM under a condition on the one cluster; a private API is reached from the cluster's own subnet alone; a release channel upgrades patches by itself, and the minor version when its support ends; reads of the API are audited only if the project's data access logs are on"},
	{ID: "K2", Level: parity.Differs, How: "the autoscaler is GKE's own; a pool has one machine type, so a spot pool has one market; GKE's own pods do not tolerate the system pool's taint and run on the general pool"},
	{ID: "K3", Level: parity.Differs, How: "disks and load balancers are GKE's own controllers' work, without charts; load balancers, endpoint groups and firewall rules that they make bear no labels; there is no role to write records alone, so that who proves or publishes names administers the one zone, and the latter sees all zones of the project"},
	{ID: "S1", Level: parity.Differs, How: "a database and a document database have no policy of their own: the grant is a role on the project under a condition on the one resource; clusters of one project share the identities of equally named pods, so each environment needs a project of its own"},
}
