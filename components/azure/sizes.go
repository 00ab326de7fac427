package azure

import (
	"fmt"

	"platform/components/cluster"
)

// vmSizes are the machines of a pool by size: AMD64 of the general family, whose disks lie on the network.
// None has a disk of its own, which the disk encryption set would leave out
// (https://learn.microsoft.com/azure/virtual-machines/sizes/general-purpose/dsv5-series).
var vmSizes = map[cluster.Size]string{
	cluster.Small:  "Standard_D2s_v5", // 2 vCPU, 8 GiB
	cluster.Medium: "Standard_D4s_v5", // 4 vCPU, 16 GiB
	cluster.Large:  "Standard_D8s_v5", // 8 vCPU, 32 GiB
}

// poolSize is the machine of a pool: one for on-demand and spot alike, since a pool of AKS has one.
func poolSize(size cluster.Size) (string, error) {
	typ, ok := vmSizes[size]
	if !ok {
		return "", fmt.Errorf("no Azure machine for a pool of size %q: sizes are %v", size, cluster.Sizes)
	}
	return typ, nil
}
