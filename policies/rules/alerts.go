package rules

import (
	"regexp"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// prometheusRule is where alerts of Prometheus are written
// (https://github.com/prometheus-operator/prometheus-operator/blob/main/Documentation/api-reference/api.md).
const prometheusRule = "kubernetes:monitoring.coreos.com/v1:PrometheusRule"

// datadogMonitor is one of Datadog's (https://docs.datadoghq.com/monitors/notify/#notifications).
const datadogMonitor = "kubernetes:datadoghq.com/v1alpha1:DatadogMonitor"

const aMonitor = "https://docs.datadoghq.com/monitors/notify/"

// handled is a message that somebody gets.
var handled = allow("a text that names whom it is told, as @pagerduty-payments", func(v property.Value) bool {
	return handle.MatchString(text(v))
})

var handle = regexp.MustCompile(`(^|\s)@[a-z]+-[A-Za-z0-9_-]+`)

var anAlert = "https://prometheus.io/docs/practices/alerting/"

var alertOwner = Rule{
	ID: "alert-owner", Severity: Medium, Controls: told,
	Holds: "Every alert goes to somebody",
	Why:   "an alert that nobody gets is an outage that customers report",
	Mend:  "let the alert act on the topic, group or channel of the owning team",
	table: map[string][]condition{
		"aws:cloudwatch/metricAlarm:MetricAlarm": {
			must("alarmActions", given("the topic of the owning team"), "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"),
			must("actionsEnabled", orNothing(is("true")), "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html"),
		},
		"azure-native:insights:MetricAlert": {
			must("actions", given("the action group of the owning team"), "https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups"),
			must("enabled", is("true"), "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-metric-alert-rule"),
		},
		"azure-native:insights:ScheduledQueryRule": {
			must("actions.actionGroups", given("the action group of the owning team"), "https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups"),
			must("enabled", orNothing(is("true")), "https://learn.microsoft.com/azure/azure-monitor/alerts/alerts-create-log-alert-rule"),
		},
		"gcp:monitoring/alertPolicy:AlertPolicy": {
			must("notificationChannels", given("the channel of the owning team"), "https://cloud.google.com/monitoring/support/notification-options"),
			must("enabled", orNothing(is("true")), "https://cloud.google.com/monitoring/alerts/manage-alerts"),
		},
		datadogMonitor: {must("spec.message", handled, aMonitor)},
		prometheusRule: {
			// Rules that only record have no owner.
			must("spec.groups[].rules[alert].labels.team", given("the owning team"), anAlert),
			// By which it is decided whether somebody is woken.
			must("spec.groups[].rules[alert].labels.severity", given("how soon somebody must act"), anAlert),
		},
	},
}

var runbook = allow("a text that names a runbook, as docs/runbooks/alarms.md#database-storage", func(v property.Value) bool {
	return strings.Contains(text(v), "docs/runbooks/") || strings.Contains(strings.ToLower(text(v)), "runbook: https://")
})

var alertRunbook = Rule{
	ID: "alert-runbook", Severity: Medium, Controls: told,
	Holds: "Every alert says where it is written what to do",
	Why:   "at night nobody remembers what an alert means, and 20 minutes are soon over",
	Mend:  "write what to do in docs/runbooks, and name the page in the alert's description",
	table: map[string][]condition{
		"aws:cloudwatch/metricAlarm:MetricAlarm":   {must("alarmDescription", runbook, "https://docs.aws.amazon.com/wellarchitected/latest/operational-excellence-pillar/ops_event_response_process_per_alert.html")},
		"azure-native:insights:MetricAlert":        {must("description", runbook, "https://learn.microsoft.com/azure/well-architected/operational-excellence/emergency-response")},
		"azure-native:insights:ScheduledQueryRule": {must("description", runbook, "https://learn.microsoft.com/azure/well-architected/operational-excellence/emergency-response")},
		"gcp:monitoring/alertPolicy:AlertPolicy":   {must("documentation.content", runbook, "https://cloud.google.com/monitoring/alerts/doc-variables")},
		datadogMonitor:                             {must("spec.message", runbook, aMonitor)},
		prometheusRule: {
			must("spec.groups[].rules[alert].annotations.runbook_url", given("the address of a runbook"), anAlert),
		},
	},
}
