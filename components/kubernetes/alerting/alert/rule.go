package alert

import (
	"regexp"
	"strings"
	"time"
	"unicode"

	"platform/components/kubernetes/datadog/query"
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

// Runbook is the address of an alert's page.
func (l Links) Runbook(name string) string {
	return strings.TrimSuffix(l.Runbooks, "/") + "/" + RunbookPage(name)
}

// RunbookPage is the page of an alert in docs/runbooks: PodsMissing has pods-missing.md.
func RunbookPage(name string) string { return Kebab(name) + ".md" }

// Kebab is the name of an alert in words joined by dashes.
func Kebab(name string) string {
	var b strings.Builder
	for i, r := range name {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
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

// Definition is what an alert means, whoever watches: how soon somebody must act, what is said to people, and where they look. What
// Prometheus and Datadog ask for it stands beside each other, so that neither is forgotten.
type Definition struct {
	Name     string
	Severity Severity
	Pending  time.Duration
	Summary  string
	// Description says what is seen and what will come of it. Its numbers are those of the moment: {value}, {share} of a whole,
	// {duration}, and {of:namespace} is the namespace that it is about, or whatever else Prometheus calls so.
	Description string
	Board       string
	Expr        string          // of Prometheus
	Measures    []query.Measure // of Datadog
	// Unmeasured says why Datadog measures nothing for it.
	Unmeasured string
}

// Alert is one of somebody: of a team, and of a service or of none.
type Alert struct {
	Definition
	Team, Service string
}

func ownedBy(team, service string, definitions []Definition) []Alert {
	var out []Alert
	for _, d := range definitions {
		out = append(out, Alert{d, team, service})
	}
	return out
}

// place is where a description names something of the moment.
var place = regexp.MustCompile(`\{(value|share|duration|of:[a-z_]+)\}`)

// Text is a text that names things of the moment, with each in the words of whoever tells it.
func Text(text string, word func(what, label string) string) string {
	return place.ReplaceAllStringFunc(text, func(found string) string {
		what, label, _ := strings.Cut(strings.Trim(found, "{}"), ":")
		return word(what, label)
	})
}

// prometheusWords are Prometheus's own templates (https://prometheus.io/docs/prometheus/latest/configuration/template_reference/).
func prometheusWords(what, label string) string {
	switch what {
	case "share":
		return "{{ $value | humanizePercentage }}"
	case "duration":
		return "{{ $value | humanizeDuration }}"
	case "of":
		return "{{ $labels." + label + " }}"
	}
	return "{{ $value }}"
}

// Rule is the alert as Prometheus has it.
func (a Alert) Rule(links Links) Rule {
	r := Rule{
		Alert: a.Name, Expr: a.Expr, Labels: map[string]string{LabelTeam: a.Team, LabelSeverity: string(a.Severity)},
		Annotations: map[string]string{
			Summary: a.Summary, Description: Text(a.Description, prometheusWords),
			Runbook: links.Runbook(a.Name), Dashboard: links.board(a.Board, a.Service),
		},
	}
	if a.Service != "" {
		r.Labels[LabelService] = a.Service
	}
	if a.Pending > 0 {
		r.For = Written(a.Pending)
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
