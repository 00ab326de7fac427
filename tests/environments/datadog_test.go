package environments

import (
	"bytes"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"platform/stacks/config"
	"platform/tests/cloud"
)

// sectionOfMonitoring is what an environment's file says of who watches.
var sectionOfMonitoring = regexp.MustCompile(`(?m)^    monitoring:\n(?:      .*\n)+`)

var (
	pagesOf   = regexp.MustCompile(`pages: true`)
	runbookOf = regexp.MustCompile(`runbooks: "([^"]+)"`)
)

// byDatadog is the file of an environment in which Datadog watches, as docs/decisions/datadog.md says to write it.
func byDatadog(t *testing.T, text string) string {
	t.Helper()
	was := sectionOfMonitoring.FindString(text)
	runbooks := runbookOf.FindStringSubmatch(was)
	if runbooks == nil {
		t.Fatalf("no runbooks are named in\n%s", was)
	}
	alerts := `runbooks: "` + runbooks[1] + `"`
	if pagesOf.MatchString(was) {
		alerts = "pages: true, " + alerts
	}
	return strings.Replace(text, was, "    monitoring: {kind: datadog, datadog: {site: datadoghq.eu}, alerts: {"+alerts+"}}\n", 1)
}

// byDatadogToo are the environments that stand with it: one of each cloud and tier. The first lives through a whole rehearsal; the others are built, and asked who
// may talk to whom there. Those left out differ from these in sizes alone, as far as Datadog is concerned.
var byDatadogToo = []string{"dev-aws", "prod-azure", "prod-gcp"}

// TestEnvironmentsStandWithDatadogInstead takes committed environments with Datadog in the place of Prometheus.
func TestEnvironmentsStandWithDatadogInstead(t *testing.T) {
	t.Parallel()
	for i, name := range byDatadogToo {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := altered(t, name, func(text string) string { return byDatadog(t, text) })
			var out bytes.Buffer
			e := judged(t, folder, name, t.TempDir(), &out, nothing)
			if i == 0 {
				if err := e.Rehearse(t.Context()); err != nil {
					t.Errorf("%v\n%s", err, tail(out.String()))
				}
				return
			}
			if _, err := e.Up(t.Context()); err != nil {
				t.Fatalf("%v\n%s", err, tail(out.String()))
			}
			s := settingsIn(t, folder, name)
			partsAreClosed(t, s, e.Cloud.Inventory())
			running := deliveredIn(t, s, e)
			flowsAreTheCatalogues(t, s, running)
			meshIsTheCatalogues(t, s, running)
			everyLinkIsThere(t, s, running)
			aServiceIsFollowedInDatadog(t, s, running)
		})
	}
}

// aServiceIsFollowedInDatadog goes from the catalogue's entry of one service to its objective, to the alert of it and whom that is told, to the
// dashboard and the page that it leads to, and to where the service sends what it tells of itself.
func aServiceIsFollowedInDatadog(t *testing.T, s config.Settings, all []*cloud.Object) {
	t.Helper()
	const service, kinds = "payments", "kubernetes:datadoghq.com/v1alpha1:"
	entry := s.Catalog.Services[service]
	find := func(typ, id string) *cloud.Object {
		t.Helper()
		i := slices.IndexFunc(all, func(o *cloud.Object) bool { return o.Type == typ && o.PublicID() == id })
		if i < 0 {
			t.Fatalf("there is no %s %s", typ, id)
		}
		return all[i]
	}
	objective := find(kinds+"DatadogSLO", "observability/"+service+"-availability")
	if got, want := objective.Str("spec.targetThreshold"), fmt.Sprint(entry.SLO.Availability); got != want {
		t.Errorf("%s is promised, want %s", got, want)
	}
	alert := find(kinds+"DatadogMonitor", "observability/"+service+"-availability-budget-burns-fast-over-1h")
	if got, want := alert.Str("spec.query"), fmt.Sprintf(`burn_rate(%q).over("30d").long_window("1h").short_window("5m") > 14.4`, objective.Value("status.id")); got != want {
		t.Errorf("it asks %s, want %s", got, want)
	}
	hears, message := s.Catalog.Hearing()[entry.Team], alert.Str("spec.message")
	told := "@slack-" + strings.TrimPrefix(hears.Ticket.Channel, "#")
	if s.Monitoring.Alerts.Pages {
		told = "@" + string(hears.Page.Kind) + "-" + entry.Team
	}
	board := find(kinds+"DatadogDashboard", "observability/platform-budget")
	for _, want := range []string{told, fmt.Sprintf("https://app.datadoghq.eu/dashboard/%v?tpl_var_service=%s", board.Value("status.id"), service)} {
		if !strings.Contains(message, want) {
			t.Errorf("%q is not in\n%s", want, message)
		}
	}
	page := regexp.MustCompile(`Runbook: \S*/docs/runbooks/(\S+)`).FindStringSubmatch(message)
	if page == nil {
		t.Fatalf("no page is named in\n%s", message)
	}
	if _, err := os.Stat("../../docs/runbooks/" + page[1]); err != nil {
		t.Error(err)
	}
	told = podsOf(t, all)[service].Environment["OTEL_EXPORTER_OTLP_ENDPOINT"]
	if told != "http://datadog-agent.observability.svc:4318" {
		t.Fatalf("it sends what it tells of itself to %q", told)
	}
	taken := find("kubernetes:core/v1:Service", "observability/datadog-agent")
	if ports, _ := taken.Value("spec.ports").([]any); taken.Str("spec.internalTrafficPolicy") != "Local" ||
		!slices.ContainsFunc(ports, func(p any) bool { return p.(map[string]any)["port"] == 4318.0 }) {
		t.Errorf("nobody takes it there: %v", taken.Inputs)
	}
}
