package queue

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
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
	RetentionDays int                 // of messages in a queue, 1 to 14
	MaxReceives   int                 // deliveries before a message is dead, 1 to 1000
	VisibilitySec int                 // seconds that a received message is hidden, 0 to 43200
	Tags          tags.Set
}

// Queue is one consumer's queue.
type Queue struct {
	Name           pulumi.StringOutput
	ID             pulumi.StringOutput // what a grant names
	URL            pulumi.StringOutput // what the service's client is given
	DeadLetterName pulumi.StringOutput
	DeadLetterID   pulumi.StringOutput
}

// Outputs is what other components need of an event.
type Outputs struct {
	TopicID pulumi.StringOutput
	KeyID   pulumi.StringOutput
	Queues  map[string]Queue // by consumer
}
