package alertmanager_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/tests/prometheus/alertmanager"
)

var company = notify.Args{
	Owner: "platform", Pages: true,
	Teams: map[string]notify.Team{
		"platform": {Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Webhook}},
		"checkout": {
			Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Slack, Channel: "#checkout"},
			Quiet: &notify.Quiet{Zone: "Europe/Berlin", From: "18:00", To: "08:00", Weekends: true},
		},
		"payments": {
			Page: notify.Receiver{Kind: notify.Webhook}, Ticket: notify.Receiver{Kind: notify.MicrosoftTeams},
			Quiet: &notify.Quiet{Zone: "UTC", From: "12:00", To: "13:00"},
		},
	},
}

const secrets = `{
	"heartbeat": "https://heartbeat.example.com/ping/environment",
	"platform": {"page": "0123456789abcdef0123456789abcdef", "ticket": "https://tickets.example.com/platform"},
	"checkout": {"page": "fedcba9876543210fedcba9876543210", "ticket": "https://hooks.example.com/{{ not a template }}"},
	"payments": {"page": "https://pages.example.com/payments", "ticket": "https://teams.example.com/payments"}
}`

func loaded(t *testing.T, a notify.Args) alertmanager.Routing {
	t.Helper()
	text, err := a.Template()
	if err != nil {
		t.Fatal(err)
	}
	whole, err := alertmanager.Complete(text, secrets)
	if err != nil {
		t.Fatal(err)
	}
	routing, err := alertmanager.Load(whole)
	if err != nil {
		t.Fatalf("%v in\n%s", err, whole)
	}
	return routing
}

func TestAlertsGoToTheirOwners(t *testing.T) {
	paging, quiet := loaded(t, company), company
	quiet.Pages = false
	for name, test := range map[string]struct {
		routing  alertmanager.Routing
		labels   map[string]string
		receiver string
		repeat   time.Duration
	}{
		"a page wakes its team":                {paging, map[string]string{"team": "checkout", "severity": "page"}, "checkout-page", 4 * time.Hour},
		"a ticket waits at its team":           {paging, map[string]string{"team": "checkout", "severity": "ticket"}, "checkout-ticket", 24 * time.Hour},
		"another team is another":              {paging, map[string]string{"team": "payments", "severity": "page"}, "payments-page", 4 * time.Hour},
		"what is nobody's is the platform's":   {paging, map[string]string{"team": "gone", "severity": "page"}, "platform-ticket", 24 * time.Hour},
		"the dead man's switch goes out":       {paging, map[string]string{"alertname": alert.Watchdog, "team": "platform", "severity": "heartbeat"}, "heartbeat", time.Minute},
		"where nobody is woken it is a ticket": {loaded(t, quiet), map[string]string{"team": "checkout", "severity": "page"}, "checkout-ticket", 24 * time.Hour},
	} {
		ways := test.routing.Ways(test.labels)
		if len(ways) != 1 || ways[0].Receiver != test.receiver || ways[0].Repeat != test.repeat {
			t.Errorf("%s: got %v, want %s every %s", name, ways, test.receiver, test.repeat)
		}
	}
}

func TestTicketsWaitInQuietHoursAndPagesDoNot(t *testing.T) {
	routing := loaded(t, company)
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		team, severity string
		at             time.Time
		quiet          bool
	}{
		"a ticket at night":           {"checkout", "ticket", time.Date(2026, 11, 25, 23, 0, 0, 0, berlin), true},
		"a ticket before work":        {"checkout", "ticket", time.Date(2026, 11, 26, 7, 59, 0, 0, berlin), true},
		"a ticket at work":            {"checkout", "ticket", time.Date(2026, 11, 26, 8, 1, 0, 0, berlin), false},
		"a ticket in summer":          {"checkout", "ticket", time.Date(2026, 7, 22, 8, 1, 0, 0, berlin), false},
		"a ticket on a Saturday":      {"checkout", "ticket", time.Date(2026, 11, 28, 12, 0, 0, 0, berlin), true},
		"a page at night":             {"checkout", "page", time.Date(2026, 11, 25, 23, 0, 0, 0, berlin), false},
		"a ticket at another's lunch": {"payments", "ticket", time.Date(2026, 11, 28, 12, 30, 0, 0, time.UTC), true},
		"a ticket after lunch":        {"payments", "ticket", time.Date(2026, 11, 28, 13, 30, 0, 0, time.UTC), false},
		"a team without quiet hours":  {"platform", "ticket", time.Date(2026, 11, 25, 3, 0, 0, 0, time.UTC), false},
	} {
		quiet, err := routing.Quiet(routing.Ways(map[string]string{"team": test.team, "severity": test.severity})[0], test.at)
		if err != nil || quiet != test.quiet {
			t.Errorf("%s: got quiet %t, %v", name, quiet, err)
		}
	}
}

