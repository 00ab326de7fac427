package alert

import (
	"fmt"
	"strings"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// Watchdog is the name of the alert that always fires: whoever hears it no more knows that nobody is told of anything.
const Watchdog = "Watchdog"

// monitoring are the alerts of who alerts.
func (p Platform) monitoring() []Definition {
	return []Definition{
		{
			Name: Watchdog, Severity: Heartbeat, Board: BoardPlatform,
			Summary:     "alerts reach whoever is told",
			Description: "It fires always, and is sent to a service outside that raises an alarm when it stays away.",
			Expr:        "vector(1)",
			// Whoever is outside is Datadog itself: it tells when nothing comes any more.
			Measures: []query.Measure{query.Failing("datadog.agent.up", 2, 10, nil).
				Saying("No agent of the cluster has reported for ten minutes: nobody is told of anything else.")},
		},
		{
			Name: "MonitoringTargetDown", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "what is to be measured does not answer",
			Description: "{of:job} in {of:namespace} does not tell its metrics: alerts about it are silent.",
			Expr: fmt.Sprintf("avg by (job, namespace) (up{%s}) < 0.9\nor absent(up{job=%q} == 1)",
				p.in(p.Namespaces), p.Collector),
			// Checks of the platform's parts tell of themselves; one for each that an alert reads.
			Measures: p.answering(),
		},
		{
			Name: "RulesFailing", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "rules of alerts cannot be evaluated",
			Description: "Rules of {of:rule_group} fail: the alerts in it do not fire.",
			Expr:        "sum by (rule_group) (rate(prometheus_rule_evaluation_failures_total[5m])) > 0",
			Unmeasured:  "Datadog evaluates monitors outside of the cluster, and tells of its own faults by its status page",
		},
		{
			Name: "NotificationsFailing", Severity: Page, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "somebody is not told",
			Description: "{share} of what Alertmanager sends by {of:integration} does not arrive.",
			Expr: "sum by (integration) (rate(alertmanager_notifications_failed_total[15m])) / " +
				"sum by (integration) (rate(alertmanager_notifications_total[15m])) > 0.05",
			Unmeasured: "Datadog sends them outside of the cluster, and tells of an integration that fails by its own pages",
		},
		{
			Name: "ConfigurationRefused", Severity: Ticket, Pending: 10 * time.Minute, Board: BoardPlatform,
			Summary:     "a new configuration of Prometheus or Alertmanager is not in use",
			Description: "{of:pod} was given a configuration that it refuses, and goes on with the last one.",
			Expr: "min by (pod) (prometheus_config_last_reload_successful) == 0" +
				"\nor min by (pod) (alertmanager_config_last_reload_successful) == 0",
			Unmeasured: "there is neither of the two; what Datadog refuses of an object, its state in the cluster says, and the run that made it waits for that",
		},
	}
}

// answering are the checks of those parts by whose own metrics alerts are told
// (components/kubernetes/datadog), which say themselves whether they are answered.
func (p Platform) answering() []query.Measure {
	var out []query.Measure
	for _, check := range []string{"argocd.app_controller", "cert_manager", "keda", "kong"} {
		out = append(out, query.Failing(check+".openmetrics.health", 5, 0, nil, "endpoint").In(strings.ReplaceAll(strings.ReplaceAll(check, ".", "-"), "_", "-")).
			Saying("What "+check+" is to measure does not answer at {of:endpoint}: alerts about it are silent."))
	}
	return out
}
