package queue

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:queue:Queue"

// Driver builds the topic and queues of an event on one cloud; every resource is a child of parent.
type Driver interface {
	QueueOffer() Offer
	CreateBroker(ctx *pulumi.Context, name string, args BrokerArgs, parent pulumi.Resource) (Broker, error)
	CreateQueue(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is the topic and queues of one event.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the event's topic and queues.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(driver.QueueOffer()); err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	component := &Component{}
	consumers := slices.Sorted(maps.Keys(args.Consumers))
	// Recorded so that policies judge the neutral request once, on any cloud.
	inputs := pulumi.Map{
		"event":         pulumi.String(args.Event),
		"consumers":     pulumi.ToStringArray(consumers),
		"retentionDays": pulumi.Int(args.RetentionDays),
		"maxReceives":   pulumi.Int(args.MaxReceives),
		"visibilitySec": pulumi.Int(args.VisibilitySec),
	}
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	outputs, err := driver.CreateQueue(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("event %s: %w", name, err)
	}
	component.Outputs = outputs
	urls := pulumi.StringMap{}
	for _, consumer := range consumers {
		urls[consumer] = outputs.Queues[consumer].URL
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"topic": outputs.TopicID, "key": outputs.KeyID, "queues": urls,
	}); err != nil {
		return nil, fmt.Errorf("outputs of event %s: %w", name, err)
	}
	return component, nil
}
