package azure

import "platform/components/parity"

// parityData says how this cloud serves the capabilities of events and data.
var parityData = []parity.Row{
	{ID: "Q1", Level: parity.Differs, How: "topics, queues and subscriptions share one Service Bus namespace per environment, which alone bears tags; " +
		"dead letters lie within each queue and never expire; an own key and private access need the Premium kind of namespace, " +
		"which is built where the network has the endpoint of queues or zones must be survived; a received message is hidden for five minutes at most"},
	{ID: "Q3", Level: parity.Same},
	{ID: "D1", Level: parity.Differs, How: "disks come in steps and storage is rounded up to the next; backups reach back seven days at least; " +
		"there is no last snapshot, but the backups of a deleted server are kept for five days; the pooler is PgBouncer in the server, past which clients could go, since all servers share one subnet; " +
		"the administrator is an identity without password; who may connect is a role in the server, not a grant of the cloud; majors 14 to 16"},
	{ID: "D2", Level: parity.Differs, How: "a serverless Cosmos DB account for each service; the order within a partition is a field, not a key"},
	{ID: "D4", Level: parity.Differs, How: "a Key Vault for each secret, encrypted with keys of Microsoft's hardware: a vault takes no key of ours for its secrets"},
}
