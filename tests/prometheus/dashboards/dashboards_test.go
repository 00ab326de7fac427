package dashboards

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/dashboards/board"
	"platform/tests/prometheus/engine"
)

// rules are those of services of every kind, and of the platform.
func rules() []alert.Group {
	links := alert.Links{Runbooks: "https://git.example.com/runbooks", Dashboards: "https://grafana.example.com"}
	door := alert.Service{
		Name: "orders", Team: "checkout", Availability: 99.9, P99: 300 * time.Millisecond, Routed: true, Doors: true, Consumes: true, Secrets: true, Grows: true, Healed: true,
	}
	server := alert.Service{Name: "ledger", Team: "payments", Availability: 99.9, P99: 300 * time.Millisecond, Called: true}
	queue := alert.Service{Name: "reports", Team: "reporting", Availability: 99.5, P99: time.Second, Consumes: true}
	platform := alert.Platform{Team: "platform", Namespaces: []string{"ingress"}, Urgent: []string{"ingress"}, Placeholders: "headroom", Collector: "kube-state-metrics"}
	return slices.Concat(door.Groups(links), server.Groups(links), queue.Groups(links), platform.Groups(links))
}

// faults are what is wrong with a dashboard, of which recorded are the names that rules make.
func faults(b board.Board, recorded map[string]bool) []string {
	var out []string
	read := func(where, expression string) {
		names, err := engine.Names(expression)
		if err != nil {
			out = append(out, where+": "+err.Error())
		}
		for _, name := range names {
			if _, known := alert.Metrics[name]; !known && !recorded[name] {
				out = append(out, where+": nobody tells "+name)
			}
		}
	}
	if b.ID == "" || len(b.ID) > 40 {
		out = append(out, "the identifier has 1 to 40 characters: "+b.ID)
	}
	for _, v := range b.Variables {
		read("variable "+v.Name, v.Series)
	}
	for _, row := range b.Rows {
		for _, p := range row.Panels {
			for _, q := range p.Queries {
				read(p.Title, q.Expr)
			}
		}
	}
	return out
}

func made() map[string]bool {
	out := map[string]bool{}
	for _, group := range rules() {
		for _, rule := range group.Rules {
			out[rule.Record] = true
		}
	}
	return out
}

func TestEveryQueryIsParsedAndReadsWhatSomebodyTells(t *testing.T) {
	for _, b := range board.All() {
		for _, fault := range faults(b, made()) {
			t.Errorf("%s: %s", b.Title, fault)
		}
	}
	planted := board.Board{ID: "planted", Rows: []board.Row{{Panels: []board.Panel{
		{Title: "a", Queries: []board.Query{{Expr: "sum(rate(http_requests_total[5m])"}}}, {Title: "b", Queries: []board.Query{{Expr: "http_requests_total"}}},
	}}}}
	if got := faults(planted, made()); len(got) != 2 || !strings.Contains(got[0], "unclosed left parenthesis") || got[1] != "b: nobody tells http_requests_total" {
		t.Errorf("got %v", got)
	}
}

func TestNothingIsListedThatNobodyReads(t *testing.T) {
	read := map[string]bool{}
	add := func(expression string) {
		names, err := engine.Names(expression)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			read[name] = true
		}
	}
	for _, group := range rules() {
		for _, rule := range group.Rules {
			add(rule.Expr)
		}
	}
	for _, b := range board.All() {
		for _, row := range b.Rows {
			for _, p := range row.Panels {
				for _, q := range p.Queries {
					add(q.Expr)
				}
			}
		}
	}
	for name := range alert.Metrics {
		if !read[name] {
			t.Errorf("%s is listed, and neither a rule nor a dashboard reads it", name)
		}
	}
}

func TestGrafanasSchemaTakesThem(t *testing.T) {
	for _, b := range board.All() {
		text, err := b.JSON()
		if err != nil {
			t.Fatal(err)
		}
		var read struct {
			UID      string `json:"uid"`
			Editable bool   `json:"editable"`
			Panels   []struct {
				Title   string `json:"title"`
				GridPos struct {
					W, X int
				} `json:"gridPos"`
				Targets []struct {
					Expr  string `json:"expr"`
					RefID string `json:"refId"`
				} `json:"targets"`
			} `json:"panels"`
		}
		if err := json.Unmarshal([]byte(text), &read); err != nil {
			t.Fatal(err)
		}
		var want, got []string
		for _, row := range b.Rows {
			want = append(want, row.Title)
			for _, p := range row.Panels {
				want = append(want, p.Title)
				for _, q := range p.Queries {
					want = append(want, q.Expr)
				}
			}
		}
		for _, p := range read.Panels {
			got = append(got, p.Title)
			if p.GridPos.X+p.GridPos.W > 24 {
				t.Errorf("%s: %s is wider than the dashboard", b.Title, p.Title)
			}
			for _, target := range p.Targets {
				got = append(got, target.Expr)
			}
		}
		if read.UID != b.ID || read.Editable || !slices.Equal(got, want) {
			t.Errorf("%s: got %s, editable %t,\n%q, want\n%q", b.Title, read.UID, read.Editable, got, want)
		}
		if len(text) > 1<<20 {
			t.Errorf("%s: a ConfigMap holds a MiB, and it has %d bytes", b.Title, len(text))
		}
	}
}

// TestAlertsLeadToDashboardsThatAre follows each alert's link: to a dashboard that is there, with the variable that it sets.
func TestAlertsLeadToDashboardsThatAre(t *testing.T) {
	for _, group := range rules() {
		for _, rule := range group.Rules {
			if rule.Alert == "" {
				continue
			}
			link, err := url.Parse(rule.Annotations[alert.Dashboard])
			if err != nil {
				t.Fatal(err)
			}
			i := slices.IndexFunc(board.All(), func(b board.Board) bool { return link.Path == "/d/"+b.ID })
			if i < 0 {
				t.Errorf("%s leads to %s, which is no dashboard", rule.Alert, link)
				continue
			}
			for name := range link.Query() {
				if !slices.ContainsFunc(board.All()[i].Variables, func(v board.Variable) bool { return "var-"+v.Name == name }) {
					t.Errorf("%s sets %s, which %s does not have", rule.Alert, name, board.All()[i].Title)
				}
			}
			if service := rule.Labels[alert.LabelService]; service != link.Query().Get("var-service") {
				t.Errorf("%s of %q leads to the dashboard of %q", rule.Alert, service, link.Query().Get("var-service"))
			}
		}
	}
}
