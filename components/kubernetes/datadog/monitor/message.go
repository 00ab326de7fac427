package monitor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/datadog/query"
)

// tagsOf are Datadog's tags of what Prometheus calls otherwise
// (https://docs.datadoghq.com/containers/kubernetes/tag/#out-of-the-box-tags).
var tagsOf = map[string]string{
	"namespace": "kube_namespace", "pod": "pod_name", "container": "kube_container_name", "deployment": "kube_deployment",
	alert.Owned: "certificate_namespace",
}

// words are Datadog's own variables of a message (https://docs.datadoghq.com/monitors/notify/variables/). What Prometheus has as a share,
// monitors measure in percent.
func words(what, label string) string {
	switch what {
	case "share":
		return "{{value}} %"
	case "duration":
		return "{{value}} seconds"
	case "of":
		return "{{" + TagOf(label) + ".name}}"
	}
	return "{{value}}"
}

// TagOf is Datadog's tag of what a description calls by Prometheus's label.
func TagOf(label string) string { return cmp.Or(tagsOf[label], label) }

// unsaid are characters that no name of a channel or integration has in a handle.
var unsaid = strings.NewReplacer("#", "", " ", "-")

// handle is by which Datadog finds whom it tells, each integration in its own form: those of a team are named as the team is
// (https://docs.datadoghq.com/monitors/notify/#notifications). In Slack it is a channel.
func handle(team string, r notify.Receiver) string {
	switch r.Kind {
	case notify.PagerDuty:
		return "@pagerduty-" + team
	case notify.Slack:
		return "@slack-" + unsaid.Replace(r.Channel)
	case notify.MicrosoftTeams:
		return "@teams-" + team
	}
	return "@webhook-" + team
}

// told is whom an alert is told: where nobody may be woken, as what waits for the working day. What Prometheus sends always, is told
// here when it stays away, and that must wake somebody.
func (a Args) told(of alert.Alert) string {
	team, known := a.Notify.Teams[of.Team]
	name := of.Team
	if !known {
		team, name = a.Notify.Teams[a.Notify.Owner], a.Notify.Owner
	}
	if a.urgent(of) {
		return handle(name, team.Page)
	}
	return handle(name, team.Ticket)
}

func (a Args) urgent(of alert.Alert) bool { return a.Notify.Pages && of.Severity != alert.Ticket }

// message is what people read: what is seen and what comes of it, what to do, where to look, and who is told. Dashboard is
// where the dashboard is.
func (a Args) message(of alert.Alert, m query.Measure, dashboard string) string {
	text := of.Description
	if m.Says != "" {
		text = m.Says
	}
	if of.Service != "" {
		dashboard += "?tpl_var_service=" + of.Service
	}
	return fmt.Sprintf("%s\n\nRunbook: %s\nDashboard: %s\n\n%s", alert.Text(text, words), a.Links.Runbook(of.Name), dashboard, a.told(of))
}

// name is what a monitor is called, in a list of those of all environments.
func (a Args) name(of alert.Alert, m query.Measure) string {
	out := fmt.Sprintf("[%s] %s: %s", a.Cluster, of.Name, of.Summary)
	if m.Role != "" {
		out += " (" + m.Role + ")"
	}
	return out
}

// tags are those by which monitors are found, and by which a team's can be silenced.
func (a Args) tags(of alert.Alert) []string {
	out := []string{"alert:" + of.Name, "env:" + a.Cluster, query.ScopeTag(a.Cluster), "severity:" + string(of.Severity), "team:" + of.Team}
	if of.Service != "" {
		out = append(out, "service:"+of.Service)
	}
	slices.Sort(out)
	return out
}
