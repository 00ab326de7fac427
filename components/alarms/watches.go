package alarms

import (
	"maps"
	"slices"
)

// The shares and times at which teams are told, on every cloud.
const (
	CPUPercent         = 80
	UsedStoragePercent = 90
	ConnectionsPercent = 80
	FailuresPercent    = 1
	SlowMilliseconds   = 1000
)

// MostConnections is above how many open connections the team is told.
func (d Database) MostConnections() int { return d.ConnectionLimit * ConnectionsPercent / 100 }

// Runbook is where it is written what to do about an alarm, under its role.
const Runbook = "docs/runbooks/alarms.md"

// Described is an alarm's description: what is the matter, and where it is written what to do.
func Described(what, role string) string { return what + ". What to do: " + Runbook + "#" + role }

// Watches are a driver's watches of all that is to be watched, in a fixed order.
func Watches[W any](
	args Args, database func(service string, d Database) []W, queue func(name string, q Queue) []W, api func(audience string, a API) []W,
) []W {
	return slices.Concat(each(args.Databases, database), each(args.Queues, queue), each(args.APIs, api))
}

func each[T, W any](watched map[string]T, watches func(string, T) []W) []W {
	var all []W
	for _, name := range slices.Sorted(maps.Keys(watched)) {
		all = append(all, watches(name, watched[name])...)
	}
	return all
}
