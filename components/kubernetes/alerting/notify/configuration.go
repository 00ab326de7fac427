package notify

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"platform/components/kubernetes/alerting/alert"
)

// document is what Alertmanager reads, as far as the platform sets it
// (https://prometheus.io/docs/alerting/latest/configuration/).
type document struct {
	Route     route      `yaml:"route"`
	Inhibit   []inhibit  `yaml:"inhibit_rules"`
	Intervals []interval `yaml:"time_intervals,omitempty"`
	Receivers []receiver `yaml:"receivers"`
}

type route struct {
	Receiver       string   `yaml:"receiver,omitempty"`
	Matchers       []string `yaml:"matchers,omitempty"`
	GroupBy        []string `yaml:"group_by,omitempty"`
	GroupWait      string   `yaml:"group_wait,omitempty"`
	GroupInterval  string   `yaml:"group_interval,omitempty"`
	RepeatInterval string   `yaml:"repeat_interval,omitempty"`
	Mute           []string `yaml:"mute_time_intervals,omitempty"`
	Routes         []route  `yaml:"routes,omitempty"`
}

const heartbeat = "heartbeat"

// Configuration is what Alertmanager reads, as the text that whoever brings secrets into the cluster completes: the one
// secret is a JSON document, by the names of HeartbeatKey and of the teams (see Template).
func (a Args) Configuration() (string, error) {
	if err := a.Validate(); err != nil {
		return "", err
	}
	teams := slices.Sorted(maps.Keys(a.Teams))
	d := document{Route: a.root(teams), Inhibit: inhibits}
	d.Receivers = append(d.Receivers, receiver{Name: heartbeat, Webhooks: []webhook{{URL: placed(heartbeat), SendResolved: no()}}})
	for _, name := range teams {
		team := a.Teams[name]
		if a.Pages {
			d.Receivers = append(d.Receivers, team.Page.at(name, alert.Page))
		}
		d.Receivers = append(d.Receivers, team.Ticket.at(name, alert.Ticket))
		if team.Quiet != nil {
			d.Intervals = append(d.Intervals, interval{quietOf(name), team.Quiet.times()})
		}
	}
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(d); err != nil {
		return "", fmt.Errorf("write Alertmanager's configuration: %w", err)
	}
	return b.String(), e.Close()
}

// to is the receiver of a team.
func to(team string, severity alert.Severity) string { return team + "-" + string(severity) }

func quietOf(team string) string { return team + "-quiet" }

// root groups what is the same trouble of the same thing, and waits a moment for what comes with it. What is nobody's goes
// to the owner, so that nothing is lost on the way.
func (a Args) root(teams []string) route {
	out := route{
		Receiver: to(a.Owner, alert.Ticket), GroupBy: []string{"alertname", alert.LabelTeam, alert.LabelService, alert.LabelSeverity},
		GroupWait: "30s", GroupInterval: "5m", RepeatInterval: "1d",
		Routes: []route{{
			// Whoever misses it gives it some minutes (docs/runbooks/watchdog.md).
			Receiver: heartbeat, Matchers: []string{is("alertname", alert.Watchdog)}, GroupWait: "0s", GroupInterval: "1m", RepeatInterval: "1m",
		}},
	}
	for _, name := range teams {
		out.Routes = append(out.Routes, a.of(name))
	}
	return out
}

// of is the route of a team. A page is said again every four hours while it lasts, a ticket once a day.
func (a Args) of(name string) route {
	out := route{Receiver: to(name, alert.Ticket), Matchers: []string{is(alert.LabelTeam, name)}}
	if a.Pages {
		out.Routes = append(out.Routes, route{
			Receiver: to(name, alert.Page), Matchers: []string{is(alert.LabelSeverity, string(alert.Page))}, RepeatInterval: "4h",
		})
	}
	if a.Teams[name].Quiet != nil {
		out.Mute = []string{quietOf(name)}
	}
	return out
}

func is(label, value string) string { return fmt.Sprintf("%s=%q", label, value) }

type inhibit struct {
	Source []string `yaml:"source_matchers"`
	Target []string `yaml:"target_matchers"`
	Equal  []string `yaml:"equal"`
}

// inhibits: where one alert says why another fires, the other is not sent. A label that both lack is equal too, so what is
// compared is what both have.
var inhibits = []inhibit{
	because("ServiceDown", []string{alert.LabelService},
		"AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly", "LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly", "PodsMissing"),
	because("AvailabilityBudgetBurnsFast", []string{alert.LabelService}, "AvailabilityBudgetBurnsSlowly"),
	because("LatencyBudgetBurnsFast", []string{alert.LabelService}, "LatencyBudgetBurnsSlowly"),
	because("PlatformPartDown", []string{"namespace", "deployment"}, "PodsMissing"),
	because("VolumeAlmostFull", []string{"namespace", "persistentvolumeclaim"}, "VolumeFilling"),
	because("CertificateEnding", []string{"name", alert.Owned}, "CertificateNotRenewed"),
}

func because(source string, equal []string, targets ...string) inhibit {
	return inhibit{
		Source: []string{is("alertname", source)}, Target: []string{fmt.Sprintf("alertname=~%q", strings.Join(targets, "|"))}, Equal: equal,
	}
}
