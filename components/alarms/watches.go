package alarms

import (
	"maps"
	"slices"
)

// Runbook is where it is written what to do about an alarm, under its role.
const Runbook = "docs/runbooks/alarms.md"

// Described is an alarm's description: what is the matter, and where it is written what to do.
func Described(what, role string) string { return what + ". What to do: " + Runbook + "#" + role }

// Watcher makes a driver's watches of each kind of thing.
type Watcher[W any] interface {
	Database(service string, d Database) []W
	Queue(name string, q Queue) []W
	API(audience string, a API) []W
	Cluster(c Cluster) []W
	Quotas(q Quotas) []W
}

// Watches are a driver's watches of all that is to be watched, in a fixed order.
func Watches[W any](args Args, watcher Watcher[W]) []W {
	all := slices.Concat(each(args.Databases, watcher.Database), each(args.Queues, watcher.Queue), each(args.APIs, watcher.API))
	if args.Cluster != nil {
		all = append(all, watcher.Cluster(*args.Cluster)...)
	}
	if args.Quotas != nil {
		all = append(all, watcher.Quotas(*args.Quotas)...)
	}
	return all
}

func each[T, W any](watched map[string]T, watches func(string, T) []W) []W {
	var all []W
	for _, name := range slices.Sorted(maps.Keys(watched)) {
		all = append(all, watches(name, watched[name])...)
	}
	return all
}
