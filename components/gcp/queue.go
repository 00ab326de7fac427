package gcp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/pubsub"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/queue"
	"platform/components/tags"
)

const (
	// longestRetentionDays is how long a subscription can keep a message
	// (https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#Subscription.FIELDS.message_retention_duration).
	longestRetentionDays = 7
	// publishRole and subscribeRole are what Pub/Sub itself needs to move a message that is dead.
	publishRole   = "roles/pubsub.publisher"
	subscribeRole = "roles/pubsub.subscriber"
)

// CreateBroker builds nothing: topics and subscriptions lie in the project itself, over all zones of the region.
func (d *Driver) CreateBroker(*pulumi.Context, string, queue.BrokerArgs, pulumi.Resource) (queue.Broker, error) {
	return queue.Broker{}, nil
}

// CreateQueue builds an event's topic, and for each consumer a subscription with its dead letters. Who may publish and
// receive is said by grants; without one nobody may.
func (d *Driver) CreateQueue(
	ctx *pulumi.Context, name string, args queue.Args, parent pulumi.Resource,
) (queue.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Messages of event "+args.Event, args.Tags,
		[]pulumi.StringInput{d.agent("pubsub.googleapis.com")}, parent)
	if err != nil {
		return queue.Outputs{}, err
	}
	topic, err := pubsub.NewTopic(ctx, name+"-topic", d.topicArgs(d.physical(KindTopic, args.Event), key.ID, args.Tags),
		d.under(parent, key.Ready...))
	if err != nil {
		return queue.Outputs{}, fmt.Errorf("topic: %w", err)
	}
	outputs := queue.Outputs{TopicID: topic.ID().ToStringOutput(), KeyID: key.ID, Queues: map[string]queue.Queue{}}
	for _, consumer := range slices.Sorted(maps.Keys(args.Consumers)) {
		built, err := d.consumerQueue(ctx, name, consumer, args, topic, key, parent)
		if err != nil {
			return queue.Outputs{}, fmt.Errorf("queue of %s: %w", consumer, err)
		}
		outputs.Queues[consumer] = built
	}
	return outputs, nil
}

// consumerQueue registers one consumer's subscription and its dead letters.
func (d *Driver) consumerQueue(
	ctx *pulumi.Context, name, consumer string, args queue.Args, topic *pubsub.Topic, key key, parent pulumi.Resource,
) (queue.Queue, error) {
	letters, err := d.deadLetters(ctx, name, consumer, args, key, parent)
	if err != nil {
		return queue.Queue{}, fmt.Errorf("dead letters: %w", err)
	}
	// After all of the dead letters: what is dead before they are ready goes on being delivered.
	live, err := pubsub.NewSubscription(ctx, name+"-subscription-"+consumer,
		d.queueArgs(consumer, args, topic.ID(), letters.topic), d.under(parent, letters.ready...))
	if err != nil {
		return queue.Queue{}, fmt.Errorf("subscription: %w", err)
	}
	// Without it Pub/Sub may not take a dead message out of the subscription, and says so nowhere
	// (https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions).
	if _, err := pubsub.NewSubscriptionIAMMember(ctx, name+"-forwarder-"+consumer, &pubsub.SubscriptionIAMMemberArgs{
		Project: pulumi.String(d.s.Project), Subscription: live.Name,
		Role: pulumi.String(subscribeRole), Member: d.agent("pubsub.googleapis.com"),
	}, d.under(parent)); err != nil {
		return queue.Queue{}, fmt.Errorf("grant to forward: %w", err)
	}
	return queue.Queue{
		Name: live.Name, ID: live.ID().ToStringOutput(), URL: live.ID().ToStringOutput(),
		DeadLetterName: letters.name, DeadLetterID: letters.id, Scaler: d.queueScaler(live.Name),
	}, nil
}

// queueScaler asks Cloud Monitoring by its Prometheus API, as the autoscaler's own trigger for Pub/Sub is deprecated, with
// the language that it asks in (https://keda.sh/blog/2025-09-15-gcp-deprecations/). A metric's name is that of
// https://cloud.google.com/monitoring/promql/promql-mapping; messages that are being worked on are undelivered too
// (https://cloud.google.com/monitoring/api/metrics_gcp_p_z#gcp-pubsub). A subscription that was never used has no metric,
// which counts as none.
func (d *Driver) queueScaler(subscription pulumi.StringInput) queue.Scaler {
	return queue.Scaler{
		Type: "prometheus",
		Metadata: pulumi.StringMap{
			"serverAddress": pulumi.String("https://monitoring.googleapis.com/v1/projects/" + d.s.Project + "/location/global/prometheus"),
			"query": pulumi.Sprintf(
				`sum(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource="pubsub_subscription",subscription_id="%s"})`, subscription),
		},
		Depth: "threshold", Identity: "gcp",
	}
}

