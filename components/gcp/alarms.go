package gcp

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/monitoring"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
)

// closeAfter is how long after the last data an incident ends by itself: the shortest that can be set
// (https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.alertPolicies#AlertStrategy).
const closeAfter = "1800s"

// CreateAlarms builds a notification channel for each team with an address, and alert policies that go to it. A team
// without one sees its incidents in the console: its channel's id is empty.
func (d *Driver) CreateAlarms(
	ctx *pulumi.Context, name string, args alarms.Args, parent pulumi.Resource,
) (alarms.Outputs, error) {
	outputs := alarms.Outputs{Topics: map[string]pulumi.StringOutput{}}
	told := map[string]pulumi.StringArray{}
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		told[team], outputs.Topics[team] = pulumi.StringArray{}, pulumi.String("").ToStringOutput()
		if args.Teams[team].Email == "" {
			continue
		}
		channel, err := monitoring.NewNotificationChannel(ctx, name+"-email-"+team, d.channelArgs(team, args.Teams[team]), d.under(parent))
		if err != nil {
			return alarms.Outputs{}, fmt.Errorf("channel of team %s: %w", team, err)
		}
		told[team], outputs.Topics[team] = pulumi.StringArray{channel.ID()}, channel.ID().ToStringOutput()
	}
	for _, w := range alarms.Watches[watch](args, watcher{project: d.s.Project, bounds: args.Bounds}) {
		channels, ok := told[w.team]
		if !ok {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: there is no team %q to tell", w.role, w.key, w.team)
		}
		if _, err := monitoring.NewAlertPolicy(ctx, name+"-"+w.role+"-"+w.key, d.alertPolicyArgs(w, channels), d.under(parent)); err != nil {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: %w", w.role, w.key, err)
		}
	}
	return outputs, nil
}

func (d *Driver) channelArgs(team string, settings alarms.Team) *monitoring.NotificationChannelArgs {
	return &monitoring.NotificationChannelArgs{
		Project: pulumi.String(d.s.Project), Type: pulumi.String("email"),
		DisplayName: pulumi.String(d.physical(KindAlert, "team", team)), Enabled: pulumi.Bool(true),
		Labels: pulumi.StringMap{"email_address": pulumi.String(settings.Email)},
		// A channel that an alarm goes to is not taken away from it.
		ForceDelete: pulumi.Bool(false), UserLabels: labelMap(settings.Tags),
	}
}

func (d *Driver) alertPolicyArgs(w watch, channels pulumi.StringArray) *monitoring.AlertPolicyArgs {
	name := d.physical(KindAlert, w.role, w.key)
	condition := monitoring.AlertPolicyConditionArgs{DisplayName: pulumi.String(w.description)}
	if w.query != "" {
		condition.ConditionPrometheusQueryLanguage = monitoring.AlertPolicyConditionConditionPrometheusQueryLanguageArgs{
			Query: pulumi.String(w.query), EvaluationInterval: duration(w.period), Duration: duration(w.lasting),
		}
	} else {
		condition.ConditionThreshold = thresholdArgs(w)
	}
	return &monitoring.AlertPolicyArgs{
		Project: pulumi.String(d.s.Project), DisplayName: pulumi.String(name), Combiner: pulumi.String("OR"), Enabled: pulumi.Bool(true),
		Severity:   pulumi.String(w.severity),
		Conditions: monitoring.AlertPolicyConditionArray{condition},
		// Teams are told when an incident begins and when it ends.
		NotificationChannels: channels,
		AlertStrategy:        monitoring.AlertPolicyAlertStrategyArgs{AutoClose: pulumi.String(closeAfter)},
		Documentation: monitoring.AlertPolicyDocumentationArgs{
			Content: pulumi.String(alarms.Described(w.description, w.role)), MimeType: pulumi.String("text/markdown"),
		},
		UserLabels: labelMap(w.tags),
	}
}

func thresholdArgs(w watch) monitoring.AlertPolicyConditionConditionThresholdArgs {
	condition := monitoring.AlertPolicyConditionConditionThresholdArgs{
		Filter: filter(w, w.metric, w.label), Comparison: pulumi.String(w.comparison), ThresholdValue: pulumi.Float64(w.threshold),
		Duration: duration(w.lasting), EvaluationMissingData: pulumi.String(w.missing),
		Trigger: monitoring.AlertPolicyConditionConditionThresholdTriggerArgs{Count: pulumi.Int(1)},
		Aggregations: monitoring.AlertPolicyConditionConditionThresholdAggregationArray{
			monitoring.AlertPolicyConditionConditionThresholdAggregationArgs{
				AlignmentPeriod: duration(w.period), PerSeriesAligner: pulumi.String(w.aligner), CrossSeriesReducer: pulumi.String(w.reducer),
			},
		},
	}
	if w.whole != "" {
		condition.DenominatorFilter = filter(w, w.whole, "").ToStringPtrOutput()
		condition.DenominatorAggregations = monitoring.AlertPolicyConditionConditionThresholdDenominatorAggregationArray{
			monitoring.AlertPolicyConditionConditionThresholdDenominatorAggregationArgs{
				AlignmentPeriod: duration(w.period), PerSeriesAligner: pulumi.String(w.aligner), CrossSeriesReducer: pulumi.String(w.reducer),
			},
		}
	}
	return condition
}

// filter picks the time series of one metric of one thing
// (https://cloud.google.com/monitoring/api/v3/filters).
func filter(w watch, metric, label string) pulumi.StringOutput {
	text := fmt.Sprintf(`resource.type = "%s" AND metric.type = "%s" AND resource.labels.%s = `, w.resource, metric, w.dimension)
	if label != "" {
		label = " AND " + label
	}
	return pulumi.Sprintf(`%s"%s"%s`, text, w.of, label)
}

func duration(n int) pulumi.String { return pulumi.String(fmt.Sprintf("%ds", n)) }

var _ alarms.Driver = (*Driver)(nil)
