package aws

import "platform/components/parity"

// differs are the capabilities that are not as on the other clouds, and how.
var differs = map[string]string{
	"C3": "AWS Config watches and never refuses: to refuse is for an organization's service control policies, above the account",
	"G2": "EKS's own controller makes the network load balancer before a door, which opens the port of the Service on every node to all whom the door is open to",
	"K2": "nodes of services are Karpenter's: a pool holds none while no pod needs any, and nothing scales the system pool",
	"G4": "there is no web application firewall yet: the doors are HTTP APIs, which take none",
	"T4": "servers and proxies change their addresses within the data subnets, so that a service with a database reaches those of others too, " +
		"which refuse its identity; documents and storage are reached at the public addresses that AWS tells for the region",
}

// Parity says how far AWS gives what the platform promises. The contracts were first built here, so little
// differs.
func (d *Driver) Parity() []parity.Row {
	rows := make([]parity.Row, 0, len(parity.Capabilities))
	for _, capability := range parity.Capabilities {
		row := parity.Row{ID: capability.ID, Level: parity.Same}
		if how, ok := differs[capability.ID]; ok {
			row.Level, row.How = parity.Differs, how
		}
		rows = append(rows, row)
	}
	return rows
}
