package alerts

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"platform/stacks/lifecycle/alerts"
)

const stacks = "../../stacks"

// servers are those of the month; the month is recorded once.
type servers struct{ prometheus, alertmanager string }

func (s servers) args(more ...string) []string {
	return append([]string{
		"--environment", "prod-aws", "--stacks", stacks, "--prometheus", s.prometheus, "--alertmanager", s.alertmanager,
		"--until", until.Format(time.RFC3339),
	}, more...)
}

// run runs the command as the operator does; the clock stands at the month's end.
func run(t *testing.T, variables map[string]string, now time.Time, args ...string) (out, progress string, err error) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	c := alerts.Command(func(name string) (string, bool) { value, ok := variables[name]; return value, ok }, func() time.Time { return now })
	c.SilenceErrors, c.SilenceUsage = true, true
	c.SetArgs(args)
	c.SetOut(&stdout)
	c.SetErr(&stderr)
	err = c.ExecuteContext(t.Context())
	return stdout.String(), stderr.String(), err
}

// found reads a report as a program does.
func found(t *testing.T, text string) alerts.Report {
	t.Helper()
	var r alerts.Report
	if err := json.Unmarshal([]byte(text), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

func alertOf(t *testing.T, r alerts.Report, team, name string) alerts.Alert {
	t.Helper()
	for _, o := range r.Owners {
		for _, a := range o.Alerts {
			if o.Team == team && a.Name == name {
				return a
			}
		}
	}
	t.Fatalf("no alert %s of %s", name, team)
	return alerts.Alert{}
}

func TestTheRecordedMonth(t *testing.T) {
	s := servers{startPrometheus(t, record(t, month())), startAlertmanager(t, silences())}

	t.Run("findings", s.findings)
	t.Run("thresholds", s.thresholds)
	t.Run("formats", s.formats)
	t.Run("trees", s.trees)
	t.Run("silences that are forgotten", s.forgotten)
	t.Run("months that are not kept", s.notKept)
	t.Run("behind TLS and a token", s.guarded)
	t.Run("the wrong servers", s.swapped)
	t.Run("no time", s.late)
}

// findings are the planted ones, and no other.
func (s servers) findings(t *testing.T) {
	out, progress, err := run(t, nil, until, s.args("--format", "json", "--silences-kept", "744h")...)
	var count alerts.FindingsError
	if !errors.As(err, &count) || count.Count != 3 || count.Status() != 3 {
		t.Fatalf("error %v, want three findings and exit status 3", err)
	}
	if !strings.Contains(progress, "alerts of 2040-11-30, day 30 of 30") {
		t.Errorf("no progress is told:\n%s", progress)
	}
	r, got := found(t, out), map[string][]string{}
	for _, o := range r.Owners {
		for _, a := range o.Alerts {
			if len(a.Findings) > 0 {
				got[o.Team+"/"+a.Name] = a.Findings
			}
		}
	}
	want := map[string][]string{
		"reporting/ReportsQueueOld": {alerts.Ignored},
		"checkout/CheckoutSlow":     {alerts.Flapping, alerts.Frequent},
		"platform/BackupLate":       {alerts.Silenced},
	}
	if !maps.EqualFunc(got, want, slices.Equal[[]string]) {
		t.Errorf("findings %v, want %v", got, want)
	}
	for _, test := range []struct {
		team, name                                              string
		fired, acknowledged, changed, silenced, without, series int
		total, median                                           time.Duration
		by                                                      []string
	}{
		// 50 minutes each night, of which the first 10 are waited for.
		{"reporting", "ReportsQueueOld", 30, 0, 0, 0, 30, 1, 30 * 40 * time.Minute, 40 * time.Minute, []string{}},
		{"checkout", "CheckoutSlow", 82, 1, 1, 0, 80, 1, 80*6*time.Minute + 74*time.Minute, 6 * time.Minute, []string{"change of the deployment orders", "checkout"}},
		{"payments", "PaymentsFailing", 3, 2, 1, 0, 0, 1, (20 + 16 + 32) * time.Minute, 20 * time.Minute, []string{"payments", "sync of payments"}},
		{"payments", "LedgerUnreachable", 0, 0, 0, 0, 0, 0, 0, 0, []string{}},
		// From 26 hours after Sunday's to Monday's, but for the evaluation at the very second.
		{"platform", "BackupLate", 4, 0, 0, 4, 0, 1, 4 * 118 * time.Minute, 118 * time.Minute, []string{}},
		{"platform", "Watchdog", 1, 0, 0, 0, 1, 1, 30 * 24 * time.Hour, 30 * 24 * time.Hour, []string{}},
	} {
		a := alertOf(t, r, test.team, test.name)
		if a.Fired != test.fired || a.Acknowledged != test.acknowledged || a.Changed != test.changed || a.Silenced != test.silenced ||
			a.WithoutAction != test.without || a.Unknown != 0 || a.Open != 0 || a.Series != test.series {
			t.Errorf("%s: %+v, want %+v", test.name, a, test)
		}
		if a.TotalSeconds != int(test.total.Seconds()) || a.MedianSeconds != int(test.median.Seconds()) {
			t.Errorf("%s: fired for %d s, median %d s, want %s and %s", test.name, a.TotalSeconds, a.MedianSeconds, test.total, test.median)
		}
		if !slices.Equal(a.By, test.by) {
			t.Errorf("%s: acted on by %q, want %q", test.name, a.By, test.by)
		}
	}
	if want := []alerts.Notification{{Integration: "email", Sent: 130, Failed: 2}}; !slices.Equal(r.Notifications, want) {
		t.Errorf("notifications %v, want %v", r.Notifications, want)
	}
}

// thresholds would have fired for what somebody acted on, and for nothing else: Prometheus itself says so.
func (s servers) thresholds(t *testing.T) {
	out, _, _ := run(t, nil, until, s.args("--format", "json", "--silences-kept", "744h")...)
	r := found(t, out)
	slow := alertOf(t, r, "checkout", "CheckoutSlow")
	if slow.Threshold.Proposed == nil || slow.Hold.Proposed == "" {
		t.Fatalf("no threshold: %+v, %+v", slow.Threshold, slow.Hold)
	}
	acted := []string{"2040-11-09", "2040-11-22"}
	if got := s.daysOf(t, fmt.Sprintf(`request_seconds{quantile="0.99"} > %g`, *slow.Threshold.Proposed)); !slices.Equal(got, acted) {
		t.Errorf("with the proposed threshold %g it fires on %v, want %v", *slow.Threshold.Proposed, got, acted)
	}
	if got := s.daysOf(t, fmt.Sprintf(`min_over_time(request_seconds{quantile="0.99"}[%s]) > 0.3`, slow.Hold.Proposed)); !slices.Equal(got, acted) {
		t.Errorf("with the proposed for of %s it fires on %v, want %v", slow.Hold.Proposed, got, acted)
	}
	// All values but those of the 74 minutes above it.
	if want := 21564.0 / 21601; *slow.Threshold.Quantile != want {
		t.Errorf("quantile %g, want %g", *slow.Threshold.Quantile, want)
	}
	for name, want := range map[[2]string]struct {
		now float64
		why string
	}{
		{"reporting", "ReportsQueueOld"}: {600, "nobody acted on any, so nothing shows which would be worth it"},
		{"payments", "PaymentsFailing"}:  {5, "nothing fired without an action"},
		{"platform", "BackupLate"}:       {26 * 3600, "nobody acted on any, so nothing shows which would be worth it"},
	} {
		a := alertOf(t, r, name[0], name[1])
		if a.Threshold.Now == nil || *a.Threshold.Now != want.now || a.Threshold.Why != want.why || a.Threshold.Proposed != nil {
			t.Errorf("%s: threshold %+v, want %+v", name[1], a.Threshold, want)
		}
	}
	for _, name := range [][2]string{{"payments", "LedgerUnreachable"}, {"platform", "Watchdog"}} {
		if a := alertOf(t, r, name[0], name[1]); a.Threshold != nil || a.Hold != nil {
			t.Errorf("%s never fired, or is for machines, and has a threshold: %+v", name[1], a.Threshold)
		}
	}
}

// daysOf are the days on which an expression has a value.
func (s servers) daysOf(t *testing.T, query string) []string {
	t.Helper()
	var answer struct {
		Data struct {
			Result []struct{ Values [][2]any }
		}
	}
	args := url.Values{"query": {query}, "step": {"300"}, "start": {from.Format(time.RFC3339)}, "end": {until.Format(time.RFC3339)}}
	response, err := http.Get(s.prometheus + "/api/v1/query_range?" + args.Encode())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s, %v", query, response.Status, err)
	}
	days := []string{}
	for _, series := range answer.Data.Result {
		for _, value := range series.Values {
			days = append(days, time.Unix(int64(value[0].(float64)), 0).UTC().Format(time.DateOnly))
		}
	}
	slices.Sort(days)
	return slices.Compact(days)
}

// formats are as in Git; the page of the command shows the text. UPDATE_GOLDEN=1 rewrites them.
func (s servers) formats(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(stacks, "lifecycle", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for format, name := range map[string]string{"text": "report.txt", "json": "report.json", "markdown": "report.md"} {
		got, _, err := run(t, nil, until, s.args("--format", format, "--silences-kept", "744h")...)
		if code := (alerts.FindingsError{}); !errors.As(err, &code) {
			t.Fatal(err)
		}
		again, _, _ := run(t, nil, until, s.args("--format", format, "--silences-kept", "744h")...)
		if again != got {
			t.Errorf("%s: two reports of one month differ", format)
		}
		path := filepath.Join("testdata", name)
		if os.Getenv("UPDATE_GOLDEN") != "" {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if string(want) != got {
			t.Errorf("%s is stale: UPDATE_GOLDEN=1 rewrites it. The report is now:\n%s", path, got)
		}
		if format == "text" && !strings.Contains(string(page), got) {
			t.Errorf("stacks/lifecycle/README.md shows another report than:\n%s", got)
		}
	}
}

// trees of expressions are as the tests of the command have them. UPDATE_GOLDEN=1 records them anew.
func (s servers) trees(t *testing.T) {
	path := filepath.Join(stacks, "lifecycle", "alerts", "testdata", "trees.json")
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want, got map[string]any
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	got = map[string]any{}
	for expression := range want {
		response, err := http.Get(s.prometheus + "/api/v1/parse_query?" + url.Values{"query": {expression}}.Encode())
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ Data any }
		if err := errors.Join(json.NewDecoder(response.Body).Decode(&answer), response.Body.Close()); err != nil || answer.Data == nil {
			t.Fatalf("%s: %s, %v", expression, response.Status, err)
		}
		got[expression] = answer.Data
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		var out bytes.Buffer
		encoder := json.NewEncoder(&out)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", " ")
		if err := encoder.Encode(got); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s is not what this Prometheus says: UPDATE_GOLDEN=1 records it anew", path)
	}
}

// forgotten silences are not said to have been none.
func (s servers) forgotten(t *testing.T) {
	out, _, err := run(t, nil, until, s.args("--format", "json")...)
	if code := (alerts.FindingsError{}); !errors.As(err, &code) {
		t.Fatal(err)
	}
	r := found(t, out)
	if want := until.Add(-5 * 24 * time.Hour); !r.Known.Silences.Equal(want) {
		t.Errorf("silences are known since %s, want %s", r.Known.Silences, want)
	}
	if a := alertOf(t, r, "reporting", "ReportsQueueOld"); a.Unknown != 25 || a.WithoutAction != 5 || !slices.Equal(a.Findings, []string{alerts.Ignored}) {
		t.Errorf("of 30 firings %d are not known and %d without action, want 25 and 5; findings %v", a.Unknown, a.WithoutAction, a.Findings)
	}
}

// notKept is a time of which Prometheus has nothing: no alert is called quiet for that.
func (s servers) notKept(t *testing.T) {
	_, _, err := run(t, nil, until, s.args("--until", "2039-06-01T00:00:00Z")...)
	if err == nil || !strings.Contains(err.Error(), "no series up from 2039-05-02 00:00 UTC to 2039-06-01 00:00 UTC") {
		t.Errorf("error %v", err)
	}
	out, _, err := run(t, nil, until, s.args("--format", "json", "--until", "2040-11-16T00:00:00Z", "--silences-kept", "744h")...)
	if code := (alerts.FindingsError{}); !errors.As(err, &code) {
		t.Fatal(err)
	}
	since := from.Add(-time.Hour) // the first hour with a sample
	if r := found(t, out); !r.Known.Metrics.Equal(since) || r.Known.HoursWithout != 0 {
		t.Errorf("metrics are known since %s, %d hours without, want %s and 0", r.Known.Metrics, r.Known.HoursWithout, since)
	}
}

// guarded servers stand behind TLS and ask for a token, as behind the gateway.
func (s servers) guarded(t *testing.T) {
	dir := t.TempDir()
	proxy := func(target, token string) *httptest.Server {
		to, err := url.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		forward := httputil.NewSingleHostReverseProxy(to)
		server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer "+token {
				http.Error(w, "log in", http.StatusUnauthorized)
				return
			}
			forward.ServeHTTP(w, r)
		}))
		server.Config.ErrorLog = nil
		t.Cleanup(server.Close)
		return server
	}
	prometheus, alertmanager := proxy(s.prometheus, "metrics"), proxy(s.alertmanager, "silences")
	ca, token := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "token")
	var certificates bytes.Buffer
	for _, c := range []*x509.Certificate{prometheus.Certificate(), alertmanager.Certificate()} {
		if err := pem.Encode(&certificates, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}); err != nil {
			t.Fatal(err)
		}
	}
	write(t, ca, certificates.String())
	write(t, token, "metrics\n")
	behind := servers{prometheus.URL, alertmanager.URL}
	for _, test := range []struct {
		name      string
		variables map[string]string
		args      []string
		want      []string // none if a report comes
	}{
		{"a token from a file, one from a variable", map[string]string{"ALERTMANAGER_TOKEN": "silences"}, []string{"--ca-file", ca, "--prometheus-token-file", token}, nil},
		{"no token", nil, []string{"--ca-file", ca}, []string{
			"--prometheus: GET /api/v1/rules: 401 Unauthorized: a token that may read is allowed", "--alertmanager: GET /api/v2/status: 401 Unauthorized",
		}},
		{"nobody vouches for the servers", map[string]string{"PROMETHEUS_TOKEN": "metrics", "ALERTMANAGER_TOKEN": "silences"}, nil, []string{
			"--alertmanager: Get", "certificate signed by unknown authority",
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			out, _, err := run(t, test.variables, until, behind.args(append(test.args, "--silences-kept", "744h")...)...)
			if test.want == nil {
				want, _ := os.ReadFile(filepath.Join("testdata", "report.txt"))
				if out != string(want) {
					t.Errorf("error %v; the report is not that of the servers themselves:\n%s", err, out)
				}
				return
			}
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Error(), want) {
					t.Errorf("error %v, want %q in it", err, want)
				}
			}
			if out != "" {
				t.Errorf("a report all the same:\n%s", out)
			}
		})
	}
}

// swapped servers are told apart, both at once.
func (s servers) swapped(t *testing.T) {
	_, _, err := run(t, nil, until, servers{s.alertmanager, s.prometheus}.args()...)
	for _, want := range []string{"--prometheus: GET /api/v1/rules: 404", "--alertmanager: GET /api/v2/status: 404"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q in it", err, want)
		}
	}
}

// late is a report that would take too long.
func (s servers) late(t *testing.T) {
	_, _, err := run(t, nil, until, s.args("--timeout", "1ms")...)
	if err == nil || !strings.Contains(err.Error(), "not read within --timeout 1ms") {
		t.Errorf("error %v", err)
	}
}
