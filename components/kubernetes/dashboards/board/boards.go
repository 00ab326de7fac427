package board

import (
	"platform/components/kubernetes/alerting/alert"
)

func at(v float64) *float64 { return &v }

var (
	byService = Variable{"service", alert.RequestRate, alert.LabelService}
	byTeam    = Variable{"team", alert.RequestRate, alert.LabelTeam}
)

// All are the dashboards of an environment. Alerts lead to them by their identifiers.
func All() []Board { return []Board{platform, service, team, budget} }

var platform = Board{
	ID: alert.BoardPlatform, Title: "Platform", Description: "Whether the cluster and what the platform runs in it are well.",
	Rows: []Row{
		{"Now", []Panel{
			{Title: "Pages", Description: "Alerts that somebody must act on now.", Unit: "short", Last: true,
				Queries: []Query{{`count(ALERTS{alertstate="firing",severity="page"}) or vector(0)`, ""}}},
			{Title: "Tickets", Description: "Alerts that wait for the working day.", Unit: "short", Last: true,
				Queries: []Query{{`count(ALERTS{alertstate="firing",severity="ticket"}) or vector(0)`, ""}}},
			{Title: "Nodes ready", Description: "Of all that there are.", Unit: "percentunit", Last: true, Red: at(1),
				Queries: []Query{{`avg(max by (node) (kube_node_status_condition{condition="Ready",status="true"}))`, ""}}},
			{Title: "Pods without a node", Description: "Placeholders are not among them.", Unit: "short", Last: true,
				Queries: []Query{{`sum(kube_pod_status_unschedulable{namespace!="headroom"}) or vector(0)`, ""}}},
		}},
		{"Room", []Panel{
			{Title: "CPU asked for", Description: "By pods, of what nodes have for them.", Unit: "percentunit", Red: at(0.9),
				Queries: []Query{{`sum(kube_pod_container_resource_requests{resource="cpu"}) / sum(kube_node_status_allocatable{resource="cpu"})`, "asked for"}}},
			{Title: "Memory asked for", Description: "By pods, of what nodes have for them.", Unit: "percentunit", Red: at(0.9),
				Queries: []Query{{`sum(kube_pod_container_resource_requests{resource="memory"}) / sum(kube_node_status_allocatable{resource="memory"})`, "asked for"}}},
			{Title: "Volumes", Description: "What is left of each.", Unit: "percentunit",
				Queries: []Query{{`kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes`, "{{namespace}}/{{persistentvolumeclaim}}"}}},
		}},
		{"Parts", []Panel{
			{Title: "Pods missing", Description: "Of deployments, sets and agents.", Unit: "short", Queries: []Query{
				{`sum by (namespace, deployment) (kube_deployment_spec_replicas - kube_deployment_status_replicas_available) > 0`, "{{namespace}}/{{deployment}}"},
				{`sum by (namespace, statefulset) (kube_statefulset_replicas - kube_statefulset_status_replicas_ready) > 0`, "{{namespace}}/{{statefulset}}"},
				{`sum by (namespace, daemonset) (kube_daemonset_status_number_unavailable) > 0`, "{{namespace}}/{{daemonset}}"},
			}},
			{Title: "Restarts", Description: "Of containers, within an hour.", Unit: "short",
				Queries: []Query{{`topk(10, sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total[1h])) > 0)`, "{{namespace}}/{{pod}}"}}},
			{Title: "Certificates", Description: "How long each holds.", Unit: "s",
				Queries: []Query{{`(certmanager_certificate_expiration_timestamp_seconds > 0) - time()`, "{{exported_namespace}}/{{name}}"}}},
		}},
		{"Who watches", []Panel{
			{Title: "Targets that answer", Description: "Of each job.", Unit: "percentunit", Queries: []Query{{`avg by (job) (up)`, "{{job}}"}}},
			{Title: "Rules that fail", Description: "In each group, per second.", Unit: "short",
				Queries: []Query{{`sum by (rule_group) (rate(prometheus_rule_evaluation_failures_total[5m])) > 0`, "{{rule_group}}"}}},
			{Title: "Notifications that do not arrive", Description: "Of all that are sent.", Unit: "percentunit", Red: at(0.05), Queries: []Query{
				{`sum by (integration) (rate(alertmanager_notifications_failed_total[15m])) / sum by (integration) (rate(alertmanager_notifications_total[15m]))`, "{{integration}}"},
			}},
		}},
	},
}

