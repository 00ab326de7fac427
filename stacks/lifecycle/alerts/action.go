package alerts

import (
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// What became of a firing.
const (
	acknowledged = "acknowledged" // somebody silenced it while it fired
	changed      = "changed"      // what it is about was changed while it fired
	silenced     = "silenced"     // nobody was told
	unacted      = "unacted"      // it went away, or goes on, and nothing that is kept shows an action
	unknown      = "unknown"      // as unacted, but of silences of that time nothing is kept
	open         = "open"         // it fires, and has not for long
)

// outcome is what became of a firing, and by whom if that is known.
type outcome struct{ what, by string }

func (o outcome) acted() bool { return o.what == acknowledged || o.what == changed }

// patience is how long a firing that goes on is nobody's fault.
const patience = day

// change is what somebody, or a delivery, changed in a namespace.
type change struct {
	namespace string
	workload  string // empty if it is of the whole namespace
	how       string
	at        time.Time // within resolution before it
}

// resolution is how exactly changes are known.
const resolution = time.Minute

// workloadLabels name what kube-state-metrics and rules on it say an alert is about.
var workloadLabels = []model.LabelName{"deployment", "statefulset", "daemonset"}

// concerns tells whether a change is of what the alert is about. An alert without a namespace is of no change.
func (c change) concerns(labels model.Metric) bool {
	if labels["namespace"] == "" || string(labels["namespace"]) != c.namespace {
		return false
	}
	if c.workload == "" {
		return true
	}
	for _, name := range workloadLabels {
		if of := labels[name]; of != "" {
			return string(of) == c.workload
		}
	}
	if pod := string(labels["pod"]); pod != "" {
		return strings.HasPrefix(pod, c.workload+"-")
	}
	return true
}

// kept is what the two systems still know.
type kept struct {
	silences []silence
	since    time.Time // before which expired silences are forgotten
	changes  []change  // in order of time
	external model.LabelSet
}

// judge says what became of a firing.
func (k kept) judge(f firing, w window) outcome {
	sent := f.labels.Clone()
	for name, value := range k.external {
		if _, own := sent[name]; !own { // an alert's own label wins: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
			sent[name] = value
		}
	}
	var of []silence
	for _, s := range k.silences {
		if s.matches(sent) {
			of = append(of, s)
		}
	}
	quiet := quietUntil(of, f.start)
	slices.SortFunc(of, func(a, b silence) int {
		if order := a.StartsAt.Compare(b.StartsAt); order != 0 {
			return order
		}
		return strings.Compare(a.CreatedBy, b.CreatedBy)
	})
	for _, s := range of {
		// One that takes over from another only prolongs it: Alertmanager ends a silence and begins one when it is edited.
		if s.StartsAt.After(f.start) && s.StartsAt.Before(f.end) && s.StartsAt.After(quiet) {
			return outcome{acknowledged, s.CreatedBy}
		}
	}
	for _, c := range k.changes {
		if c.at.After(f.start) && c.at.Before(f.end.Add(resolution)) && c.concerns(f.labels) {
			return outcome{changed, c.how}
		}
	}
	switch {
	case !quiet.Before(f.end):
		return outcome{what: silenced}
	case f.still && f.start.After(w.to.Add(-patience)):
		return outcome{what: open}
	case f.end.Before(k.since):
		return outcome{what: unknown}
	}
	return outcome{what: unacted}
}
