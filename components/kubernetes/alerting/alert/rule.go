package alert

import (
	"strings"
	"time"
	"unicode"
)

// Rule is one rule of Prometheus: a record, or an alert.
type Rule struct {
	Record      string            `json:"record,omitempty"`
	Alert       string            `json:"alert,omitempty"`
	Expr        string            `json:"expr"`
	For         string            `json:"for,omitempty"`
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}

// Group is rules that are evaluated together, in their order.
type Group struct {
	Name     string `json:"name"`
	Interval string `json:"interval"`
	Rules    []Rule `json:"rules"`
}

// Interval is how often rules are evaluated: a page after a minute more is a page in time.
const Interval = time.Minute

// Severity says how soon somebody must act.
type Severity string

// The severities. Page wakes somebody; Ticket waits for the working day; Heartbeat is sent always, to whoever misses it.
const (
	Page      Severity = "page"
	Ticket    Severity = "ticket"
	Heartbeat Severity = "heartbeat"
)

// Severities lists them.
var Severities = []Severity{Page, Ticket, Heartbeat}

// The labels of every alert, by which it finds its way.
const (
	LabelTeam     = "team"
	LabelSeverity = "severity"
	// LabelService is of what is a service's. What is the platform's own says instead what it is about, as its series do.
	LabelService = "service"
)

// The annotations of every alert, as Prometheus's own mixins name them
// (https://github.com/prometheus-operator/runbooks, https://monitoring.mixins.dev/).
const (
	Summary     = "summary"
	Description = "description"
	Runbook     = "runbook_url"
	Dashboard   = "dashboard_url"
)

// Links is where alerts lead to.
type Links struct {
	Runbooks   string // the folder of the pages, as https://git.example.com/platform/docs/runbooks
	Dashboards string // the root of Grafana
}

// RunbookPage is the page of an alert in docs/runbooks: PodsMissing has pods-missing.md.
func RunbookPage(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String() + ".md"
}

// The dashboards, by the identifiers that are part of their addresses: at most 40 characters
// (https://grafana.com/docs/grafana/latest/developers/http_api/dashboard/#identifier-id-vs-unique-identifier-uid).
const (
	BoardPlatform = "platform-overview"
	BoardService  = "platform-service"
	BoardTeam     = "platform-team"
	BoardBudget   = "platform-budget"
)

// board is the address of a dashboard, of one service where there is one
// (https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/create-dashboard-url-variables/).
func (l Links) board(id, service string) string {
	address := strings.TrimSuffix(l.Dashboards, "/") + "/d/" + id
	if service != "" {
		address += "?var-service=" + service
	}
	return address
}

// definition is an alert before it is about something.
type definition struct {
	name     string
	severity Severity
	pending  time.Duration
	summary  string
	// description says what is seen and what will come of it. Its numbers are those of the moment.
	description string
	board       string
	expr        string
}

// about makes the rule of an alert that is of a team, and of a service or of none.
func (d definition) about(team, service string, links Links) Rule {
	r := Rule{
		Alert: d.name, Expr: d.expr, Labels: map[string]string{LabelTeam: team, LabelSeverity: string(d.severity)},
		Annotations: map[string]string{
			Summary: d.summary, Description: d.description,
			Runbook:   strings.TrimSuffix(links.Runbooks, "/") + "/" + RunbookPage(d.name),
			Dashboard: links.board(d.board, service),
		},
	}
	if service != "" {
		r.Labels[LabelService] = service
	}
	if d.pending > 0 {
		r.For = Written(d.pending)
	}
	return r
}

// Written is a duration as Prometheus writes it (https://prometheus.io/docs/prometheus/latest/querying/basics/#float-literals-and-time-durations).
func Written(d time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}} {
		if d%unit.of == 0 {
			return number(float64(d/unit.of)) + unit.name
		}
	}
	return number(float64(d/time.Second)) + "s"
}
