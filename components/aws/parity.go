package aws

import "platform/components/parity"

// Parity says how far AWS gives what the platform promises. The contracts were first built here, so little
// differs.
func (d *Driver) Parity() []parity.Row {
	rows := make([]parity.Row, 0, len(parity.Capabilities))
	for _, capability := range parity.Capabilities {
		row := parity.Row{ID: capability.ID, Level: parity.Same}
		if capability.ID == "G4" {
			row.Level, row.How = parity.Differs, "there is no web application firewall yet: the doors are HTTP APIs, which take none"
		}
		rows = append(rows, row)
	}
	return rows
}
