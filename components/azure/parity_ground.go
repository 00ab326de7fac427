package azure

import "platform/components/parity"

// parityGround says how Azure serves the capabilities of networks.
var parityGround = []parity.Row{
	{ID: "N1", Level: parity.Differs, How: "one subnet for each tier, since Azure's subnets span zones; the data tier is handed over to Postgres"},
	{ID: "N2", Level: parity.Differs, How: "none or one NAT gateway, which lies in one zone: a subnet that spans zones takes one gateway, and one for each zone is refused"},
	{ID: "N3", Level: parity.Differs, How: "storage, documents, registry, secrets and queues by Private Link; Entra ID and the management API have no endpoints that carry all of their calls, and Azure Monitor's would take over the names of all workspaces for the network"},
	{ID: "N4", Level: parity.Same},
}
