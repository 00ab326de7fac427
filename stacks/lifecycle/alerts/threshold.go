package alerts

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	prometheus "github.com/prometheus/client_golang/api/prometheus/v1"
	"github.com/prometheus/common/model"
)

// Threshold is a number that would have fired for what somebody acted on, and for nothing else.
type Threshold struct {
	Now      *float64 `json:"now,omitempty"`
	Proposed *float64 `json:"proposed,omitempty"`
	// Quantile is the share of the window's values, of all series, that are not above the proposed number.
	Quantile *float64 `json:"quantile,omitempty"`
	// Step is from one value that was read to the next.
	Step string `json:"step,omitempty"`
	// Why there is none.
	Why string `json:"why,omitempty"`
}

// Hold is a `for` that would have fired for what somebody acted on, and for nothing else.
type Hold struct {
	Now      string `json:"now"`
	Proposed string `json:"proposed,omitempty"`
	Why      string `json:"why,omitempty"`
}

// mostValues is how many values of an expression are read. With more, fewer of each series are: what is shorter than the
// step may then be missed, and gives no suggestion.
const mostValues = 2_000_000

// parted are the firings that a suggestion has to part: those that somebody acted on, and those that nobody did.
type parted struct{ acted, unacted []firing }

func part(all []firing) (p parted, why string) {
	for _, f := range all {
		switch {
		case f.acted():
			p.acted = append(p.acted, f)
		case f.what == unacted:
			p.unacted = append(p.unacted, f)
		}
	}
	switch {
	case len(all) == 0:
		return p, "it never fired"
	case len(p.acted) == 0:
		return p, "nobody acted on any, so nothing shows which would be worth it"
	case len(p.unacted) == 0:
		return p, "nothing fired without an action"
	}
	return p, ""
}

// between is the number with the fewest digits between two others, as near the middle as these allow.
func between(low, high float64) (float64, bool) {
	middle := low + (high-low)/2
	for digits := range 17 {
		number, err := strconv.ParseFloat(strconv.FormatFloat(middle, 'e', digits, 64), 64)
		if err == nil && low < number && number < high {
			return number, true
		}
	}
	return 0, false
}

// hold proposes a `for`.
func hold(r rule, all []firing) *Hold {
	out := &Hold{Now: words(seconds(r.Duration))}
	p, why := part(all)
	switch {
	case why != "":
		out.Why = why
		return out
	case r.KeepFiringFor > 0:
		out.Why = "keep_firing_for hides for how long its condition held"
		return out
	}
	longest, shortest := time.Duration(0), time.Duration(math.MaxInt64)
	for _, f := range p.unacted {
		longest = max(longest, f.held())
	}
	for _, f := range p.acted {
		shortest = min(shortest, f.held())
	}
	minutes, ok := between(longest.Minutes(), shortest.Minutes())
	if !ok {
		out.Why = fmt.Sprintf("what nobody acted on held for up to %s, and what somebody did for as little as %s", words(longest), words(shortest))
		return out
	}
	out.Proposed = words(time.Duration(minutes * float64(time.Minute)))
	return out
}