func TestReceiversHaveTheirSecretsAndLinks(t *testing.T) {
	routing := loaded(t, company)
	receivers := map[string]int{}
	for i, r := range routing.Config.Receivers {
		receivers[r.Name] = i
	}
	of := func(name string) any {
		r := routing.Config.Receivers[receivers[name]]
		switch {
		case len(r.PagerdutyConfigs) == 1:
			return string(r.PagerdutyConfigs[0].RoutingKey) + " " + r.PagerdutyConfigs[0].Links[0].Href
		case len(r.SlackConfigs) == 1:
			return r.SlackConfigs[0].APIURL.Path + " " + r.SlackConfigs[0].Channel + " " + r.SlackConfigs[0].TitleLink
		case len(r.MSTeamsV2Configs) == 1:
			return r.MSTeamsV2Configs[0].WebhookURL.Host
		case len(r.WebhookConfigs) == 1:
			return string(r.WebhookConfigs[0].URL)
		}
		return nil
	}
	for name, want := range map[string]string{
		"checkout-page":   "fedcba9876543210fedcba9876543210 {{ .CommonAnnotations.runbook_url }}",
		"checkout-ticket": "/{{ not a template }} #checkout {{ .CommonAnnotations.runbook_url }}",
		"payments-ticket": "teams.example.com",
		"payments-page":   "https://pages.example.com/payments",
		"heartbeat":       "https://heartbeat.example.com/ping/environment",
	} {
		if got := of(name); got != want {
			t.Errorf("%s: got %v, want %s", name, got, want)
		}
	}
}

func TestAMissingSecretSpoilsTheWhole(t *testing.T) {
	text, err := company.Template()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text, "SECRET-OF") {
		t.Error("a secret has no place in the template")
	}
	for name, spoiled := range map[string]string{
		"a team is missing": `{"heartbeat": "https://heartbeat.example.com/ping"}`,
		"a key is short":    strings.Replace(secrets, "fedcba9876543210fedcba9876543210", "fed", 1),
		"a key is missing":  strings.Replace(secrets, `"page": "fedcba9876543210fedcba9876543210", `, "", 1),
		"no document":       "",
	} {
		if _, err := alertmanager.Complete(text, spoiled); err == nil {
			t.Errorf("%s, and the configuration is made", name)
		}
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := notify.Args{Owner: "nobody", Teams: map[string]notify.Team{
		"Checkout": {Page: notify.Receiver{Kind: "pigeon"}, Ticket: notify.Receiver{Kind: notify.Slack}, Quiet: &notify.Quiet{Zone: "Mars", From: "25:00", To: "25:00"}},
		"payments": {Page: notify.Receiver{Kind: notify.PagerDuty, Channel: "#a"}, Ticket: notify.Receiver{Kind: notify.Webhook}},
	}}.Validate()
	want := []string{
		`owner: value "nobody": one of [Checkout payments] is allowed`,
		`teams.Checkout: value "Checkout": lower-case words joined by hyphens are allowed`,
		`teams.Checkout.page.kind: value "pigeon": one of [pagerduty slack msteams webhook] is allowed`,
		`teams.Checkout.quiet.from: value "25:00": a time of day is allowed, as 18:00`,
		`teams.Checkout.quiet.to: value "25:00": a time of day is allowed, as 18:00`,
		`teams.Checkout.quiet.to: value "25:00": another time than quiet.from is allowed`,
		`teams.Checkout.quiet.zone: value "Mars": a zone of the IANA database is allowed, as Europe/Berlin`,
		`teams.Checkout.ticket.channel: value "": a channel is needed, as #orders`,
		`teams.payments.page.channel: value "#a": nothing is allowed: only slack has channels`,
	}
	if err == nil || !reflect.DeepEqual(strings.Split(err.Error(), "\n"), want) {
		t.Errorf("got\n%v\nwant\n%s", err, strings.Join(want, "\n"))
	}
}

func TestWhatExplainsAnotherAlertHidesIt(t *testing.T) {
	routing := loaded(t, company)
	var hidden []string
	for _, rule := range routing.Config.InhibitRules {
		if len(rule.Equal) == 0 {
			t.Errorf("%v hides whatever it is about", rule.SourceMatchers)
		}
		for _, matcher := range rule.TargetMatchers {
			hidden = append(hidden, strings.Split(matcher.Value, "|")...)
		}
		for _, matcher := range append(slices.Clone(rule.SourceMatchers), rule.TargetMatchers...) {
			for _, name := range strings.Split(matcher.Value, "|") {
				if !known(name) {
					t.Errorf("there is no alert %s", name)
				}
			}
		}
	}
	for _, never := range []string{"ServiceDown", "PlatformPartDown", "NotificationsFailing", alert.Watchdog} {
		if slices.Contains(hidden, never) {
			t.Errorf("%s is hidden by another", never)
		}
	}
}

// known says whether an alert is one of a service or of the platform.
func known(name string) bool {
	s := alert.Service{Name: "orders", Team: "checkout", Availability: 99.9, P99: time.Second, Routed: true, Doors: true, Consumes: true, Secrets: true, Grows: true, Healed: true}
	for _, group := range append(s.Groups(alert.Links{}), alert.Platform{Team: "platform"}.Groups(alert.Links{})...) {
		if slices.ContainsFunc(group.Rules, func(r alert.Rule) bool { return r.Alert == name }) {
			return true
		}
	}
	return false
}
