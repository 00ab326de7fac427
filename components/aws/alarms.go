package aws

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
)

// CreateAlarms builds an SNS topic for each team, and CloudWatch alarms that go to it.
func (d *Driver) CreateAlarms(
	ctx *pulumi.Context, name string, args alarms.Args, parent pulumi.Resource,
) (alarms.Outputs, error) {
	outputs := alarms.Outputs{Topics: map[string]pulumi.StringOutput{}}
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		topic, err := d.teamTopic(ctx, name, team, args, parent)
		if err != nil {
			return alarms.Outputs{}, fmt.Errorf("topic of team %s: %w", team, err)
		}
		outputs.Topics[team] = topic
	}
	for _, w := range watches(args) {
		topic, ok := outputs.Topics[w.team]
		if !ok {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: there is no team %q to tell", w.role, w.key, w.team)
		}
		if _, err := cloudwatch.NewMetricAlarm(ctx, name+"-"+w.role+"-"+w.key, d.metricAlarmArgs(w, topic), pulumi.Parent(parent)); err != nil {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: %w", w.role, w.key, err)
		}
	}
	return outputs, nil
}

// teamTopic registers where a team is told. CloudWatch cannot use the key that SNS has by default, so
// the topic has its own
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html).
func (d *Driver) teamTopic(
	ctx *pulumi.Context, name, team string, args alarms.Args, parent pulumi.Resource,
) (pulumi.StringOutput, error) {
	settings := args.Teams[team]
	key, err := d.key(ctx, name+"-key-"+team, "Alarms of team "+team, settings.Tags, []statement{{
		Sid: "Tell", Actions: []string{"kms:Decrypt", "kms:GenerateDataKey*"}, Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{principalService: texts("cloudwatch.amazonaws.com")},
		Conditions: []condition{{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)}},
	}}, parent)
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	physical := d.physical(KindTopic, "alarms", team)
	topic, err := sns.NewTopic(ctx, name+"-topic-"+team, &sns.TopicArgs{
		Name: pulumi.String(physical), KmsMasterKeyId: key.Arn, Tags: tagMap(settings.Tags, physical),
	}, pulumi.Parent(parent))
	if err != nil {
		return pulumi.StringOutput{}, err
	}
	if _, err := sns.NewTopicPolicy(ctx, name+"-topic-policy-"+team, &sns.TopicPolicyArgs{
		Arn: topic.Arn, Policy: policyJSON(d.alarmTopicStatements(topic.Arn)...),
	}, pulumi.Parent(parent)); err != nil {
		return pulumi.StringOutput{}, fmt.Errorf("policy: %w", err)
	}
	if settings.Email != "" {
		if _, err := sns.NewTopicSubscription(ctx, name+"-email-"+team, &sns.TopicSubscriptionArgs{
			Topic: topic.Arn, Protocol: pulumi.String("email"), Endpoint: pulumi.String(settings.Email),
		}, pulumi.Parent(parent)); err != nil {
			return pulumi.StringOutput{}, fmt.Errorf("email: %w", err)
		}
	}
	return topic.Arn, nil
}

// alarmTopicStatements admit the alarms of this account and region, and nobody else.
func (d *Driver) alarmTopicStatements(topic pulumi.StringInput) []statement {
	return []statement{
		{
			Sid: "Tell", Actions: publishActions, Resources: []pulumi.StringInput{topic},
			Principals: map[string][]pulumi.StringInput{principalService: texts("cloudwatch.amazonaws.com")},
			Conditions: []condition{
				{Operator: "StringEquals", Key: "aws:SourceAccount", Values: texts(d.s.Account)},
				{Operator: "ArnLike", Key: "aws:SourceArn", Values: texts(fmt.Sprintf("arn:%s:cloudwatch:%s:%s:alarm:*",
					d.s.Partition, d.s.Region, d.s.Account))},
			},
		},
		denyInsecure(publishActions, topic),
	}
}

func (d *Driver) metricAlarmArgs(w watch, topic pulumi.StringOutput) *cloudwatch.MetricAlarmArgs {
	name := d.physical(KindAlarm, w.role, w.key)
	told := pulumi.Array{topic}
	spec := &cloudwatch.MetricAlarmArgs{
		Name:               pulumi.String(name),
		AlarmDescription:   pulumi.String(alarms.Described(w.description, w.role)),
		ComparisonOperator: pulumi.String(w.comparison),
		Threshold:          pulumi.Float64(w.threshold),
		EvaluationPeriods:  pulumi.Int(w.periods),
		DatapointsToAlarm:  pulumi.Int(w.periods),
		TreatMissingData:   pulumi.String(w.missing),
		// Told when it begins and when it ends.
		AlarmActions: told,
		OkActions:    told,
		Tags:         tagMap(w.tags, name),
	}
	if w.percent != "" {
		spec.MetricQueries = percentQueries(w)
		return spec
	}
	spec.Namespace = pulumi.String(w.namespace)
	spec.MetricName = pulumi.String(w.metric)
	spec.Period = pulumi.Int(w.seconds)
	spec.Dimensions = w.dimensions
	if w.percentile != "" {
		spec.ExtendedStatistic = pulumi.String(w.percentile)
		// Of a few calls the slowest 1 % is one call.
		spec.EvaluateLowSampleCountPercentiles = pulumi.String("ignore")
	} else {
		spec.Statistic = pulumi.String(w.statistic)
	}
	return spec
}

// percentQueries are what of a whole the metric is, in percent.
func percentQueries(w watch) cloudwatch.MetricAlarmMetricQueryArray {
	queries := cloudwatch.MetricAlarmMetricQueryArray{cloudwatch.MetricAlarmMetricQueryArgs{
		Id: pulumi.String("percent"), Expression: pulumi.String(w.percent), Label: pulumi.String(w.metric + " in percent"),
		ReturnData: pulumi.Bool(true),
	}}
	terms := []struct{ id, metric string }{{"part", w.metric}}
	if w.whole != "" {
		terms = append(terms, struct{ id, metric string }{"whole", w.whole})
	}
	for _, term := range terms {
		queries = append(queries, cloudwatch.MetricAlarmMetricQueryArgs{
			Id: pulumi.String(term.id),
			Metric: cloudwatch.MetricAlarmMetricQueryMetricArgs{
				Namespace: pulumi.String(w.namespace), MetricName: pulumi.String(term.metric),
				Dimensions: w.dimensions, Period: pulumi.Int(w.seconds), Stat: pulumi.String(w.statistic),
			},
		})
	}
	return queries
}

var _ alarms.Driver = (*Driver)(nil)
