package aws

import "platform/components/parity"

// Parity says how far AWS gives what the platform promises: all of it, since the contracts were first built here.
func (d *Driver) Parity() []parity.Row {
	rows := make([]parity.Row, 0, len(parity.Capabilities))
	for _, capability := range parity.Capabilities {
		rows = append(rows, parity.Row{ID: capability.ID, Level: parity.Same})
	}
	return rows
}
