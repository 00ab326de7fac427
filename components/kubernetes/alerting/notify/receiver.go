package notify

import "platform/components/kubernetes/alerting/alert"

// receiver is whom Alertmanager tells (https://prometheus.io/docs/alerting/latest/configuration/#receiver).
type receiver struct {
	Name      string           `yaml:"name"`
	PagerDuty []pagerDuty      `yaml:"pagerduty_configs,omitempty"`
	Slack     []slack          `yaml:"slack_configs,omitempty"`
	Teams     []microsoftTeams `yaml:"msteamsv2_configs,omitempty"`
	Webhooks  []webhook        `yaml:"webhook_configs,omitempty"`
}

type pagerDuty struct {
	RoutingKey  string            `yaml:"routing_key"`
	Description string            `yaml:"description"`
	Severity    string            `yaml:"severity"`
	Details     map[string]string `yaml:"details"`
	Links       []link            `yaml:"links"`
}

type link struct {
	Href string `yaml:"href"`
	Text string `yaml:"text"`
}

type slack struct {
	APIURL       string `yaml:"api_url"`
	Channel      string `yaml:"channel"`
	Title        string `yaml:"title"`
	TitleLink    string `yaml:"title_link"`
	Text         string `yaml:"text"`
	SendResolved bool   `yaml:"send_resolved"`
}

type microsoftTeams struct {
	WebhookURL   string `yaml:"webhook_url"`
	Title        string `yaml:"title"`
	Text         string `yaml:"text"`
	SendResolved bool   `yaml:"send_resolved"`
}

type webhook struct {
	URL          string `yaml:"url"`
	SendResolved *bool  `yaml:"send_resolved,omitempty"`
}

func no() *bool { return new(bool) }

// What people read, in Alertmanager's own templates (https://prometheus.io/docs/alerting/latest/notifications/): what is
// the matter and where, and the two links by which the work begins.
const (
	title   = `{{ if eq .Status "resolved" }}over: {{ end }}{{ .CommonAnnotations.summary }} ({{ .CommonLabels.severity }}, {{ .CommonLabels.environment }})`
	text    = `{{ range .Alerts }}{{ .Annotations.description }}` + "\n" + `{{ end }}What to do: {{ .CommonAnnotations.runbook_url }}` + "\n" + `Look: {{ .CommonAnnotations.dashboard_url }}`
	runbook = `{{ .CommonAnnotations.runbook_url }}`
	board   = `{{ .CommonAnnotations.dashboard_url }}`
)

// at is the receiver of a team, with a place for its secret.
func (r Receiver) at(team string, severity alert.Severity) receiver {
	out, secret := receiver{Name: to(team, severity)}, placed(team, string(severity))
	switch r.Kind {
	case PagerDuty:
		urgency := "warning"
		if severity == alert.Page {
			urgency = "critical"
		}
		out.PagerDuty = []pagerDuty{{
			RoutingKey: secret, Description: title, Severity: urgency, Details: map[string]string{"description": text},
			Links: []link{{runbook, "What to do"}, {board, "Dashboard"}},
		}}
	case Slack:
		out.Slack = []slack{{APIURL: secret, Channel: r.Channel, Title: title, TitleLink: runbook, Text: text, SendResolved: true}}
	case MicrosoftTeams:
		out.Teams = []microsoftTeams{{WebhookURL: secret, Title: title, Text: text, SendResolved: true}}
	case Webhook:
		out.Webhooks = []webhook{{URL: secret}}
	}
	return out
}
