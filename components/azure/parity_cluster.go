package azure

import "platform/components/parity"

// parityCluster says how AKS and managed identities serve what the mission asks of clusters, and of who may do
// what.
var parityCluster = []parity.Row{
	{ID: "K1", Level: parity.Differs, How: "Kubernetes secrets are encrypted with a key of our own in a vault that the internet reaches, since AKS takes no closed one " +
		"unless its API lies in the network, which the provider's version of the API cannot ask for; only the cluster's identity may use that key, " +
		"whose yearly version the next run hands to the cluster; a cluster needs a NAT gateway; administrators and viewers are groups of Entra ID, not single principals"},
	{ID: "K2", Level: parity.Differs, How: "AKS scales pools itself, without a chart; system pools bear AKS's own taint CriticalAddonsOnly instead of platform/system, since AKS " +
		"takes no other on them, and spot pools kubernetes.azure.com/scalesetpriority besides platform/spot: pods tolerate these too; a spot pool " +
		"has one type of machine; the first system pool is part of the cluster and keeps its machines for the cluster's life"},
	{ID: "K3", Level: parity.Differs, How: "AKS brings the controller of load balancers and the driver of disks, and takes what they made along when the cluster goes; " +
		"the disks of nodes bear no tags of ours, the resource group in which they lie does; there is no role for text records alone, so that who proves names may " +
		"write every record of the zone, and who publishes names looks at all that lies in the zone's resource group"},
	{ID: "S1", Level: parity.Differs, How: "Azure's own roles are given on the single topic, queue, vault or account; who connects to a database is a role within its server, " +
		"which no call to Azure gives"},
	{ID: "A1", Level: parity.Same},
	{ID: "O1", Level: parity.Same},
	{ID: "O2", Level: parity.Differs, How: "each store has a storage account of its own; where storage has no private endpoint, it lets in the machines' subnet alone"},
	{ID: "V1", Level: parity.Same},
	{ID: "O3", Level: parity.Same},
	{ID: "Z1", Level: parity.Same},
	{ID: "Z2", Level: parity.Same},
	{ID: "T1", Level: parity.Same},
	{ID: "T2", Level: parity.Same},
	{ID: "T3", Level: parity.Same},
	{ID: "T4", Level: parity.Differs, How: "servers change their addresses within the data subnet, so that a service with a database reaches those of others too, which refuse " +
		"its identity; tokens of identities come from Entra ID's public addresses, for which no private endpoint stands"},
}
