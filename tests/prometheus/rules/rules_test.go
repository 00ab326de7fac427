package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"platform/components/kubernetes/alerting/alert"
	"platform/tests/prometheus/engine"
)

var situations = slices.Concat(promises, burning(atServer), services, parts)

// outcome is what fires at the end of a situation.
func (s situation) outcome(groups []alert.Group) (engine.Fired, error) {
	lines := s.series
	if !slices.ContainsFunc(lines, func(l string) bool { return strings.HasPrefix(l, `up{job="kube-state-metrics"`) }) {
		lines = append(slices.Clip(lines), collected(s.span[0]+5))
	}
	if s.recorded {
		groups = rules(groups, func(r alert.Rule) bool { return r.Alert != "" })
	}
	series, err := engine.Told(lines...)
	if err != nil {
		return nil, err
	}
	return engine.Evaluate(groups, series, engine.Span{Minutes: s.span[0], Step: s.span[1], Settled: s.span[0]})
}

// rules keeps some rules of groups.
func rules(groups []alert.Group, keep func(alert.Rule) bool) []alert.Group {
	var out []alert.Group
	for _, group := range groups {
		group.Rules = slices.DeleteFunc(slices.Clone(group.Rules), func(r alert.Rule) bool { return !keep(r) })
		if len(group.Rules) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// holds says what is wrong with what fired.
func (s situation) holds(fired engine.Fired) error {
	want := append([]string{alert.Watchdog}, s.fires...)
	slices.Sort(want)
	if got := fired.Names(); !slices.Equal(got, want) {
		return fmt.Errorf("%s: got %v, want %v", s.name, got, want)
	}
	return nil
}

func TestEachSituationFiresWhatItShouldAndNothingElse(t *testing.T) {
	for _, s := range situations {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			fired, err := s.outcome(groups(s.of))
			if err != nil {
				t.Fatal(err)
			}
			if err := s.holds(fired); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestWithoutTheCollectorTheSilenceIsTold(t *testing.T) {
	s := situation{name: "the collector is gone", of: atServer, span: [2]int{25, 1}, series: []string{`up{job="kube-state-metrics",namespace="observability"} 1x2 _x30`}}
	fired, err := s.outcome(groups(s.of))
	if err != nil {
		t.Fatal(err)
	}
	s.fires = []string{"MonitoringTargetDown"}
	if err := s.holds(fired); err != nil {
		t.Error(err)
	}
}

// all are the alerts of every kind of service, and of the platform.
func all() map[string]alert.Rule {
	out := map[string]alert.Rule{}
	for _, s := range []alert.Service{atDoor, atQueue, atServer} {
		for _, group := range groups(s) {
			for _, rule := range group.Rules {
				if rule.Alert != "" {
					out[rule.Alert] = rule
				}
			}
		}
	}
	return out
}

// faults are what each alert lacks of what it must have: an owner, a severity, a page that says what to do, and two tests.
func faults(alerts map[string]alert.Rule, situations []situation, runbooks string) []string {
	var out []string
	fires, near := map[string]bool{}, map[string]bool{}
	for _, s := range situations {
		for _, name := range s.fires {
			fires[name] = true
		}
		for _, name := range s.near {
			near[name] = true
		}
	}
	for name, rule := range alerts {
		lack := func(what string) { out = append(out, name+" has no "+what) }
		if rule.Labels[alert.LabelTeam] == "" {
			lack("owner")
		}
		if !slices.Contains(alert.Severities, alert.Severity(rule.Labels[alert.LabelSeverity])) {
			lack("severity")
		}
		for _, annotation := range []string{alert.Summary, alert.Description, alert.Dashboard} {
			if rule.Annotations[annotation] == "" {
				lack(annotation)
			}
		}
		page := alert.RunbookPage(name)
		if !strings.HasSuffix(rule.Annotations[alert.Runbook], "/"+page) {
			lack("link to its runbook")
		}
		text, err := os.ReadFile(filepath.Join(runbooks, page))
		if err != nil {
			lack("runbook " + page)
		}
		for _, section := range []string{"# " + name + "\n", "\n## First look\n", "\n## Mend\n", "\n## Escalate\n"} {
			if err == nil && !strings.Contains(string(text), section) {
				lack(fmt.Sprintf("%q in its runbook", strings.TrimSpace(section)))
			}
		}
		// The dead man's switch fires in every situation, and is never silent.
		if !fires[name] && name != alert.Watchdog {
			lack("situation in which it fires")
		}
		if !near[name] && name != alert.Watchdog {
			lack("situation in which it is silent")
		}
	}
	slices.Sort(out)
	return out
}

const runbooks = "../../../docs/runbooks"

func TestEachAlertHasAnOwnerASeverityARunbookAndBothTests(t *testing.T) {
	for _, fault := range faults(all(), situations, runbooks) {
		t.Error(fault)
	}
}

func TestWhatAnAlertLacksIsFound(t *testing.T) {
	for what, spoil := range map[string]func(*alert.Rule){
		"PodsMissing has no owner":    func(r *alert.Rule) { r.Labels = map[string]string{alert.LabelSeverity: "page"} },
		"PodsMissing has no severity": func(r *alert.Rule) { r.Labels = map[string]string{alert.LabelTeam: "orders"} },
		"PodsMissing has no link to its runbook": func(r *alert.Rule) {
			r.Annotations = map[string]string{alert.Summary: "a", alert.Description: "b", alert.Dashboard: "c"}
		},
	} {
		rule := all()["PodsMissing"]
		spoil(&rule)
		if got := faults(map[string]alert.Rule{"PodsMissing": rule}, situations, runbooks); !slices.Equal(got, []string{what}) {
			t.Errorf("got %v, want %s", got, what)
		}
	}
	rule := all()["PodsMissing"]
	if got, want := faults(map[string]alert.Rule{"PodsMissing": rule}, situations, t.TempDir()), []string{"PodsMissing has no runbook pods-missing.md"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got, want := faults(map[string]alert.Rule{"PodsMissing": rule}, nil, runbooks), []string{
		"PodsMissing has no situation in which it fires", "PodsMissing has no situation in which it is silent",
	}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