// service shows rate, errors and duration of requests, and how full what serves them is
// (https://grafana.com/blog/2018/08/02/the-red-method-how-to-instrument-your-services/).
var service = Board{
	ID: alert.BoardService, Title: "Service", Description: "Requests, failures and times of one service, and how full it is.", Variables: []Variable{byService},
	Rows: []Row{
		{"Requests", []Panel{
			{Title: "Rate", Description: "Requests, or messages of who answers nobody.", Unit: "reqps",
				Queries: []Query{{alert.RequestRate + `{service="$service"}`, "requests"}}},
			{Title: "Failures", Description: "Of all requests, and what is promised.", Unit: "percentunit", Queries: []Query{
				{alert.FailureRatio + `5m{service="$service"}`, "fail"},
				{alert.Promised + `{service="$service",objective="availability"}`, "may fail"},
			}},
			{Title: "Slow requests", Description: "Slower than is promised, of all.", Unit: "percentunit", Queries: []Query{
				{alert.SlowRatio + `5m{service="$service"}`, "are slow"},
				{alert.Promised + `{service="$service",objective="latency"}`, "may be slow"},
			}},
		}},
		{"Times", []Panel{
			{Title: "At the door", Description: "Where the door is in the cluster.", Unit: "ms", Queries: []Query{
				{`histogram_quantile(0.99, sum by (le, route) (rate(kong_request_latency_ms_bucket{service="$service"}[5m])))`, "99 % {{route}}"},
				{`histogram_quantile(0.5, sum by (le, route) (rate(kong_request_latency_ms_bucket{service="$service"}[5m])))`, "50 % {{route}}"},
			}},
			{Title: "At the server", Description: "As the service itself measures.", Unit: "s", Queries: []Query{
				{`histogram_quantile(0.99, sum by (le, http_route) (rate(http_server_request_duration_seconds_bucket{namespace="$service"}[5m])))`, "99 % {{http_route}}"},
				{`histogram_quantile(0.99, sum by (le) (rate(messaging_process_duration_seconds_bucket{namespace="$service"}[5m])))`, "99 % of messages"},
			}},
			{Title: "Turned away", Description: "By the rate of the route.", Unit: "reqps",
				Queries: []Query{{`sum by (route) (rate(kong_http_requests_total{service="$service",code="429"}[5m]))`, "{{route}}"}}},
		}},
		{"Pods", []Panel{
			{Title: "Pods", Description: "That serve, that are wanted, and that there may be.", Unit: "short", Queries: []Query{
				{`sum(kube_deployment_status_replicas_available{namespace="$service"})`, "serve"},
				{`sum(kube_deployment_spec_replicas{namespace="$service"})`, "wanted"},
				{`max(kube_horizontalpodautoscaler_spec_max_replicas{namespace="$service"})`, "at most"},
			}},
			{Title: "Messages", Description: "As the autoscaler sees the queues.", Unit: "short",
				Queries: []Query{{`max by (metric) (keda_scaler_metrics_value{scaledObject="$service"})`, "{{metric}}"}}},
			{Title: "Restarts", Description: "Within an hour.", Unit: "short",
				Queries: []Query{{`sum by (pod) (increase(kube_pod_container_status_restarts_total{namespace="$service"}[1h])) > 0`, "{{pod}}"}}},
		}},
		{"How full", []Panel{
			{Title: "CPU", Description: "Used, of what is asked for.", Unit: "percentunit", Queries: []Query{
				{`sum(rate(container_cpu_usage_seconds_total{namespace="$service",container!=""}[5m])) / sum(kube_pod_container_resource_requests{namespace="$service",resource="cpu"})`, "used"},
			}},
			{Title: "Held back", Description: "Periods in which a limit stopped containers.", Unit: "percentunit", Red: at(0.25), Queries: []Query{
				{`sum(rate(container_cpu_cfs_throttled_periods_total{namespace="$service",container!=""}[5m])) / sum(rate(container_cpu_cfs_periods_total{namespace="$service",container!=""}[5m]))`, "held back"},
			}},
			{Title: "Memory", Description: "Of the fullest container, of its limit.", Unit: "percentunit", Red: at(0.9), Queries: []Query{
				{`max(max by (namespace, pod, container) (container_memory_working_set_bytes{namespace="$service",container!=""}) / on(namespace, pod, container) max by (namespace, pod, container) (kube_pod_container_resource_limits{namespace="$service",resource="memory"}))`, "used"},
			}},
		}},
	},
}

