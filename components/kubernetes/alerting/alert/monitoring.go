package alert

import (
	"fmt"
	"time"
)

// Watchdog is the name of the alert that always fires: whoever hears it no more knows that nobody is told of anything.
const Watchdog = "Watchdog"

// monitoring are the alerts of who alerts.
func (p Platform) monitoring() []definition {
	return []definition{
		{
			name: Watchdog, severity: Heartbeat, board: BoardPlatform,
			summary:     "alerts reach whoever is told",
			description: "It fires always, and is sent to a service outside that raises an alarm when it stays away.",
			expr:        "vector(1)",
		},
		{
			name: "MonitoringTargetDown", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "what is to be measured does not answer",
			description: "{{ $labels.job }} in {{ $labels.namespace }} does not tell its metrics: alerts about it are silent.",
			expr: fmt.Sprintf("avg by (job, namespace) (up{%s}) < 0.9\nor absent(up{job=%q} == 1)",
				p.in(p.Namespaces), p.Collector),
		},
		{
			name: "RulesFailing", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "rules of alerts cannot be evaluated",
			description: "Rules of {{ $labels.rule_group }} fail: the alerts in it do not fire.",
			expr:        "sum by (rule_group) (rate(prometheus_rule_evaluation_failures_total[5m])) > 0",
		},
		{
			name: "NotificationsFailing", severity: Page, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "somebody is not told",
			description: "{{ $value | humanizePercentage }} of what Alertmanager sends by {{ $labels.integration }} does not arrive.",
			expr: "sum by (integration) (rate(alertmanager_notifications_failed_total[15m])) / " +
				"sum by (integration) (rate(alertmanager_notifications_total[15m])) > 0.05",
		},
		{
			name: "ConfigurationRefused", severity: Ticket, pending: 10 * time.Minute, board: BoardPlatform,
			summary:     "a new configuration of Prometheus or Alertmanager is not in use",
			description: "{{ $labels.pod }} was given a configuration that it refuses, and goes on with the last one.",
			expr: "min by (pod) (prometheus_config_last_reload_successful) == 0" +
				"\nor min by (pod) (alertmanager_config_last_reload_successful) == 0",
		},
	}
}
