package catalog

import (
	"fmt"
	"maps"
	"slices"

	"platform/components/kubernetes/alerting/notify"
	"platform/stacks/strict"
)

// Hearing is how each team hears of alerts. A team that says nothing is told as the one is that owns what all share: somebody
// hears of everything.
func (c Catalog) Hearing() map[string]notify.Team {
	out := map[string]notify.Team{}
	owner := c.Teams[Owner].Alerts
	if owner == nil {
		return out
	}
	for name, team := range c.Teams {
		out[name] = *owner
		if team.Alerts != nil {
			out[name] = *team.Alerts
		}
	}
	return out
}

func (c Catalog) validateAlerts() []error {
	var faults []error
	for _, name := range slices.Sorted(maps.Keys(c.Teams)) {
		if c.Teams[name].Alerts == nil {
			continue
		}
		for _, f := range c.Teams[name].Alerts.Faults() {
			faults = append(faults, fmt.Errorf("teams.yaml: %w", strict.Fault{Path: name + ".alerts." + f.Path, Value: f.Value, Allowed: f.Allowed}))
		}
	}
	return faults
}
