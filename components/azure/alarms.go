package azure

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/azure/builtin"
	"platform/components/naming"
)

// CreateAlarms builds an action group for each team, and alerts that go to it.
func (d *Driver) CreateAlarms(
	ctx *pulumi.Context, name string, args alarms.Args, parent pulumi.Resource,
) (alarms.Outputs, error) {
	outputs := alarms.Outputs{Topics: map[string]pulumi.StringOutput{}}
	for _, team := range slices.Sorted(maps.Keys(args.Teams)) {
		group, err := insights.NewActionGroup(ctx, name+"-group-"+team, d.teamGroupArgs(team, args.Teams[team]), pulumi.Parent(parent))
		if err != nil {
			return alarms.Outputs{}, fmt.Errorf("action group of team %s: %w", team, err)
		}
		outputs.Topics[team] = group.ID().ToStringOutput()
	}
	watcher := watcher{d: d, bounds: args.Bounds}
	if args.Quotas != nil {
		var err error
		if watcher.as, err = d.quotaLooker(ctx, name, *args.Quotas, parent); err != nil {
			return alarms.Outputs{}, err
		}
	}
	for _, w := range alarms.Watches[watch](args, watcher) {
		group, ok := outputs.Topics[w.team]
		if !ok {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: there is no team %q to tell", w.role, w.key, w.team)
		}
		opts := []pulumi.ResourceOption{pulumi.Parent(parent)}
		if w.as != nil {
			opts = append(opts, pulumi.DependsOn([]pulumi.Resource{w.as.granted}))
		}
		var err error
		if logical := name + "-" + w.role + "-" + w.key; w.query == nil {
			_, err = insights.NewMetricAlert(ctx, logical, d.metricAlertArgs(w, group), opts...)
		} else {
			_, err = insights.NewScheduledQueryRule(ctx, logical, d.logAlertArgs(w, group), opts...)
		}
		if err != nil {
			return alarms.Outputs{}, fmt.Errorf("alarm %s of %s: %w", w.role, w.key, err)
		}
	}
	return outputs, nil
}

// looker is who asks for what is not in the workspace of the logs.
type looker struct {
	identity pulumi.StringOutput
	granted  pulumi.Resource
}

// quotaLooker may look at the subscription, to which its quotas belong, as Azure asks for
// (https://learn.microsoft.com/azure/quotas/how-to-guide-monitoring-alerting).
func (d *Driver) quotaLooker(ctx *pulumi.Context, name string, quotas alarms.Quotas, parent pulumi.Resource) (*looker, error) {
	made, err := d.userIdentity(ctx, name+"-quotas", quotas.Tags, parent)
	if err != nil {
		return nil, err
	}
	granted, err := d.assignRole(ctx, name+"-quotas-look", builtin.Reader, made.PrincipalId, pulumi.String(d.subscriptionID()), parent)
	if err != nil {
		return nil, err
	}
	return &looker{identity: made.ID().ToStringOutput(), granted: granted}, nil
}

// maxShortName is what messages have room for
// (https://learn.microsoft.com/azure/templates/microsoft.insights/actiongroups).
const maxShortName = 12

// teamGroupArgs is where a team is told: by mail, if it has an address.
func (d *Driver) teamGroupArgs(team string, settings alarms.Team) *insights.ActionGroupArgs {
	spec := &insights.ActionGroupArgs{
		ResourceGroupName: d.ground.group, ActionGroupName: pulumi.String(d.physical(KindActionGroup, team)),
		GroupShortName: pulumi.String(naming.Fit(maxShortName, team)),
		// Told from whichever region is up.
		Location: pulumi.String(everywhere), Enabled: pulumi.Bool(true), Tags: tagMap(settings.Tags),
	}
	if settings.Email != "" {
		spec.EmailReceivers = insights.EmailReceiverArray{insights.EmailReceiverArgs{
			Name: pulumi.String(team), EmailAddress: pulumi.String(settings.Email), UseCommonAlertSchema: pulumi.Bool(true),
		}}
	}
	return spec
}

