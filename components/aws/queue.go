package aws

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/queue"
	"platform/components/tags"
)

const (
	secondsPerDay = 24 * 60 * 60
	// deadLetterDays is the longest that SQS keeps a message, so that a dead letter outlives a long
	// weekend (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html).
	deadLetterDays = 14
)

// What a consumer does with a queue, and what a publisher does with a topic.
var (
	consumeActions = []string{
		"sqs:ChangeMessageVisibility", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage",
	}
	publishActions = []string{"sns:Publish"}
	observeActions = []string{"sqs:GetQueueAttributes"}
)

// CreateBroker builds nothing: topics and queues lie in the account itself, over all zones of the region.
func (d *Driver) CreateBroker(*pulumi.Context, string, queue.BrokerArgs, pulumi.Resource) (queue.Broker, error) {
	return queue.Broker{}, nil
}

// CreateQueue builds an event's SNS topic, and for each consumer an SQS queue with its dead letters.
func (d *Driver) CreateQueue(
	ctx *pulumi.Context, name string, args queue.Args, parent pulumi.Resource,
) (queue.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Messages of event "+args.Event, args.Tags, d.messageKeyStatements(args), parent)
	if err != nil {
		return queue.Outputs{}, err
	}
	topic, err := sns.NewTopic(ctx, name+"-topic", d.topicArgs(args, key.Arn), pulumi.Parent(parent))
	if err != nil {
		return queue.Outputs{}, fmt.Errorf("topic: %w", err)
	}
	if _, err := sns.NewTopicPolicy(ctx, name+"-topic-policy", &sns.TopicPolicyArgs{
		Arn: topic.Arn, Policy: policyJSON(topicStatements(topic.Arn, args.Publisher)...),
	}, pulumi.Parent(parent)); err != nil {
		return queue.Outputs{}, fmt.Errorf("topic policy: %w", err)
	}
	outputs := queue.Outputs{TopicID: topic.Arn, KeyID: key.Arn, Queues: map[string]queue.Queue{}}
	for _, consumer := range slices.Sorted(maps.Keys(args.Consumers)) {
		built, err := d.consumerQueue(ctx, name, consumer, args, topic.Arn, key.Arn, parent)
		if err != nil {
			return queue.Outputs{}, fmt.Errorf("queue of %s: %w", consumer, err)
		}
		outputs.Queues[consumer] = built
	}
	return outputs, nil
}

// consumerQueue registers one consumer's queue, its dead letters and its subscription.
func (d *Driver) consumerQueue(
	ctx *pulumi.Context, name, consumer string, args queue.Args, topic, key pulumi.StringOutput, parent pulumi.Resource,
) (queue.Queue, error) {
	identityOf, tagsOf := args.Consumers[consumer].Identity, args.Consumers[consumer].Tags
	dead, err := sqs.NewQueue(ctx, name+"-dead-letters-"+consumer,
		d.queueArgs(d.physical(KindQueue, args.Event, consumer, "dead"), deadLetterDays, args.VisibilitySec, key, tagsOf),
		pulumi.Parent(parent))
	if err != nil {
		return queue.Queue{}, fmt.Errorf("dead letters: %w", err)
	}
	spec := d.queueArgs(d.physical(KindQueue, args.Event, consumer), args.RetentionDays, args.VisibilitySec, key, tagsOf)
	spec.RedrivePolicy = redrive(dead.Arn, args.MaxReceives)
	live, err := sqs.NewQueue(ctx, name+"-queue-"+consumer, spec, pulumi.Parent(parent))
	if err != nil {
		return queue.Queue{}, err
	}
	// A resource of its own: as a property of the dead letters it would need the queue that needs them.
	if _, err := sqs.NewRedriveAllowPolicy(ctx, name+"-redrive-allow-"+consumer, &sqs.RedriveAllowPolicyArgs{
		QueueUrl: dead.Url, RedriveAllowPolicy: redriveAllow(live.Arn),
	}, pulumi.Parent(parent)); err != nil {
		return queue.Queue{}, fmt.Errorf("redrive allowance: %w", err)
	}
	if _, err := sqs.NewQueuePolicy(ctx, name+"-dead-letters-policy-"+consumer, &sqs.QueuePolicyArgs{
		QueueUrl: dead.Url, Policy: policyJSON(denyInsecure([]string{"sqs:*"}, dead.Arn)),
	}, pulumi.Parent(parent)); err != nil {
		return queue.Queue{}, fmt.Errorf("policy of the dead letters: %w", err)
	}
	policy, err := sqs.NewQueuePolicy(ctx, name+"-queue-policy-"+consumer, &sqs.QueuePolicyArgs{
		QueueUrl: live.Url, Policy: policyJSON(queueStatements(live.Arn, topic, identityOf, args.Observer)...),
	}, pulumi.Parent(parent))
	if err != nil {
		return queue.Queue{}, fmt.Errorf("policy: %w", err)
	}
	// After the policy: what SNS may not deliver at once is lost after its retries.
	if _, err := sns.NewTopicSubscription(ctx, name+"-subscription-"+consumer, &sns.TopicSubscriptionArgs{
		Topic: topic, Protocol: pulumi.String("sqs"), Endpoint: live.Arn, RawMessageDelivery: pulumi.Bool(true),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy})); err != nil {
		return queue.Queue{}, fmt.Errorf("subscription: %w", err)
	}
	return queue.Queue{
		Name: live.Name, ID: live.Arn, URL: live.Url, DeadLetterName: dead.Name, DeadLetterID: dead.Arn, Scaler: d.queueScaler(live.Url),
	}, nil
}

