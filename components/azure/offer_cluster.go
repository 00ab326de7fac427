package azure

import (
	"platform/components/cluster"
	"platform/components/limit"
)

// ClusterOffer is what AKS allows: the minor versions in its standard support
// (https://learn.microsoft.com/azure/aks/supported-kubernetes-versions), nodes of a pool
// (https://learn.microsoft.com/azure/aks/quotas-skus-regions) and disks from what the images need to what the
// API takes (https://learn.microsoft.com/azure/aks/concepts-storage#os-disk-sizing).
func (d *Driver) ClusterOffer() cluster.Offer {
	return cluster.Offer{
		Versions:  []string{"1.32", "1.33"},
		PoolNodes: limit.Range{Least: 0, Most: 1000}, Idle: limit.Range{Least: 0, Most: 1000},
		DiskGiB: limit.Range{Least: 30, Most: 2048},
	}
}
