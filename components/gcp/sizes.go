package gcp

import (
	"fmt"

	"platform/components/cluster"
)

// machineTypes are the machines of a pool by size: 2, 4 and 8 vCPUs with 4 GiB each, on demand and on spot alike
// (https://cloud.google.com/compute/docs/general-purpose-machines#n2_machine_types).
var machineTypes = map[cluster.Size]string{
	cluster.Small:  "n2-standard-2",
	cluster.Medium: "n2-standard-4",
	cluster.Large:  "n2-standard-8",
}

// machineType is the machine type of a pool. A pool of GKE has one type only, so a spot pool cannot choose among
// markets (https://cloud.google.com/kubernetes-engine/docs/concepts/spot-vms).
func machineType(size cluster.Size) (string, error) {
	t, ok := machineTypes[size]
	if !ok {
		return "", fmt.Errorf("no Google Cloud machine for a pool of size %q: sizes are %v", size, cluster.Sizes)
	}
	return t, nil
}
