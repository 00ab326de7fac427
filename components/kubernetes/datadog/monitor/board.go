package monitor

import (
	"encoding/json"
	"fmt"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/datadog/query"
)

// board is one dashboard: the same that Grafana has (components/kubernetes/dashboards/board), by the same identifiers.
type board struct {
	id, title, description string
	variables              []variable
	groups                 []group
}

// variable is what whoever looks may choose; a query names it as $name.
type variable struct {
	Name   string `json:"name"`
	Prefix string `json:"prefix"`
	// Defaults is what is chosen at first.
	Defaults []string `json:"defaults"`
}

type group struct {
	title  string
	panels []panel
}

// panel shows some queries over time, or the state of what monitors find.
type panel struct {
	title   string
	queries []string
	list    string // of monitors, by a search
	last    bool   // the last value alone
}

// The namespace of a service is its name.
var (
	byService = variable{"service", "kube_namespace", []string{"*"}}
	byTeam    = variable{"team", "team", []string{"*"}}
)

func boards() []board {
	inService := []string{"$service"}
	requests, times := alert.Collected+".http_server_request_duration_seconds", alert.Collected+".http_server_request_duration_seconds"
	failed := append(inService, "http_response_status_code:5*")
	state := func(metric string, tags ...string) string { return query.Of("sum", "kubernetes_state."+metric, tags) }
	return []board{
		{
			alert.BoardPlatform, "Platform", "Whether the cluster and what the platform runs in it are well.", nil, []group{
				{"Now", []panel{
					{title: "What is wrong with the platform", list: "tag:team:platform status:alert"},
					{title: "Nodes ready", last: true, queries: []string{state("node.by_condition", "condition:ready", "status:true")}},
					{title: "Pods without a node", last: true, queries: []string{state("pod.unschedulable", query.None("kube_namespace", "headroom"))}},
				}},
				{"Room", []panel{
					{title: "CPU asked for, of what nodes have", queries: []string{state("container.cpu_requested") + " / " + state("node.cpu_allocatable")}},
					{title: "Memory asked for, of what nodes have", queries: []string{state("container.memory_requested") + " / " + state("node.memory_allocatable")}},
				}},
				{"Parts", []panel{
					{title: "Pods missing", queries: []string{query.Of("sum", "kubernetes_state.deployment.replicas_unavailable", nil, "kube_namespace", "kube_deployment")}},
					{title: "Restarts", queries: []string{"monotonic_diff(" + query.Of("sum", "kubernetes.containers.restarts", nil, "kube_namespace", "pod_name") + ")"}},
				}},
			},
		},
		{
			alert.BoardService, "Service", "Requests, failures and times of one service, and how full it is.", []variable{byService}, []group{
				{"Requests", []panel{
					{title: "Rate", queries: []string{query.Counted(requests+".count", inService), query.Counted(alert.Collected+".messaging_process_duration_seconds.count", inService)}},
					{title: "Failures, of all requests", queries: []string{query.Counted(requests+".count", failed) + " / " + query.Counted(requests+".count", inService)}},
					{title: "Times, 99 of a hundred", queries: []string{query.Of("p99", times, inService)}},
				}},
				{"Pods", []panel{
					{title: "Pods", queries: []string{state("deployment.replicas_available", inService...), state("deployment.replicas_desired", inService...), state("hpa.max_replicas", inService...)}},
					{title: "Restarts", queries: []string{"monotonic_diff(" + query.Of("sum", "kubernetes.containers.restarts", inService, "pod_name") + ")"}},
				}},
				{"How full", []panel{
					{title: "CPU used, in cores", queries: []string{query.Of("sum", "kubernetes.cpu.usage.total", inService, "pod_name") + " / 1000000000"}},
					{title: "Held back, of all periods", queries: []string{query.Of("sum", "kubernetes.cpu.cfs.throttled.periods", inService) + " / " + query.Of("sum", "kubernetes.cpu.cfs.periods", inService)}},
					{title: "Memory, of its limit", queries: []string{query.Of("max", "kubernetes.memory.usage_pct", inService, "pod_name")}},
				}},
				{"Alerts", []panel{{title: "What is wrong", list: "tag:$service.value status:alert"}}},
			},
		},
		{
			alert.BoardTeam, "Team", "All services of one team.", []variable{byTeam}, []group{
				{"Now", []panel{{title: "What is wrong", list: "tag:team:$team.value status:alert"}}},
				{"Services", []panel{
					{title: "Requests", queries: []string{query.Counted(requests+".count", []string{"$team"}, "kube_namespace")}},
					{title: "Failures", queries: []string{query.Counted(requests+".count", []string{"$team", "http_response_status_code:5*"}, "kube_namespace")}},
				}},
			},
		},
		{
			alert.BoardBudget, "Error budget", "What burns the budgets of errors; how much is left of each, its objective shows.", []variable{byService}, []group{
				{"Now", []panel{{title: "Budgets that burn", list: "*BudgetBurns* status:alert"}}},
				{"What fails", []panel{
					{title: "Failures", queries: []string{query.Counted(requests+".count", failed, "kube_namespace")}},
					{title: "Times, 99 of a hundred", queries: []string{query.Of("p99", times, inService, "kube_namespace")}},
				}},
			},
		},
	}
}

// widgets are the panels in Datadog's form (https://docs.datadoghq.com/dashboards/graphing_json/).
func (a Args) widgets(b board) (string, error) {
	var out []any
	for _, g := range b.groups {
		var inner []any
		for _, p := range g.panels {
			inner = append(inner, map[string]any{"definition": a.widget(p)})
		}
		out = append(out, map[string]any{"definition": map[string]any{"type": "group", "layout_type": "ordered", "title": g.title, "widgets": inner}})
	}
	text, err := json.Marshal(out)
	return string(text), err
}

func (a Args) widget(p panel) map[string]any {
	if p.list != "" {
		return map[string]any{
			"type": "manage_status", "title": p.title, "query": "tag:" + query.ScopeTag(a.Cluster) + " " + p.list, "summary_type": "monitors",
			"display_format": "countsAndList", "color_preference": "text", "hide_zero_counts": true, "show_last_triggered": true, "sort": "triggered,desc",
		}
	}
	var requests []any
	for _, q := range p.queries {
		request := map[string]any{"q": a.scoped(q)}
		if p.last {
			request["aggregator"] = "last"
		} else {
			request["display_type"] = "line"
		}
		requests = append(requests, request)
	}
	if p.last {
		return map[string]any{"type": "query_value", "title": p.title, "autoscale": true, "requests": requests}
	}
	return map[string]any{"type": "timeseries", "title": p.title, "requests": requests}
}

// boardSpec is what the operator makes a dashboard of
// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/config/crd/bases/v1/datadoghq.com_datadogdashboards.yaml).
type boardSpec struct {
	Title       string     `json:"title"`
	Description string     `json:"description"`
	Layout      string     `json:"layoutType"`
	Reflow      string     `json:"reflowType"`
	Variables   []variable `json:"templateVariables,omitempty"`
	Tags        []string   `json:"tags"`
	Widgets     string     `json:"widgets"`
}

func (a Args) boardSpec(b board) (boardSpec, error) {
	widgets, err := a.widgets(b)
	// Of a dashboard Datadog takes tags of teams alone (https://docs.datadoghq.com/dashboards/#tags).
	return boardSpec{
		Title: fmt.Sprintf("[%s] %s", a.Cluster, b.title), Description: b.description, Layout: "ordered", Reflow: "auto", Variables: b.variables,
		Tags: []string{"team:" + a.Notify.Owner}, Widgets: widgets,
	}, err
}