// letters are where one consumer's dead messages go.
type letters struct {
	topic, name, id pulumi.StringOutput // the last two are the subscription's
	ready           []pulumi.Resource
}

// deadLetters registers a topic, a subscription that keeps what is sent there, and the leave for Pub/Sub to send.
func (d *Driver) deadLetters(
	ctx *pulumi.Context, name, consumer string, args queue.Args, key key, parent pulumi.Resource,
) (letters, error) {
	tagsOf := args.Consumers[consumer].Tags
	topic, err := pubsub.NewTopic(ctx, name+"-dead-letter-topic-"+consumer,
		d.topicArgs(d.physical(KindTopic, args.Event, consumer, "dead"), key.ID, tagsOf), d.under(parent, key.Ready...))
	if err != nil {
		return letters{}, fmt.Errorf("topic: %w", err)
	}
	// A topic without a subscription keeps nothing.
	kept, err := pubsub.NewSubscription(ctx, name+"-dead-letters-"+consumer,
		d.subscriptionArgs(d.physical(KindSubscription, args.Event, consumer, "dead"), topic.ID(), longestRetentionDays, args.VisibilitySec, tagsOf),
		d.under(parent))
	if err != nil {
		return letters{}, fmt.Errorf("subscription: %w", err)
	}
	grant, err := pubsub.NewTopicIAMMember(ctx, name+"-dead-letter-sender-"+consumer, &pubsub.TopicIAMMemberArgs{
		Project: pulumi.String(d.s.Project), Topic: topic.Name,
		Role: pulumi.String(publishRole), Member: d.agent("pubsub.googleapis.com"),
	}, d.under(parent))
	if err != nil {
		return letters{}, fmt.Errorf("grant to send: %w", err)
	}
	return letters{
		topic: topic.ID().ToStringOutput(), name: kept.Name, id: kept.ID().ToStringOutput(), ready: []pulumi.Resource{kept, grant},
	}, nil
}

// topicArgs keeps the messages in the region: left to itself Pub/Sub stores them where they are published.
func (d *Driver) topicArgs(name string, key pulumi.StringInput, t tags.Set) *pubsub.TopicArgs {
	return &pubsub.TopicArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(name),
		KmsKeyName: key.ToStringOutput().ToStringPtrOutput(),
		MessageStoragePolicy: pubsub.TopicMessageStoragePolicyArgs{
			AllowedPersistenceRegions: pulumi.ToStringArray([]string{d.s.Region}),
		},
		Labels: labelMap(t),
	}
}

// queueArgs is a subscription that gives up a message after so many deliveries.
func (d *Driver) queueArgs(consumer string, args queue.Args, topic, dead pulumi.StringInput) *pubsub.SubscriptionArgs {
	spec := d.subscriptionArgs(d.physical(KindSubscription, args.Event, consumer), topic, args.RetentionDays, args.VisibilitySec,
		args.Consumers[consumer].Tags)
	spec.DeadLetterPolicy = pubsub.SubscriptionDeadLetterPolicyArgs{
		DeadLetterTopic: dead.ToStringOutput().ToStringPtrOutput(), MaxDeliveryAttempts: pulumi.Int(args.MaxReceives),
	}
	// A consumer that fails is given time, from ten seconds to ten minutes, which are the defaults of a policy; without
	// one its messages come back at once and are dead before it has recovered.
	spec.RetryPolicy = pubsub.SubscriptionRetryPolicyArgs{
		MinimumBackoff: pulumi.String("10s"), MaximumBackoff: pulumi.String("600s"),
	}
	return spec
}

func (d *Driver) subscriptionArgs(name string, topic pulumi.StringInput, days, visibilitySec int, t tags.Set) *pubsub.SubscriptionArgs {
	return &pubsub.SubscriptionArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(name), Topic: topic,
		MessageRetentionDuration: pulumi.String(seconds(days)),
		AckDeadlineSeconds:       pulumi.Int(visibilitySec),
		// Never: a subscription that nobody reads for 31 days would be deleted with its messages.
		ExpirationPolicy: pubsub.SubscriptionExpirationPolicyArgs{Ttl: pulumi.String("")},
		Labels:           labelMap(t),
	}
}

var _ queue.Driver = (*Driver)(nil)
