package queue

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Consumer is one service that receives the event on a queue of its own.
type Consumer struct {
	Identity identity.Outputs
	Tags     tags.Set
}

// Args configures one event: its topic, and a queue with a dead-letter queue for each consumer.
type Args struct {
	Event         string
	Publisher     identity.Outputs
	Consumers     map[string]Consumer // by service
	RetentionDays int                 // of messages in a queue
	MaxReceives   int                 // deliveries before a message is dead
	VisibilitySec int                 // seconds that a received message is hidden
	Broker        Broker
	// Observer may read how many messages wait, and nothing else; its zero value if nobody may.
	Observer identity.Outputs
	Tags     tags.Set
}

// Offer is what a cloud's queues can be.
type Offer struct {
	RetentionDays, MaxReceives, VisibilitySec limit.Range
}

// BrokerArgs configures what all topics and queues of an environment share.
type BrokerArgs struct {
	Network network.Outputs
	// ZoneRedundant keeps messages when a zone is lost, where the cloud does not do so anyway.
	ZoneRedundant bool
	Tags          tags.Set
}

// Broker is what topics and queues lie in; its zero value where the cloud has no such thing.
type Broker struct {
	ID, Name pulumi.StringOutput
	Ready    []pulumi.Resource
}

// Queue is one consumer's queue.
type Queue struct {
	Name           pulumi.StringOutput
	ID             pulumi.StringOutput // what a grant names
	URL            pulumi.StringOutput // what the service's client is given
	DeadLetterName pulumi.StringOutput
	DeadLetterID   pulumi.StringOutput
	Scaler         Scaler
}

// Scaler is how the event-driven autoscaler of pods learns how many messages wait or are being worked on
// (https://keda.sh/docs/2.20/scalers/).
type Scaler struct {
	Type     string // of its trigger
	Metadata pulumi.StringMap
	// Depth is the key of the metadata under which stands how many messages there are for each pod.
	Depth string
	// Identity is how the observer proves who it is, as the autoscaler calls it.
	Identity string
}

// Outputs is what other components need of an event.
type Outputs struct {
	TopicID pulumi.StringOutput
	KeyID   pulumi.StringOutput
	Queues  map[string]Queue // by consumer
}
