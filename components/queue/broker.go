package queue

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
)

// BrokerType is the component's identity in state; renaming it needs an alias.
const BrokerType = "platform:queue:Broker"

// BrokerComponent is what all topics and queues of an environment share.
type BrokerComponent struct {
	pulumi.ResourceState

	Broker Broker
}

// NewBroker builds what the environment's topics and queues lie in: on Azure a namespace, elsewhere nothing.
// It is reached without the internet if the network was asked for the endpoint of queues.
func NewBroker(
	ctx *pulumi.Context, name string, driver Driver, args BrokerArgs, opts ...pulumi.ResourceOption,
) (*BrokerComponent, error) {
	component := &BrokerComponent{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(BrokerType, name, pulumi.Map{
		"private":       pulumi.Bool(args.Network.Has(network.EndpointQueues)),
		"zoneRedundant": pulumi.Bool(args.ZoneRedundant),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("broker %s: %w", name, err)
	}
	broker, err := driver.CreateBroker(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("broker %s: %w", name, err)
	}
	component.Broker = broker
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of broker %s: %w", name, err)
	}
	return component, nil
}