// queueScaler counts the messages that are being worked on too, which is what it does unless told otherwise: a pod that
// has taken the last ones is still needed (https://keda.sh/docs/2.20/scalers/aws-sqs/).
func (d *Driver) queueScaler(url pulumi.StringInput) queue.Scaler {
	return queue.Scaler{
		Type: "aws-sqs-queue", Metadata: pulumi.StringMap{"queueURL": url, "awsRegion": pulumi.String(d.s.Region)},
		Depth: "queueLength", Identity: "aws",
	}
}

func (d *Driver) topicArgs(args queue.Args, key pulumi.StringInput) *sns.TopicArgs {
	name := d.physical(KindTopic, args.Event)
	return &sns.TopicArgs{
		Name:           pulumi.String(name),
		KmsMasterKeyId: key.ToStringOutput().ToStringPtrOutput(),
		Tags:           tagMap(args.Tags, name),
	}
}

func (d *Driver) queueArgs(name string, days, visibilitySec int, key pulumi.StringInput, t tags.Set) *sqs.QueueArgs {
	return &sqs.QueueArgs{
		Name:                     pulumi.String(name),
		KmsMasterKeyId:           key.ToStringOutput().ToStringPtrOutput(),
		MessageRetentionSeconds:  pulumi.Int(days * secondsPerDay),
		VisibilityTimeoutSeconds: pulumi.Int(visibilitySec),
		// Long polling at its longest: fewer empty answers to pay for
		// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html).
		ReceiveWaitTimeSeconds: pulumi.Int(20),
		Tags:                   tagMap(t, name),
	}
}

// topicStatements admit the publisher and nobody else.
func topicStatements(topic pulumi.StringInput, publisher identity.Outputs) []statement {
	return []statement{
		{
			Sid: "Publish", Actions: publishActions, Resources: []pulumi.StringInput{topic},
			Principals: map[string][]pulumi.StringInput{principalAWS: {publisher.Principal}},
		},
		denyInsecure(publishActions, topic),
	}
}

// queueStatements admit the topic's deliveries, the consumer, and who may ask how deep the queue is, and nobody else. In
// one account the queue's policy is enough (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
func queueStatements(live, topic pulumi.StringInput, consumer, observer identity.Outputs) []statement {
	statements := []statement{
		{
			Sid: "Deliver", Actions: []string{"sqs:SendMessage"}, Resources: []pulumi.StringInput{live},
			Principals: map[string][]pulumi.StringInput{principalService: texts("sns.amazonaws.com")},
			// Without it any account's topic could deliver here.
			Conditions: []condition{{Operator: "ArnEquals", Key: "aws:SourceArn", Values: []pulumi.StringInput{topic}}},
		},
		{
			Sid: "Consume", Actions: consumeActions, Resources: []pulumi.StringInput{live},
			Principals: map[string][]pulumi.StringInput{principalAWS: {consumer.Principal}},
		},
		denyInsecure([]string{"sqs:*"}, live),
	}
	if observer.Principal.OutputState == nil {
		return statements
	}
	return append(statements, statement{
		Sid: "Observe", Actions: observeActions, Resources: []pulumi.StringInput{live},
		Principals: map[string][]pulumi.StringInput{principalAWS: {observer.Principal}},
	})
}

// messageKeyStatements let SNS deliver to the encrypted queues, the publisher encrypt, and the
// consumers decrypt (https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html). In a key's
// policy the resource is the key itself.
func (d *Driver) messageKeyStatements(args queue.Args) []statement {
	use := []string{"kms:Decrypt", "kms:GenerateDataKey"}
	statements := []statement{
		{
			Sid: "Deliver", Actions: use, Resources: texts("*"),
			Principals: map[string][]pulumi.StringInput{principalService: texts("sns.amazonaws.com")},
			Conditions: []condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}},
		},
		{
			Sid: "Publish", Actions: use, Resources: texts("*"),
			Principals: map[string][]pulumi.StringInput{principalAWS: {args.Publisher.Principal}},
		},
	}
	if len(args.Consumers) == 0 {
		return statements
	}
	var consumers []pulumi.StringInput
	for _, consumer := range slices.Sorted(maps.Keys(args.Consumers)) {
		consumers = append(consumers, args.Consumers[consumer].Identity.Principal)
	}
	return append(statements, statement{
		Sid: "Consume", Actions: []string{"kms:Decrypt"}, Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{principalAWS: consumers},
	})
}

// redrive moves a message to the dead letters after so many deliveries. AWS wants the count as a
// number (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-dead-letter-queues.html).
func redrive(dead pulumi.StringInput, receives int) pulumi.StringPtrInput {
	return jsonOf(dead, func(arn string) any {
		return map[string]any{"deadLetterTargetArn": arn, "maxReceiveCount": receives}
	}).ToStringPtrOutput()
}

// redriveAllow lets exactly one queue use the dead letters.
func redriveAllow(live pulumi.StringInput) pulumi.StringInput {
	return jsonOf(live, func(arn string) any {
		return map[string]any{"redrivePermission": "byQueue", "sourceQueueArns": []string{arn}}
	})
}

func jsonOf(in pulumi.StringInput, document func(string) any) pulumi.StringOutput {
	return in.ToStringOutput().ApplyT(func(s string) (string, error) {
		b, err := json.Marshal(document(s))
		return string(b), err
	}).(pulumi.StringOutput)
}

var _ queue.Driver = (*Driver)(nil)