// metricAlertArgs tells when a metric passes a threshold, and when that is over
// (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#metric-alerts).
func (d *Driver) metricAlertArgs(w watch, group pulumi.StringInput) *insights.MetricAlertArgs {
	criterion := insights.MetricCriteriaArgs{
		CriterionType: pulumi.String("StaticThresholdCriterion"), Name: pulumi.String(w.role),
		MetricNamespace: pulumi.String(w.namespace), MetricName: pulumi.String(w.metric),
		TimeAggregation: pulumi.String(w.aggregation), Operator: pulumi.String(w.comparison), Threshold: pulumi.Float64(w.threshold),
	}
	if w.dimension != "" {
		criterion.Dimensions = insights.MetricDimensionArray{insights.MetricDimensionArgs{
			Name: pulumi.String(w.dimension), Operator: pulumi.String("Include"), Values: pulumi.StringArray{w.value},
		}}
	}
	return &insights.MetricAlertArgs{
		ResourceGroupName: d.ground.group, RuleName: pulumi.String(d.physical(KindAlert, w.role, w.key)), Location: pulumi.String(everywhere),
		Description: pulumi.String(alarms.Described(w.description, w.role)), Severity: pulumi.Int(w.severity), Enabled: pulumi.Bool(true),
		Scopes: pulumi.StringArray{w.of}, EvaluationFrequency: pulumi.String(w.every), WindowSize: pulumi.String(w.window),
		Criteria: insights.MetricAlertSingleResourceMultipleMetricCriteriaArgs{
			OdataType: pulumi.String("Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria"),
			AllOf:     insights.MetricCriteriaArray{criterion},
		},
		AutoMitigate: pulumi.Bool(true),
		Actions:      insights.MetricAlertActionArray{insights.MetricAlertActionArgs{ActionGroupId: group}},
		Tags:         tagMap(w.tags),
	}
}

// logAlertArgs tells what no metric says: a share, or a percentile
// (https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-types#log-alerts).
func (d *Driver) logAlertArgs(w watch, group pulumi.StringInput) *insights.ScheduledQueryRuleArgs {
	condition := insights.ConditionArgs{
		Query: w.query, MetricMeasureColumn: pulumi.String(w.metric), TimeAggregation: pulumi.String(w.aggregation),
		Operator: pulumi.String(w.comparison), Threshold: pulumi.Float64(w.threshold),
		FailingPeriods: insights.ConditionFailingPeriodsArgs{
			NumberOfEvaluationPeriods: pulumi.Float64(w.periods), MinFailingPeriodsToAlert: pulumi.Float64(w.periods),
		},
	}
	if w.dimension != "" {
		condition.Dimensions = insights.DimensionArray{insights.DimensionArgs{
			Name: pulumi.String(w.dimension), Operator: pulumi.String("Include"), Values: pulumi.StringArray{w.value},
		}}
	}
	spec := &insights.ScheduledQueryRuleArgs{
		ResourceGroupName: d.ground.group, RuleName: pulumi.String(d.physical(KindAlert, w.role, w.key)), Location: pulumi.String(d.s.Region),
		Kind: pulumi.String("LogAlert"), DisplayName: pulumi.String(w.role + " " + w.key), Description: pulumi.String(alarms.Described(w.description, w.role)),
		Severity: pulumi.Float64(w.severity), Enabled: pulumi.Bool(true), Scopes: pulumi.StringArray{w.of},
		EvaluationFrequency: pulumi.String(w.every), WindowSize: pulumi.String(w.window),
		Criteria: insights.ScheduledQueryRuleCriteriaArgs{AllOf: insights.ConditionArray{condition}},
		// The table comes with the first request, and a grant is spread after some minutes: until then the query would be
		// refused.
		SkipQueryValidation: pulumi.Bool(true),
		AutoMitigate:        pulumi.Bool(true),
		Actions:             insights.ActionsArgs{ActionGroups: pulumi.StringArray{group}},
		Tags:                tagMap(w.tags),
	}
	if w.as != nil {
		spec.Identity = insights.IdentityArgs{Type: insights.IdentityTypeUserAssigned, UserAssignedIdentities: pulumi.StringArray{w.as.identity}}
	}
	return spec
}

var _ alarms.Driver = (*Driver)(nil)