// threshold proposes a number for a rule.
func (m *metrics) threshold(ctx context.Context, r rule, all []firing, w window) (*Threshold, error) {
	c, why, err := m.compared(ctx, r.Query)
	if err != nil {
		return nil, err
	}
	if why != "" {
		return &Threshold{Why: why}, nil
	}
	out := &Threshold{Now: &c.number}
	p, why := part(all)
	if why != "" {
		out.Why = why
		return out, nil
	}
	m.progress("values of " + r.Name + ": " + c.left)
	values, step, err := m.values(ctx, c.left, r, p, w)
	var refused *prometheus.Error
	if errors.As(err, &refused) && ctx.Err() == nil {
		// One expression that is too much for a server is no reason to tell nothing of the others.
		out.Why = "its values of the window could not be read: " + refused.Error()
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Step = words(step)
	out.propose(c, values, p, seconds(r.Duration), r)
	return out, nil
}

// values are those of an expression over the window, by the labels that the alert has of it.
type values map[model.Fingerprint][]model.SamplePair

// values reads them at the moments at which the rule was evaluated: each group has a moment of its own within its interval.
func (m *metrics) values(ctx context.Context, left string, r rule, p parted, w window) (values, time.Duration, error) {
	step := max(r.interval, time.Second)
	count, err := m.vector(ctx, fmt.Sprintf("max_over_time(count(%s)[%dms:1h])", left, w.length().Milliseconds()), w.to)
	if err != nil {
		return nil, 0, err
	}
	if len(count) > 0 {
		all := float64(count[0].Value) * float64(w.length()/step)
		step *= time.Duration(math.Ceil(max(1, all/mostValues)))
	}
	evaluated := append(slices.Clone(p.acted), p.unacted...)[0].start
	from := evaluated.Add(-evaluated.Sub(w.from).Truncate(step))
	out := values{}
	err = m.steps(ctx, left, window{from, w.to}, step, func(all model.Matrix) {
		for _, series := range all {
			key := r.own(series.Metric).Fingerprint()
			out[key] = append(out[key], series.Values...)
		}
	})
	for _, samples := range out {
		slices.SortFunc(samples, func(a, b model.SamplePair) int { return int(a.Timestamp - b.Timestamp) })
	}
	return out, step, err
}

// own are labels that an alert has of its expression: its rule's replace those of the same name.
func (r rule) own(of model.Metric) model.Metric {
	out := alertLabels(of)
	delete(out, model.AlertNameLabel)
	for name := range r.Labels {
		delete(out, model.LabelName(name))
	}
	return out
}

// reach is the furthest number at which a firing would still have fired: for as long as `for` asks, all values were beyond it.
func (v values) reach(f firing, r rule, held time.Duration) float64 {
	samples := v[r.own(f.labels).Fingerprint()]
	from, end := model.TimeFromUnixNano(f.start.UnixNano()), model.TimeFromUnixNano(f.end.UnixNano())
	out := math.Inf(-1)
	for i, sample := range samples {
		if sample.Timestamp < from || sample.Timestamp >= end {
			continue
		}
		lowest := float64(sample.Value)
		for j := i; j >= 0 && sample.Timestamp.Sub(samples[j].Timestamp) <= held; j-- {
			lowest = min(lowest, float64(samples[j].Value))
		}
		out = max(out, lowest)
	}
	return out
}

// propose looks for a number beyond what nobody acted on, and not beyond what somebody did. It is never nearer than the present
// one, so that it fires for nothing new.
func (t *Threshold) propose(c comparison, v values, p parted, held time.Duration, r rule) {
	sign := 1.0
	if !c.above {
		sign = -1
	}
	turned, total := values{}, 0
	for key, samples := range v {
		for _, s := range samples {
			turned[key] = append(turned[key], model.SamplePair{Timestamp: s.Timestamp, Value: s.Value * model.SampleValue(sign)})
		}
		total += len(samples)
	}
	highest, lowest := math.Inf(-1), math.Inf(1)
	for _, side := range [][]firing{p.unacted, p.acted} {
		for _, f := range side {
			reached := turned.reach(f, r, held)
			if math.IsInf(reached, 0) || math.IsNaN(reached) || reached < sign*c.number {
				t.Why = fmt.Sprintf("its condition, as it is now, did not hold by the values read each %s when it fired at %s: the rule was changed since, or it fired for less than that",
					t.Step, stamp(f.start))
				return
			}
			if f.acted() {
				lowest = min(lowest, reached)
			} else {
				highest = max(highest, reached)
			}
		}
	}
	proposed, ok := between(highest, lowest)
	if !ok {
		t.Why = fmt.Sprintf("what nobody acted on reached %s, and what somebody did as little as %s", figure(sign*highest), figure(sign*lowest))
		return
	}
	proposed *= sign
	under := 0
	for _, samples := range v {
		for _, s := range samples {
			if float64(s.Value) <= proposed {
				under++
			}
		}
	}
	quantile := float64(under) / float64(total)
	t.Proposed, t.Quantile = &proposed, &quantile
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// words is a duration as Prometheus writes it, to the second.
func words(d time.Duration) string { return model.Duration(d.Round(time.Second)).String() }

func figure(f float64) string { return strconv.FormatFloat(f, 'g', 6, 64) }
