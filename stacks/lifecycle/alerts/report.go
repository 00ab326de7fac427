// Package alerts tells of an environment's alerts which of them lead to an action, and which only make noise.
package alerts

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"
)

// What is wrong with an alert.
const (
	Ignored  = "ignored"  // people were told, and nobody acted on it in the whole window
	Flapping = "flapping" // it fires again as soon as it is over, again and again
	Frequent = "frequent" // it fires more often than people can look
	Silenced = "silenced" // it fires, and nobody is ever told
	Broken   = "broken"   // its rule cannot be evaluated
	Unowned  = "unowned"  // no team of the catalogue is its owner
)

const (
	teamLabel     = "team"
	severityLabel = "severity"
	// heartbeat is the severity of what is meant to fire for machines: the dead man's switch, and what only inhibits
	// (Watchdog and InfoInhibitor of https://github.com/prometheus-operator/kube-prometheus).
	heartbeat = "none"
)

// Limits are from when on something is wrong.
type Limits struct {
	// Often is how many firings a day are too many, on average. Google's SRE book has people look after two incidents in
	// a shift at most (https://sre.google/sre-book/being-on-call/): an alert of more takes a whole shift.
	Often float64
	// Again is how soon after its end a firing is the same trouble.
	Again time.Duration
}

// flaps is how many times within a day an alert has to come again to flap.
const flaps = 3

// Report is what the alerts of an environment did in a window.
type Report struct {
	Environment string    `json:"environment"`
	From        time.Time `json:"from"`
	To          time.Time `json:"to"`
	// Known are the bounds of what follows: what was not kept cannot be told.
	Known         Known          `json:"known"`
	Notifications []Notification `json:"notifications"`
	Owners        []Owner        `json:"owners"`
}

// Known is how much of the window the two systems still know.
type Known struct {
	Metrics      time.Time `json:"metricsSince"`
	HoursWithout int       `json:"hoursWithoutMetrics"`
	Silences     time.Time `json:"silencesSince"`
	Changes      []string  `json:"changesBy"`
	Missing      []string  `json:"changesNotKept"`
	Warnings     []string  `json:"warnings"`
}

// Owner is a team and its alerts.
type Owner struct {
	Team   string  `json:"team"` // empty if nobody is
	Alerts []Alert `json:"alerts"`
}

// Alert is what one alert did. Its firings are those acted on, silenced, without action, unknown and open, added up.
type Alert struct {
	Name           string            `json:"name"`
	Severity       string            `json:"severity"`
	Labels         map[string]string `json:"labels"`
	Group          string            `json:"group"` // empty if there is no such rule any more
	Fired          int               `json:"fired"`
	Series         int               `json:"series"`
	TotalSeconds   int               `json:"totalSeconds"`
	MedianSeconds  int               `json:"medianSeconds"`
	LongestSeconds int               `json:"longestSeconds"`
	Acknowledged   int               `json:"acknowledged"`
	Changed        int               `json:"changed"`
	Silenced       int               `json:"silenced"`
	WithoutAction  int               `json:"withoutAction"`
	Unknown        int               `json:"unknown"`
	Open           int               `json:"open"`
	LastFired      *time.Time        `json:"lastFired,omitempty"`
	LastActedOn    *time.Time        `json:"lastActedOn,omitempty"`
	By             []string          `json:"by"` // who acknowledged, and what was changed
	Findings       []string          `json:"findings"`
	Threshold      *Threshold        `json:"threshold,omitempty"`
	Hold           *Hold             `json:"for,omitempty"`
}

// Heartbeat tells whether it is meant for machines.
func (a Alert) Heartbeat() bool { return a.Severity == heartbeat }

// Found is how many alerts something is wrong with.
func (r Report) Found() int {
	n := 0
	for _, o := range r.Owners {
		for _, a := range o.Alerts {
			if len(a.Findings) > 0 {
				n++
			}
		}
	}
	return n
}

