package datadog

import (
	"math"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/datadog/monitor"
	"platform/components/kubernetes/datadog/query"
)

// alerts are all that there are: of services of each signal, with all that each can have, and of the platform.
func alerts() []alert.Alert {
	var out []alert.Alert
	for _, s := range services() {
		out = append(out, s.Alerts()...)
	}
	return append(out, alert.Platform{
		Team: "platform", Namespaces: []string{"ingress", "keda"}, Urgent: []string{"ingress"}, Placeholders: "headroom", Collector: "kube-state-metrics",
	}.Alerts()...)
}

func services() []alert.Service {
	return []alert.Service{
		{Name: "orders", Team: "checkout", Availability: 99.95, P99: 300 * time.Millisecond, Routed: true, Doors: true, Consumes: true, Secrets: true, Grows: true, Healed: true},
		{Name: "ledger", Team: "payments", Availability: 99.9, P99: 250 * time.Millisecond, Called: true, Grows: true},
		{Name: "reports", Team: "reporting", Availability: 94, Consumes: true},
	}
}

var named = regexp.MustCompile(`\{of:([a-z_]+)\}`)

// TestEveryAlertHasItsMeasureOrAReason: none of Prometheus's is forgotten, each query is one that Datadog takes, of one cluster, and a
// message names nothing that the query does not tell apart.
func TestEveryAlertHasItsMeasureOrAReason(t *testing.T) {
	for _, a := range alerts() {
		if a.Expr == "" || (len(a.Measures) == 0) == (a.Unmeasured == "") {
			t.Errorf("%s: either measures or a reason are needed: %d, %q", a.Name, len(a.Measures), a.Unmeasured)
		}
		roles := map[string]bool{}
		for _, m := range a.Measures {
			if roles[m.Role] {
				t.Errorf("%s: two measures are called %q", a.Name, m.Role)
			}
			roles[m.Role] = true
			text := m.Query
			if m.Kind == query.BurnRate {
				text = m.Burn.Text("0123", "30d")
			} else if !strings.Contains(text, query.Scope) {
				t.Errorf("%s: %s is of all clusters of the account", a.Name, text)
			}
			spec := map[string]any{
				"name": a.Name, "message": "m", "priority": 1.0, "type": string(m.Kind), "query": strings.ReplaceAll(text, query.Scope, query.ScopeTag("dev-aws")),
				"options": map[string]any{"thresholds": map[string]any{"critical": query.Number(m.Threshold)}},
			}
			if faults := Monitor(spec); len(faults) > 0 {
				t.Errorf("%s %s: %v", a.Name, m.Role, faults)
			}
			said := a.Description
			if m.Says != "" {
				said = m.Says
			}
			for _, found := range named.FindAllStringSubmatch(said, -1) {
				if !slices.Contains(m.By, monitor.TagOf(found[1])) {
					t.Errorf("%s %s: the message names %s, and the query tells apart by %v", a.Name, m.Role, found[1], m.By)
				}
			}
			if m.Kind == query.Metric {
				series, _, _ := Condition(spec["query"].(string))
				for _, s := range series {
					if !slices.Equal(s.By, m.By) {
						t.Errorf("%s %s: %s is told apart by %v, and the measure by %v", a.Name, m.Role, s.Metric, s.By, m.By)
					}
				}
			}
		}
	}
}

// TestBudgetsBurnAsFastAsInPrometheus: in the end of each window the same part of the budget is gone, and no rate is one that can never be.
func TestBudgetsBurnAsFastAsInPrometheus(t *testing.T) {
	const period = 30 * 24
	want := map[string][]float64{"BudgetBurnsFast": {0.02, 0.05}, "BudgetBurnsSlowly": {0.1}}
	for _, s := range services() {
		for _, a := range s.Alerts() {
			_, kind, burns := strings.Cut(a.Name, "BudgetBurns")
			if !burns {
				continue
			}
			var got []float64
			for _, m := range a.Measures {
				got = append(got, math.Round(m.Burn.Factor*m.Burn.Long.Hours()/period*1000)/1000)
				if m.Burn.Short*12 != m.Burn.Long || m.Burn.Long > query.LongestBurn {
					t.Errorf("%s: windows %s and %s", a.Name, m.Burn.Long, m.Burn.Short)
				}
				promise := s.Promises()[slices.IndexFunc(s.Promises(), func(p alert.Promise) bool { return p.Objective == m.Objective })]
				if most := 1 / (1 - promise.Percent/100); m.Burn.Factor > most {
					t.Errorf("%s of %s: %g times, and no more than %g can be", a.Name, s.Name, m.Burn.Factor, most)
				}
			}
			if !slices.Equal(got, want["BudgetBurns"+kind]) {
				t.Errorf("%s of %s: parts %v of the budget, want %v", a.Name, s.Name, got, want["BudgetBurns"+kind])
			}
		}
	}
}

func TestEveryPromiseIsAnObjectiveThatDatadogTakes(t *testing.T) {
	for _, s := range services() {
		promises := s.Promises()
		if want := map[bool]int{true: 2, false: 1}[s.P99 > 0]; len(promises) != want {
			t.Errorf("%s: %d promises, want %d", s.Name, len(promises), want)
		}
		for _, p := range promises {
			if faults := Objective(map[string]any{
				"type": "metric", "timeframe": "30d", "targetThreshold": query.Number(p.Percent),
				"query": map[string]any{
					"numerator":   strings.ReplaceAll(p.Good, query.Scope, query.ScopeTag("dev-aws")),
					"denominator": strings.ReplaceAll(p.Total, query.Scope, query.ScopeTag("dev-aws")),
				},
			}); len(faults) > 0 {
				t.Errorf("%s of %s: %v", p.Objective, s.Name, faults)
			}
		}
	}
}
