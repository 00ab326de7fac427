package alerts

import (
	"slices"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

// times are firings of one series that last two minutes, at minutes after noon.
func times(what string, at ...int) []firing {
	var out []firing
	for _, m := range at {
		out = append(out, firing{series: "s", start: minutes(m), end: minutes(m + 2), outcome: outcome{what: what}})
	}
	return out
}

func every(n, step int) []int {
	var out []int
	for i := range n {
		out = append(out, i*step)
	}
	return out
}

func TestFindings(t *testing.T) {
	hour := 60
	for _, test := range []struct {
		name     string
		severity string
		team     string
		rules    []rule
		firings  []firing
		want     []string
	}{
		{name: "quiet", team: "checkout", want: []string{}},
		{name: "acted on once of many", team: "checkout", firings: append(times(unacted, every(9, 48*hour)...), times(changed, 400*hour)...), want: []string{}},
		{name: "never acted on", team: "checkout", firings: times(unacted, 0, 72*hour), want: []string{Ignored}},
		{name: "all that is known is that nothing is", team: "checkout", firings: times(unknown, 0, 72*hour), want: []string{}},
		{name: "of a part it is known", team: "checkout", firings: append(times(unknown, 0), times(unacted, 72*hour)...), want: []string{Ignored}},
		{name: "open", team: "checkout", firings: times(open, 13*24*hour), want: []string{}},
		{name: "silenced each time", team: "checkout", firings: times(silenced, 0, 72*hour), want: []string{Silenced}},
		{name: "silenced but for one", team: "checkout", firings: append(times(silenced, 0), times(acknowledged, 72*hour)...), want: []string{}},
		{name: "twice a day is not too often", team: "checkout", firings: times(changed, every(60, 12*hour)...), want: []string{}},
		{name: "more is", team: "checkout", firings: times(changed, every(61, 11*hour)...), want: []string{Frequent}},
		{name: "what is silenced is not told", team: "checkout", firings: append(times(silenced, every(200, 3*hour)...), times(changed, 1)...), want: []string{}},
		{name: "again within the hour, three times", team: "checkout", firings: times(changed, 0, 60, 120, 180), want: []string{Flapping}},
		{name: "again within the hour, twice", team: "checkout", firings: times(changed, 0, 60, 120), want: []string{}},
		{name: "again within the hour, once a day", team: "checkout", firings: times(changed, 0, 60, 24*hour, 25*hour, 48*hour, 49*hour), want: []string{}},
		{name: "again after more than an hour", team: "checkout", firings: times(changed, 0, 63, 126, 189), want: []string{}},
		{name: "no team", firings: times(changed, 0), want: []string{Unowned}},
		{name: "for machines", severity: heartbeat, team: "platform", firings: times(unacted, every(100, 30)...), want: []string{}},
		{name: "a rule that fails", team: "checkout", rules: []rule{{Health: "err"}}, want: []string{Broken}},
		{name: "a heartbeat that fails", severity: heartbeat, team: "platform", rules: []rule{{Health: "err"}}, want: []string{Broken}},
	} {
		t.Run(test.name, func(t *testing.T) {
			e := &entry{Alert: Alert{Severity: test.severity, Findings: []string{}, By: []string{}}, team: test.team, rules: test.rules, firings: test.firings}
			e.count()
			e.find(month, Limits{Often: 2, Again: time.Hour})
			if !slices.Equal(e.Findings, test.want) {
				t.Errorf("got %v, want %v", e.Findings, test.want)
			}
		})
	}
}

func TestOtherSeriesDoNotFlap(t *testing.T) {
	all := times(changed, every(20, 5)...)
	for i := range all {
		all[i].series = string(rune('a' + i))
	}
	if flap(all, time.Hour) {
		t.Error("twenty pods that fire once each flap")
	}
}

func TestSeriesFindTheirAlertAndItsOwner(t *testing.T) {
	kinds := kindsOf([]rule{
		{Name: "Burn", Labels: map[string]string{"severity": "critical", "team": "{{ $labels.owner }}"}, group: "fast"},
		{Name: "Burn", Labels: map[string]string{"severity": "critical", "long": "6h", "team": "{{ $labels.owner }}"}, group: "slow"},
		{Name: "Burn", Labels: map[string]string{"severity": "warning", "team": "checkout"}, group: "tickets"},
		{Name: "Quiet", Labels: map[string]string{"severity": "warning", "team": "payments"}, group: "quiet"},
		{Name: "Twice", Labels: map[string]string{"team": "payments"}, group: "one"},
		{Name: "Twice", Labels: map[string]string{"team": "payments"}, group: "two"},
	})
	fired := func(labels model.Metric) firing { return firing{labels: labels, start: noon, end: minutes(5)} }
	var got []string
	for _, e := range entries(kinds, []firing{
		fired(model.Metric{"alertname": "Burn", "severity": "critical", "team": "payments"}),
		fired(model.Metric{"alertname": "Burn", "severity": "critical", "team": "payments", "long": "6h"}),
		fired(model.Metric{"alertname": "Burn", "severity": "critical", "team": "strangers"}),
		fired(model.Metric{"alertname": "Gone", "severity": "critical", "team": "checkout"}),
	}, []string{"checkout", "payments"}) {
		got = append(got, e.team+" "+e.Name+" "+e.Severity+" "+e.Group+" "+string(rune('0'+len(e.rules)))+" "+string(rune('0'+len(e.firings))))
	}
	slices.Sort(got)
	want := []string{
		" Burn critical fast 1 1", // of a team that is none
		"checkout Burn warning tickets 1 0",
		"checkout Gone critical  0 1",
		"payments Burn critical fast 1 1",
		"payments Burn critical slow 1 1",
		"payments Quiet warning quiet 1 0",
		"payments Twice  one 2 0",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