// kind is what a rule's firings are told apart by: its name and the labels that it always has.
type kind struct {
	name   string
	labels map[string]string
	rules  []rule
}

// kindsOf are the alerts that rules make. Rules of one name and the same labels make the same alert.
func kindsOf(all []rule) []kind {
	byKey := map[string]*kind{}
	for _, r := range all {
		fixed := map[string]string{}
		for name, value := range r.Labels {
			if !strings.Contains(value, "{{") {
				fixed[name] = value
			}
		}
		key := fmt.Sprintf("%s %v", r.Name, fixed) // fmt sorts the keys of maps
		if byKey[key] == nil {
			byKey[key] = &kind{name: r.Name, labels: fixed}
		}
		byKey[key].rules = append(byKey[key].rules, r)
	}
	var out []kind
	for _, key := range slices.Sorted(maps.Keys(byKey)) {
		out = append(out, *byKey[key])
	}
	return out
}

// kindOf is which alert a series is of: the one with the most labels of those that fit. There is none if its rule is gone.
func kindOf(kinds []kind, labels model.Metric) *kind {
	var best *kind
	for i, k := range kinds {
		fits := k.name == string(labels[model.AlertNameLabel])
		for name, value := range k.labels {
			fits = fits && string(labels[model.LabelName(name)]) == value
		}
		if fits && (best == nil || len(k.labels) > len(best.labels)) {
			best = &kinds[i]
		}
	}
	return best
}

// usual is how often rules are evaluated where nobody says (https://prometheus.io/docs/prometheus/latest/configuration/configuration/).
const usual = time.Minute

func intervalOf(kinds []kind, labels model.Metric) time.Duration {
	if k := kindOf(kinds, labels); k != nil && k.rules[0].interval > 0 {
		return k.rules[0].interval
	}
	return usual
}

// entry is an alert of one owner, and what it did.
type entry struct {
	Alert
	team    string
	rules   []rule
	firings []firing
}

// entries sorts firings to alerts and owners; alerts that never fired are among them.
func entries(kinds []kind, firings []firing, teams []string) []*entry {
	byKey := map[string]*entry{}
	at := func(k kind, team, severity string) *entry {
		if !slices.Contains(teams, team) {
			team = ""
		}
		key := fmt.Sprintf("%s\n%s\n%s\n%v", team, k.name, severity, k.labels)
		if byKey[key] == nil {
			e := &entry{team: team, rules: k.rules, Alert: Alert{
				Name: k.name, Severity: severity, Labels: k.labels, By: []string{}, Findings: []string{},
			}}
			if len(k.rules) > 0 {
				e.Group = k.rules[0].group
			}
			byKey[key] = e
		}
		return byKey[key]
	}
	fired := map[string]bool{}
	name := func(k kind) string { return fmt.Sprintf("%s %v", k.name, k.labels) }
	for _, f := range firings {
		k := kindOf(kinds, f.labels)
		if k == nil {
			k = &kind{name: string(f.labels[model.AlertNameLabel]), labels: map[string]string{}}
		}
		fired[name(*k)] = true
		e := at(*k, string(f.labels[teamLabel]), string(f.labels[severityLabel]))
		e.firings = append(e.firings, f)
	}
	for _, k := range kinds {
		if !fired[name(k)] {
			at(k, k.labels[teamLabel], k.labels[severityLabel])
		}
	}
	return slices.Collect(maps.Values(byKey))
}

