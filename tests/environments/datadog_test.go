package environments

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"
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

// rehearsedByDatadog are those that live through a whole rehearsal: one of each cloud, and one with doors in the cluster. The others are built.
var rehearsedByDatadog = []string{"dev-aws", "dev-azure", "dev-gcp"}

// TestEveryEnvironmentStandsWithDatadogInstead takes each committed environment with Datadog in the place of Prometheus.
func TestEveryEnvironmentStandsWithDatadogInstead(t *testing.T) {
	t.Parallel()
	for _, name := range committed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := altered(t, name, func(text string) string { return byDatadog(t, text) })
			var out bytes.Buffer
			e := judged(t, folder, name, t.TempDir(), &out, nothing)
			if slices.Contains(rehearsedByDatadog, name) {
				if err := e.Rehearse(t.Context()); err != nil {
					t.Errorf("%v\n%s", err, tail(out.String()))
				}
				return
			}
			if _, err := e.Up(t.Context()); err != nil {
				t.Errorf("%v\n%s", err, tail(out.String()))
			}
		})
	}
}