var team = Board{
	ID: alert.BoardTeam, Title: "Team", Description: "All services of one team.", Variables: []Variable{byTeam},
	Rows: []Row{
		{"Now", []Panel{
			{Title: "Pages", Description: "Alerts that somebody must act on now.", Unit: "short", Last: true,
				Queries: []Query{{`count(ALERTS{alertstate="firing",severity="page",team="$team"}) or vector(0)`, ""}}},
			{Title: "Tickets", Description: "Alerts that wait for the working day.", Unit: "short", Last: true,
				Queries: []Query{{`count(ALERTS{alertstate="firing",severity="ticket",team="$team"}) or vector(0)`, ""}}},
			{Title: "Least budget left", Description: "Of all objectives of the team.", Unit: "percentunit", Last: true, Red: at(0),
				Queries: []Query{{`min(` + alert.Remaining + `{team="$team"})`, ""}}},
		}},
		{"Services", []Panel{
			{Title: "Requests", Description: "Of each service.", Unit: "reqps", Queries: []Query{{alert.RequestRate + `{team="$team"}`, "{{service}}"}}},
			{Title: "Failures", Description: "Of all requests.", Unit: "percentunit", Queries: []Query{{alert.FailureRatio + `1h{team="$team"}`, "{{service}}"}}},
			{Title: "Slow requests", Description: "Slower than is promised.", Unit: "percentunit", Queries: []Query{{alert.SlowRatio + `1h{team="$team"}`, "{{service}}"}}},
		}},
		{"Alerts", []Panel{
			{Title: "What fires", Description: "Over time, by alert.", Unit: "short",
				Queries: []Query{{`count by (alertname, service) (ALERTS{alertstate="firing",team="$team"})`, "{{alertname}} {{service}}"}}},
		}},
	},
}

var budget = Board{
	ID: alert.BoardBudget, Title: "Error budget", Description: "What is left of what may fail, over 30 days.", Variables: []Variable{byService},
	Rows: []Row{
		{"Left", []Panel{
			{Title: "Of availability", Description: "1 is untouched, below 0 the promise is broken.", Unit: "percentunit", Last: true, Red: at(0),
				Queries: []Query{{alert.Remaining + `{service="$service",objective="availability"}`, ""}}},
			{Title: "Of latency", Description: "1 is untouched, below 0 the promise is broken.", Unit: "percentunit", Last: true, Red: at(0),
				Queries: []Query{{alert.Remaining + `{service="$service",objective="latency"}`, ""}}},
		}},
		{"How fast it goes: 1 lasts for 30 days", []Panel{
			{Title: "Availability", Description: "Pages at 14.4 over an hour and 6 over six, tickets at 1 over three days.", Unit: "short", Queries: []Query{
				{burned(alert.FailureRatio, "1h", alert.Availability), "1h"}, {burned(alert.FailureRatio, "6h", alert.Availability), "6h"},
				{burned(alert.FailureRatio, "3d", alert.Availability), "3d"},
			}},
			{Title: "Latency", Description: "As availability.", Unit: "short", Queries: []Query{
				{burned(alert.SlowRatio, "1h", alert.Latency), "1h"}, {burned(alert.SlowRatio, "6h", alert.Latency), "6h"}, {burned(alert.SlowRatio, "3d", alert.Latency), "3d"},
			}},
		}},
		{"All services", []Panel{
			{Title: "Least left", Description: "The ten with the least.", Unit: "percentunit",
				Queries: []Query{{`bottomk(10, ` + alert.Remaining + `)`, "{{service}} {{objective}}"}}},
		}},
	},
}

// burned is how many times as fast as it would last the budget goes.
func burned(ratio, window, objective string) string {
	return ratio + window + `{service="$service"} / on(service) ` + alert.Promised + `{service="$service",objective="` + objective + `"}`
}
