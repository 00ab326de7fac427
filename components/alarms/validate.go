package alarms

import (
	"errors"
	"fmt"
	"maps"
	"net/mail"
	"slices"

	"platform/components/limit"
	"platform/components/naming"
)

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	v := validation{teams: slices.Sorted(maps.Keys(a.Teams))}
	for _, team := range v.teams {
		v.name("teams", team)
		if email := a.Teams[team].Email; email != "" {
			if address, err := mail.ParseAddress(email); err != nil || address.Address != email {
				v.fault("teams."+team+".email", email, "an address such as team@example.com is allowed, or none")
			}
		}
	}
	a.Bounds.Each(func(name string, value int, allowed limit.Range) { v.within("bounds."+name, value, allowed) })
	for _, service := range slices.Sorted(maps.Keys(a.Databases)) {
		path, database := "databases."+service, a.Databases[service]
		v.name("databases", service)
		v.team(path, database.Team)
		v.positive(path+".connectionLimit", database.ConnectionLimit)
		v.positive(path+".storageGiB", database.StorageGiB)
		if database.BurstCredits < 0 {
			v.fault(path+".burstCredits", database.BurstCredits, "0 (a processor that saves none) or more is allowed")
		}
	}
	for _, queue := range slices.Sorted(maps.Keys(a.Queues)) {
		v.name("queues", queue)
		v.team("queues."+queue, a.Queues[queue].Team)
	}
	for _, audience := range slices.Sorted(maps.Keys(a.APIs)) {
		v.name("apis", audience)
		v.team("apis."+audience, a.APIs[audience].Team)
	}
	if a.Cluster != nil {
		v.team("cluster", a.Cluster.Team)
		for _, pool := range slices.Sorted(maps.Keys(a.Cluster.Groups)) {
			v.name("cluster.groups", pool)
		}
	}
	if a.Quotas != nil {
		v.team("quotas", a.Quotas.Team)
		v.within("quotas.percent", a.Quotas.Percent, Percent)
	}
	return errors.Join(v.faults...)
}

type validation struct {
	teams  []string
	faults []error
}

func (v *validation) fault(path string, value any, allowed string) {
	v.faults = append(v.faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
}

func (v *validation) name(path, key string) {
	if !naming.IsKebab(key) {
		v.fault(path+"."+key, key, naming.Kebab)
	}
}

// team must be one of those that are told: an alarm that nobody hears is none.
func (v *validation) team(path, team string) {
	if !slices.Contains(v.teams, team) {
		v.fault(path+".team", team, fmt.Sprintf("one of %v is allowed", v.teams))
	}
}

func (v *validation) within(path string, value int, allowed limit.Range) {
	if !allowed.Holds(value) {
		v.fault(path, value, allowed.Allowed())
	}
}

func (v *validation) positive(path string, value int) {
	if value < 1 {
		v.fault(path, value, "at least 1 is allowed")
	}
}
