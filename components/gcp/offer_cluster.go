package gcp

import (
	"platform/components/cluster"
	"platform/components/limit"
)

// ClusterOffer is what GKE allows: the versions of its regular channel
// (https://cloud.google.com/kubernetes-engine/docs/release-schedule), as many nodes in a pool as one zone of it may
// have (https://cloud.google.com/kubernetes-engine/quotas), and boot disks from what the provider takes to what a
// balanced disk has (https://cloud.google.com/compute/docs/disks#pdspecs).
func (d *Driver) ClusterOffer() cluster.Offer {
	return cluster.Offer{
		Versions:  []string{"1.32", "1.33"},
		PoolNodes: limit.Range{Least: 0, Most: 1000}, Idle: limit.Range{Least: 0, Most: 1000},
		DiskGiB: limit.Range{Least: 10, Most: 65536},
	}
}
