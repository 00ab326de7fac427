package aws

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
)

// interruptionEvents are what AWS tells of machines that end, or are about to, by source and kind
// (https://karpenter.sh/docs/reference/cloudformation/#interruption-handling).
var interruptionEvents = map[string]struct{ source, kind string }{
	"health":    {"aws.health", "AWS Health Event"},
	"rebalance": {"aws.ec2", "EC2 Instance Rebalance Recommendation"},
	"spot":      {"aws.ec2", "EC2 Spot Instance Interruption Warning"},
	"state":     {"aws.ec2", "EC2 Instance State-change Notification"},
}

const (
	// Whatever is not read within five minutes is no longer of use: a spot machine is warned two minutes before its end
	// (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html).
	interruptionSec = 300
	// A message that cannot be read five times is put aside.
	interruptionTries = 5
)

// told is the queue of what is about to be taken back, and what must stand before anybody reads it.
type told struct {
	queue *sqs.Queue
	ready []pulumi.Resource
}

// interruptions registers the queue, its dead letters and the rules that fill it.
func (d *Driver) interruptions(
	ctx *pulumi.Context, name string, reader pulumi.StringOutput, args cluster.Args, parent pulumi.Resource,
) (told, error) {
	logical := name + "-interruptions"
	key, err := d.key(ctx, logical+"-key", "Interruptions of machines of cluster "+d.physical(KindCluster, name), args.Tags,
		d.interruptionKeyStatements(reader), parent)
	if err != nil {
		return told{}, err
	}
	dead, err := sqs.NewQueue(ctx, logical+"-dead-letters",
		d.queueArgs(d.physical(KindQueue, logical, "dead"), deadLetterDays, 30, key.Arn, args.Tags), pulumi.Parent(parent))
	if err != nil {
		return told{}, fmt.Errorf("dead letters of interruptions: %w", err)
	}
	spec := d.queueArgs(d.physical(KindQueue, logical), 1, 30, key.Arn, args.Tags)
	spec.MessageRetentionSeconds, spec.RedrivePolicy = pulumi.Int(interruptionSec), redrive(dead.Arn, interruptionTries)
	queue, err := sqs.NewQueue(ctx, logical+"-queue", spec, pulumi.Parent(parent))
	if err != nil {
		return told{}, fmt.Errorf("queue of interruptions: %w", err)
	}
	if _, err := sqs.NewRedriveAllowPolicy(ctx, logical+"-redrive-allow", &sqs.RedriveAllowPolicyArgs{
		QueueUrl: dead.Url, RedriveAllowPolicy: redriveAllow(queue.Arn),
	}, pulumi.Parent(parent)); err != nil {
		return told{}, fmt.Errorf("redrive allowance of interruptions: %w", err)
	}
	if _, err := sqs.NewQueuePolicy(ctx, logical+"-dead-letters-policy", &sqs.QueuePolicyArgs{
		QueueUrl: dead.Url, Policy: policyJSON(denyInsecure([]string{"sqs:*"}, dead.Arn)),
	}, pulumi.Parent(parent)); err != nil {
		return told{}, fmt.Errorf("policy of the dead letters of interruptions: %w", err)
	}
	rules, arns, err := d.interruptionRules(ctx, logical, args, parent)
	if err != nil {
		return told{}, err
	}
	policy, err := sqs.NewQueuePolicy(ctx, logical+"-queue-policy", &sqs.QueuePolicyArgs{
		QueueUrl: queue.Url, Policy: policyJSON(statement{
			Sid: "Deliver", Actions: []string{"sqs:SendMessage"}, Resources: []pulumi.StringInput{queue.Arn},
			Principals: map[string][]pulumi.StringInput{principalService: texts("events.amazonaws.com")},
			Conditions: []condition{{Operator: "ArnEquals", Key: "aws:SourceArn", Values: arns}},
		}, denyInsecure([]string{"sqs:*"}, queue.Arn)),
	}, pulumi.Parent(parent))
	if err != nil {
		return told{}, fmt.Errorf("policy of interruptions: %w", err)
	}
	out := told{queue: queue, ready: []pulumi.Resource{policy}}
	for _, event := range slices.Sorted(maps.Keys(rules)) {
		// After the policy: what may not be delivered is lost.
		target, err := cloudwatch.NewEventTarget(ctx, logical+"-target-"+event, &cloudwatch.EventTargetArgs{
			Rule: rules[event].Name, TargetId: pulumi.String("interruptions"), Arn: queue.Arn,
		}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy}))
		if err != nil {
			return told{}, fmt.Errorf("target of %s: %w", event, err)
		}
		out.ready = append(out.ready, target)
	}
	return out, nil
}

func (d *Driver) interruptionRules(
	ctx *pulumi.Context, logical string, args cluster.Args, parent pulumi.Resource,
) (rules map[string]*cloudwatch.EventRule, arns []pulumi.StringInput, err error) {
	rules = map[string]*cloudwatch.EventRule{}
	for _, event := range slices.Sorted(maps.Keys(interruptionEvents)) {
		of := interruptionEvents[event]
		pattern, err := json.Marshal(map[string][]string{"source": {of.source}, "detail-type": {of.kind}})
		if err != nil {
			return nil, nil, err
		}
		physical := d.physical(KindEventRule, logical, event)
		rule, err := cloudwatch.NewEventRule(ctx, logical+"-rule-"+event, &cloudwatch.EventRuleArgs{
			Name: pulumi.String(physical), Description: pulumi.String(of.kind + ", for who makes the cluster's nodes"),
			EventPattern: pulumi.String(string(pattern)), Tags: tagMap(args.Tags, physical),
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, nil, fmt.Errorf("rule of %s: %w", event, err)
		}
		rules[event], arns = rule, append(arns, rule.Arn)
	}
	return rules, arns, nil
}

// interruptionKeyStatements let EventBridge encrypt, and who reads decrypt
// (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-bus-encryption-sqs.html).
func (d *Driver) interruptionKeyStatements(reader pulumi.StringOutput) []statement {
	return []statement{
		{
			Sid: "Deliver", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey"}, Resources: texts("*"),
			Principals: map[string][]pulumi.StringInput{principalService: texts("events.amazonaws.com")},
			Conditions: []condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}},
		},
		{
			Sid: "Read", Actions: []string{"kms:Decrypt"}, Resources: texts("*"),
			Principals: map[string][]pulumi.StringInput{principalAWS: {reader}},
		},
	}
}
