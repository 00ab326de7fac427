package alerts

import (
	"cmp"
	"slices"
	"time"

	"github.com/prometheus/common/model"
)

// firing is one time that one series of an alert fired.
type firing struct {
	labels model.Metric // as Prometheus sends them, but for its external labels
	series string       // which series of the alert, in words
	active time.Time    // since when its condition held, as Prometheus remembers it
	start  time.Time    // its first evaluation that fired
	end    time.Time    // the first that did not any more, or the window's end
	still  bool         // it fires at the window's end
	cut    bool         // it fired when the window began
	outcome
}

// duration is how long it fired, within the window.
func (f firing) duration() time.Duration { return f.end.Sub(f.start) }

// held is how long its condition held.
func (f firing) held() time.Duration { return f.end.Sub(f.active) }

// evaluation is one sample of ALERTS, and of ALERTS_FOR_STATE where that is there: the time since when the condition holds.
type evaluation struct {
	at     time.Time
	active time.Time
}

// missed is how many evaluations may be lost before what fired has ended. One that is late is no end.
const missed = 2.5

// firingsOf joins evaluations, in order of time, to firings. Since when the condition holds tells two of them apart, and
// joins one that a restart of Prometheus interrupts: it restores that time for alerts that have a `for`
// (https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime,
// --rules.alert.for-outage-tolerance). Where it is not known, a gap tells.
func firingsOf(labels model.Metric, all []evaluation, interval time.Duration, w window) []firing {
	var out []firing
	last := time.Time{}
	for _, e := range all {
		again := len(out) == 0
		if !again {
			before := out[len(out)-1].active
			known := !before.IsZero() && !e.active.IsZero()
			again = known && !before.Equal(e.active) || !known && float64(e.at.Sub(last)) > missed*float64(interval)
		}
		if again {
			out = append(out, firing{labels: labels, series: seriesName(labels), active: e.active, start: e.at})
		}
		last = e.at
		f := &out[len(out)-1]
		if f.active.IsZero() {
			f.active = e.active
		}
		f.end = e.at.Add(interval)
	}
	for i := range out {
		f := &out[i]
		f.still = float64(w.to.Sub(f.end.Add(-interval))) <= missed*float64(interval)
		if f.cut = float64(f.start.Sub(w.from)) <= missed*float64(interval); f.cut {
			f.start = w.from
		}
		if f.still || f.end.After(w.to) {
			f.end = w.to
		}
		if f.active.IsZero() || f.active.After(f.start) {
			f.active = f.start
		}
	}
	return out
}

// seriesName is what tells a series from others of its alert.
func seriesName(labels model.Metric) string {
	own := labels.Clone()
	delete(own, model.AlertNameLabel)
	return own.String()
}

func sortFirings(all []firing) {
	slices.SortFunc(all, func(a, b firing) int {
		return cmp.Or(a.start.Compare(b.start), cmp.Compare(a.series, b.series))
	})
}
