package alarms

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:alarms:Alarms"

// Driver builds topics and alarms on one cloud; every resource is a child of parent.
type Driver interface {
	CreateAlarms(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Alarms is the alarms of an environment.
type Alarms struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds every team's topic and the alarms that go to it.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Alarms, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("alarms %s: %w", name, err)
	}
	component := &Alarms{}
	inputs := pulumi.Map{
		"teams":     pulumi.ToStringArray(slices.Sorted(maps.Keys(args.Teams))),
		"databases": owners(args.Databases, func(d Database) string { return d.Team }),
		"queues":    owners(args.Queues, func(q Queue) string { return q.Team }),
		"apis":      owners(args.APIs, func(a API) string { return a.Team }),
	}
	if args.Cluster != nil {
		inputs["cluster"] = pulumi.String(args.Cluster.Team)
	}
	if args.Quotas != nil {
		inputs["quotas"] = pulumi.String(args.Quotas.Team)
	}
	// Recorded so that policies judge the neutral request once, on any cloud: what is watched, and who
	// is told.
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("alarms %s: %w", name, err)
	}
	outputs, err := driver.CreateAlarms(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("alarms %s: %w", name, err)
	}
	component.Outputs = outputs
	topics := pulumi.StringMap{}
	for team, topic := range outputs.Topics {
		topics[team] = topic
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"topics": topics}); err != nil {
		return nil, fmt.Errorf("outputs of alarms %s: %w", name, err)
	}
	return component, nil
}

// owners are the owning teams of what is watched.
func owners[T any](watched map[string]T, team func(T) string) pulumi.StringMap {
	m := pulumi.StringMap{}
	for name, thing := range watched {
		m[name] = pulumi.String(team(thing))
	}
	return m
}
