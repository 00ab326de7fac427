package catalog_test

import (
	"testing"

	"platform/components/kubernetes/alerting/notify"
	"platform/stacks/catalog"
)

func TestFaultsOfAlertsAreAllNamed(t *testing.T) {
	_, err := catalog.Parse([]byte(`
a: {email: a@example.com, costCentre: "1", alerts: {page: {kind: pigeon}, ticket: {kind: slack}}}
platform: {email: p@example.com, costCentre: "1", alerts: {page: {kind: pagerduty}, ticket: {kind: webhook}, quiet: {zone: Mars, from: "18:00", to: "8"}}}
`), []byte(`
web:
  team: a
  scaling: {min: 1, max: 2, cpu: 70, startup: 5s}
  requests: {milliCPU: 100, memoryMiB: 64}
  slo: {availability: 90, p99: -1s}
  data: public
`))
	want := `services.yaml: web.slo.availability: value "90": more than 93.06 and less than 100 percent is allowed
services.yaml: web.slo.p99: value "-1s": more than 0s, or none, is allowed
teams.yaml: a.alerts.page.kind: value "pigeon": one of [pagerduty slack msteams webhook] is allowed
teams.yaml: a.alerts.ticket.channel: a channel is needed, as #orders
teams.yaml: a.repository: missing: it says what runs of service web
teams.yaml: platform.alerts.quiet.to: value "8": a time of day is allowed, as 18:00
teams.yaml: platform.alerts.quiet.zone: value "Mars": a zone of the IANA database is allowed, as Europe/Berlin`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

func TestEveryTeamHears(t *testing.T) {
	own := notify.Team{Page: notify.Receiver{Kind: notify.Webhook}}
	shared := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}}
	c := catalog.Catalog{Teams: map[string]catalog.Team{"a": {Alerts: &own}, "b": {}, catalog.Owner: {Alerts: &shared}}}
	hearing := c.Hearing()
	if len(hearing) != 3 || hearing["a"] != own || hearing["b"] != shared || hearing[catalog.Owner] != shared {
		t.Errorf("got %v", hearing)
	}
}