// count adds up what became of the firings.
func (e *entry) count() {
	series, lengths := map[string]bool{}, []time.Duration{}
	for _, f := range e.firings {
		e.Fired++
		series[f.series] = true
		lengths = append(lengths, f.duration())
		e.TotalSeconds += int(f.duration().Seconds())
		if e.LastFired == nil || f.start.After(*e.LastFired) {
			e.LastFired = &f.start
		}
		switch f.what {
		case acknowledged:
			e.Acknowledged++
		case changed:
			e.Changed++
		case silenced:
			e.Silenced++
		case unacted:
			e.WithoutAction++
		case unknown:
			e.Unknown++
		case open:
			e.Open++
		}
		if f.acted() {
			if e.LastActedOn == nil || f.start.After(*e.LastActedOn) {
				e.LastActedOn = &f.start
			}
			if !slices.Contains(e.By, f.by) {
				e.By = append(e.By, f.by)
			}
		}
	}
	e.Series = len(series)
	slices.Sort(e.By)
	if slices.Sort(lengths); len(lengths) > 0 {
		e.MedianSeconds = int(lengths[len(lengths)/2].Seconds())
		e.LongestSeconds = int(lengths[len(lengths)-1].Seconds())
	}
}

// find says what is wrong.
func (e *entry) find(w window, l Limits) {
	add := func(finding string, when bool) {
		if when {
			e.Findings = append(e.Findings, finding)
		}
	}
	broken := slices.ContainsFunc(e.rules, func(r rule) bool { return r.Health == "err" })
	add(Broken, broken)
	if e.Heartbeat() {
		return
	}
	add(Ignored, e.Acknowledged+e.Changed == 0 && e.WithoutAction > 0)
	add(Flapping, flap(e.firings, l.Again))
	add(Frequent, float64(e.Fired-e.Silenced) > l.Often*w.length().Hours()/24)
	add(Silenced, e.Fired > 0 && e.Silenced == e.Fired)
	add(Unowned, e.team == "")
}

// flap tells whether one series came again, soon after it was over, several times within a day.
func flap(all []firing, again time.Duration) bool {
	ends, times := map[string]time.Time{}, map[string][]time.Time{}
	for _, f := range all {
		if f.what == silenced { // nobody was told
			continue
		}
		if end, before := ends[f.series]; before && f.start.Sub(end) <= again {
			came := append(times[f.series], f.start)
			if n := len(came); n >= flaps && came[n-1].Sub(came[n-flaps]) <= day {
				return true
			}
			times[f.series] = came
		}
		ends[f.series] = f.end
	}
	return false
}

// suggest looks for better numbers.
func (e *entry) suggest(ctx context.Context, from *metrics, w window) error {
	if e.Fired == 0 || e.Heartbeat() {
		return nil
	}
	switch len(e.rules) {
	case 0:
		e.Threshold = &Threshold{Why: "there is no such rule any more"}
		return nil
	case 1:
	default:
		e.Threshold = &Threshold{Why: fmt.Sprintf("%d rules have this name and these labels: which of them fired is not kept", len(e.rules))}
		return nil
	}
	threshold, err := from.threshold(ctx, e.rules[0], e.firings, w)
	if err != nil {
		return fmt.Errorf("threshold of %s: %w", e.Name, err)
	}
	e.Threshold, e.Hold = threshold, hold(e.rules[0], e.firings)
	return nil
}

// owners groups alerts by team, those of nobody first, and those with findings first in each.
func owners(all []*entry) []Owner {
	byTeam := map[string][]Alert{}
	for _, e := range all {
		byTeam[e.team] = append(byTeam[e.team], e.Alert)
	}
	out := []Owner{}
	for _, team := range slices.Sorted(maps.Keys(byTeam)) {
		alerts := byTeam[team]
		slices.SortFunc(alerts, Alert.compare)
		out = append(out, Owner{team, alerts})
	}
	return out
}

// compare puts those with findings first, and then goes by name.
func (a Alert) compare(b Alert) int {
	return cmp.Or(-cmp.Compare(min(len(a.Findings), 1), min(len(b.Findings), 1)), cmp.Compare(a.Name, b.Name),
		cmp.Compare(a.Severity, b.Severity), cmp.Compare(fmt.Sprint(a.Labels), fmt.Sprint(b.Labels)))
}
