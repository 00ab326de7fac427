package azure

import (
	"slices"

	"platform/components/parity"
)

// Parity says how far Azure gives what the platform promises.
func (d *Driver) Parity() []parity.Row {
	return slices.Concat(parityGround, parityCluster, parityData, parityDoors, []parity.Row{{
		ID: "S3", Level: parity.Differs, How: "the policy that keeps blobs from being changed is made and left unlocked, since the provider has no call that locks it: until an operator does (docs/runbooks/trail.md), " +
			"who may take away the account's lock and the policy may delete the trail; the plans of Defender for Cloud are those of the subscription",
	}, {
		ID: "C1", Level: parity.Differs, How: "subnets, rules, role assignments, locks, topics, queues and diagnostic settings cannot bear tags; " +
			"the disks of AKS's nodes bear none either, but the resource group in which they lie does",
	}, {
		ID: "C3", Level: parity.Differs, How: "policies are assigned to the environment's resource group; AKS's own group of nodes and network watchers lie outside it",
	}})
}
