package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/queue"
	"platform/components/tags"
	"platform/stacks/catalog"
	"platform/stacks/config"
)

// watched is a queue with the name under which alarms know it.
type watched struct {
	name  string
	queue alarms.Queue
}

func watchedQueues(s config.Settings, event string, built queue.Outputs) []watched {
	var out []watched
	for _, consumer := range slices.Sorted(maps.Keys(built.Queues)) {
		q := built.Queues[consumer]
		out = append(out, watched{event + "-" + consumer, alarms.Queue{
			Team: s.Catalog.Services[consumer].Team, Name: q.Name, DeadLetterName: q.DeadLetterName, Tags: s.ServiceTags(consumer),
		}})
	}
	return out
}

// buildAlarms tells each team of what it owns.
func (e *environment) buildAlarms(ctx *pulumi.Context) error {
	s := e.settings
	args := alarms.Args{
		Bounds: s.Alarms, Teams: map[string]alarms.Team{}, Databases: map[string]alarms.Database{}, Queues: map[string]alarms.Queue{},
		APIs: map[string]alarms.API{}, Tags: s.Tags("alarms"),
		Cluster: &alarms.Cluster{Team: catalog.Owner, Name: e.cluster.Name, Groups: e.cluster.PoolGroups, Tags: s.Tags("cluster")},
	}
	if s.Quotas != nil {
		args.Quotas = &alarms.Quotas{Team: catalog.Owner, Percent: s.Quotas.Percent, Tags: s.Tags("alarms")}
	}
	for _, q := range e.queues {
		args.Queues[q.name] = q.queue
	}
	for _, name := range s.Catalog.Names() {
		entry, built := s.Catalog.Services[name], e.services[name]
		if built.database == nil {
			continue
		}
		limits, err := e.driver.DatabaseLimits(entry.Database.Size)
		if err != nil {
			return err
		}
		args.Databases[name] = alarms.Database{
			Team: entry.Team, Name: built.database.Name, ConnectionLimit: limits.Direct,
			StorageGiB: s.Database.StorageGiB, BurstCredits: built.database.BurstCredits, Standby: s.Database.MultiZone, Tags: s.ServiceTags(name),
		}
	}
	for audience, id := range e.gateway.APIs {
		args.APIs[audience] = alarms.API{Team: catalog.Owner, ID: id, Tags: s.Tags("gateway")}
	}
	for name, team := range s.Catalog.Teams {
		args.Teams[name] = alarms.Team{
			Email: team.Email, Tags: s.Tags("alarms").With(tags.Team, name).With(tags.CostCentre, team.CostCentre),
		}
	}
	_, err := alarms.New(ctx, "alarms", e.driver, args, e.options()...)
	return err
}
