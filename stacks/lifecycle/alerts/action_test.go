package alerts

import (
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/common/model"
)

func minutes(n int) time.Time { return noon.Add(time.Duration(n) * time.Minute) }

// muted is a silence of alert A, in minutes after noon.
func muted(from, to int, by string, more ...matcher) silence {
	return silence{CreatedBy: by, StartsAt: minutes(from), EndsAt: minutes(to), Matchers: append([]matcher{{Name: "alertname", Value: "A"}}, more...)}
}

func not(name, value string) matcher {
	no := false
	return matcher{Name: name, Value: value, IsEqual: &no}
}

func like(name, value string) matcher {
	return matcher{Name: name, Value: value, IsRegex: true, pattern: regexp.MustCompile("^(?:" + value + ")$")}
}

func TestWhatBecameOfAFiring(t *testing.T) {
	labels := model.Metric{"alertname": "A", "namespace": "orders", "deployment": "orders"}
	for _, test := range []struct {
		name     string
		labels   model.Metric
		end      int // minutes after noon; it begins at noon
		still    bool
		silences []silence
		changes  []change
		since    int // minutes after noon, from when silences are known
		want     outcome
	}{
		{name: "nothing", want: outcome{what: unacted}},
		{name: "silenced while it fired", silences: []silence{muted(10, 60, "ann")}, want: outcome{acknowledged, "ann"}},
		{name: "the first who silenced it", silences: []silence{muted(20, 60, "bob"), muted(10, 60, "ann")}, want: outcome{acknowledged, "ann"}},
		{name: "silenced after it was over", silences: []silence{muted(31, 60, "ann")}, want: outcome{what: unacted}},
		{name: "silenced before", silences: []silence{muted(-60, 60, "ann")}, want: outcome{what: silenced}},
		{name: "silenced before, for a part of it", silences: []silence{muted(-60, 10, "ann")}, want: outcome{what: unacted}},
		{name: "silenced before, and prolonged", silences: []silence{muted(-60, 10, "ann"), muted(10, 60, "bob")}, want: outcome{what: silenced}},
		{name: "silenced before, and again when it was told", silences: []silence{muted(-60, 10, "ann"), muted(15, 60, "bob")}, want: outcome{acknowledged, "bob"}},
		{name: "a silence of another service", silences: []silence{muted(10, 60, "ann", matcher{Name: "namespace", Value: "search"})}, want: outcome{what: unacted}},
		{name: "a silence of all but another", silences: []silence{muted(10, 60, "ann", not("namespace", "search"))}, want: outcome{acknowledged, "ann"}},
		{name: "a silence of all but this", silences: []silence{muted(10, 60, "ann", not("namespace", "orders"))}, want: outcome{what: unacted}},
		{name: "a pattern is of the whole value", silences: []silence{muted(10, 60, "ann", like("namespace", "order"))}, want: outcome{what: unacted}},
		{name: "a pattern", silences: []silence{muted(10, 60, "ann", like("namespace", "order.*"))}, want: outcome{acknowledged, "ann"}},
		{name: "by an external label", silences: []silence{muted(10, 60, "ann", matcher{Name: "environment", Value: "prod"})}, want: outcome{acknowledged, "ann"}},
		{name: "by an external label that is another", silences: []silence{muted(10, 60, "ann", matcher{Name: "environment", Value: "dev"})}, want: outcome{what: unacted}},
		{name: "its own label wins over an external one", labels: model.Metric{"alertname": "A", "environment": "own"},
			silences: []silence{muted(10, 60, "ann", matcher{Name: "environment", Value: "prod"})}, want: outcome{what: unacted}},
		{name: "its deployment was changed", changes: []change{{"orders", "orders", "c", minutes(5)}}, want: outcome{changed, "c"}},
		{name: "its namespace was synced", changes: []change{{"orders", "", "sync", minutes(5)}}, want: outcome{changed, "sync"}},
		{name: "another deployment of its namespace", changes: []change{{"orders", "worker", "c", minutes(5)}}, want: outcome{what: unacted}},
		{name: "a deployment of another namespace", changes: []change{{"search", "orders", "c", minutes(5)}}, want: outcome{what: unacted}},
		{name: "its pod's deployment", labels: model.Metric{"alertname": "A", "namespace": "orders", "pod": "orders-7d9-x"},
			changes: []change{{"orders", "orders", "c", minutes(5)}}, want: outcome{changed, "c"}},
		{name: "not its pod's deployment", labels: model.Metric{"alertname": "A", "namespace": "orders", "pod": "worker-7d9-x"},
			changes: []change{{"orders", "orders", "c", minutes(5)}}, want: outcome{what: unacted}},
		{name: "any, if it names none", labels: model.Metric{"alertname": "A", "namespace": "orders"},
			changes: []change{{"orders", "worker", "c", minutes(5)}}, want: outcome{changed, "c"}},
		{name: "an alert of no namespace", labels: model.Metric{"alertname": "A"}, changes: []change{{"", "", "c", minutes(5)}}, want: outcome{what: unacted}},
		{name: "changed before it fired", changes: []change{{"orders", "orders", "c", minutes(0)}}, want: outcome{what: unacted}},
		{name: "changed in the minute that ended it", changes: []change{{"orders", "orders", "c", minutes(30)}}, want: outcome{changed, "c"}},
		{name: "changed after", changes: []change{{"orders", "orders", "c", minutes(31)}}, want: outcome{what: unacted}},
		{name: "silences of that time are forgotten", since: 40, want: outcome{what: unknown}},
		{name: "forgotten, but a change is known", since: 40, changes: []change{{"orders", "orders", "c", minutes(5)}}, want: outcome{changed, "c"}},
		{name: "it goes on, and has for weeks", still: true, end: 14 * 24 * 60, want: outcome{what: unacted}},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := firing{labels: labels, start: noon, end: minutes(30), still: test.still}
			if test.labels != nil {
				f.labels = test.labels
			}
			if test.end != 0 {
				f.end = minutes(test.end)
			}
			knows := kept{test.silences, month.from, test.changes, model.LabelSet{"environment": "prod"}}
			if test.since != 0 {
				knows.since = minutes(test.since)
			}
			if got := knows.judge(f, month); got != test.want {
				t.Errorf("got %+v, want %+v", got, test.want)
			}
		})
	}
}

func TestAFiringOfTodayIsOpen(t *testing.T) {
	w := window{noon.AddDate(0, 0, -30), noon}
	for hours, want := range map[int]string{23: open, 25: unacted} {
		f := firing{labels: model.Metric{"alertname": "A"}, start: noon.Add(-time.Duration(hours) * time.Hour), end: noon, still: true}
		if got := (kept{since: w.from}).judge(f, w); got.what != want {
			t.Errorf("after %d hours it is %s, want %s", hours, got.what, want)
		}
	}
}
