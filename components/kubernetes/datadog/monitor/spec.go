package monitor

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/datadog/query"
)

// monitorSpec is what the operator makes a monitor of
// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/config/crd/bases/v1/datadoghq.com_datadogmonitors.yaml).
type monitorSpec struct {
	Name     string             `json:"name"`
	Type     string             `json:"type"`
	Query    pulumi.StringInput `json:"query"`
	Message  pulumi.StringInput `json:"message"`
	Priority int                `json:"priority"`
	Tags     []string           `json:"tags"`
	Options  options            `json:"options"`
	Control  control            `json:"controllerOptions"`
}

// control: the operator would add tags of its own to what is in the cluster, and each run would take them off again.
type control struct {
	NoTags bool `json:"disableRequiredTags"`
}

type options struct {
	IncludeTags bool       `json:"includeTags"`
	NotifyAudit bool       `json:"notifyAudit"`
	NoData      bool       `json:"notifyNoData"`
	NoDataAfter int        `json:"noDataTimeframe,omitempty"`
	Renotify    int        `json:"renotifyInterval"`
	FullWindow  bool       `json:"requireFullWindow"`
	Thresholds  thresholds `json:"thresholds"`
}

type thresholds struct {
	Critical string `json:"critical"`
	OK       string `json:"ok,omitempty"`
}

// A page is said again every four hours while it lasts, a ticket once a day, as Alertmanager does it; in minutes.
const (
	pageAgain   = 4 * 60
	ticketAgain = 24 * 60
)

// Priorities of Datadog go from 1 to 5.
const (
	pagePriority   = 1
	ticketPriority = 3
)

// period is over how long an objective is kept, in Datadog's words.
const period = "30d"

// scoped is a query of one cluster.
func (a Args) scoped(text string) string {
	return strings.ReplaceAll(text, query.Scope, query.ScopeTag(a.Cluster))
}

// spec is a monitor. objectives are the identifiers of the service's, dashboard is where the dashboard is.
func (a Args) spec(of alert.Alert, m query.Measure, objectives map[string]pulumi.StringOutput, dashboard pulumi.StringOutput) monitorSpec {
	out := monitorSpec{
		Name: a.name(of, m), Type: string(m.Kind), Query: pulumi.String(a.scoped(m.Query)), Tags: a.tags(of), Priority: ticketPriority,
		Message: dashboard.ApplyT(func(at string) string { return a.message(of, m, at) }).(pulumi.StringOutput),
		Options: options{
			IncludeTags: true, Renotify: ticketAgain, NoData: m.Quiet > 0, NoDataAfter: m.Quiet,
			Thresholds: thresholds{Critical: query.Number(m.Threshold)},
		},
		Control: control{NoTags: true},
	}
	if a.urgent(of) {
		out.Priority, out.Options.Renotify = pagePriority, pageAgain
	}
	switch m.Kind {
	case query.Check:
		out.Options.Thresholds.OK = "1"
	case query.BurnRate:
		out.Query = objectives[m.Objective].ApplyT(func(id string) string { return m.Burn.Text(id, period) }).(pulumi.StringOutput)
	}
	return out
}

// objectiveSpec is what the operator makes an objective of
// (https://github.com/DataDog/datadog-operator/blob/v1.29.0/config/crd/bases/v1/datadoghq.com_datadogslos.yaml).
type objectiveSpec struct {
	Name        string   `json:"name"`
	Description string   `json:"description"`
	Type        string   `json:"type"`
	Query       ratio    `json:"query"`
	Timeframe   string   `json:"timeframe"`
	Target      string   `json:"targetThreshold"`
	Tags        []string `json:"tags"`
	Control     control  `json:"controllerOptions"`
}

type ratio struct {
	Good  string `json:"numerator"`
	Total string `json:"denominator"`
}

func (a Args) objective(s alert.Service, p alert.Promise) objectiveSpec {
	return objectiveSpec{
		Name: fmt.Sprintf("[%s] %s of %s", a.Cluster, p.Objective, s.Name), Description: p.Summary, Type: "metric",
		Query: ratio{a.scoped(p.Good), a.scoped(p.Total)}, Timeframe: period, Target: query.Number(p.Percent),
		Tags: []string{"env:" + a.Cluster, "objective:" + p.Objective, "service:" + s.Name, "team:" + s.Team}, Control: control{NoTags: true},
	}
}
