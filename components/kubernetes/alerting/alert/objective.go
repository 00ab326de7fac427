package alert

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// Period is over how long a promise is kept: four weeks and a bit, as the workbook's examples have it.
const Period = 30 * 24 * time.Hour

// burn is how fast the budget of errors may go before somebody is told: Factor times as fast as it would last for the
// whole period, over the long window, and still over the short one, which ends the alert soon after the trouble.
type burn struct {
	severity    Severity
	long, short time.Duration
	factor      float64
}

// burns are the workbook's own (https://sre.google/workbook/alerting-on-slos/#recommended_time_windows_and_burn_rates_f,
// table 5-8): 2 % of the budget within an hour, 5 % within six hours, 10 % within three days.
var burns = []burn{
	{Page, time.Hour, 5 * time.Minute, 14.4},
	{Page, 6 * time.Hour, 30 * time.Minute, 6},
	{Ticket, 3 * 24 * time.Hour, 6 * time.Hour, 1},
}

// steepest is the largest factor.
const steepest = 14.4

// LeastAvailability is what may be promised at least, in percent: below, not even a service that fails altogether burns its budget so fast that
// somebody is told at once.
const LeastAvailability = 100 * (1 - 1/steepest)

// Least is how many requests must have failed in the long window, so that one failure of few requests at night wakes
// nobody (https://sre.google/workbook/alerting-on-slos/#low-traffic-services-and-error-budget-alerting).
const Least = 10

// slowPercent is how many requests may be slower than a promised p99.
const slowPercent = 1

// base is over how long rates are taken; longer windows are means of them, so that the many series of pods and buckets
// are read once a minute and over five minutes alone.
const base = 5 * time.Minute

// The records of each service. Failures and slow requests are per second as the requests are, and so add up rightly over
// windows of changing load.
const (
	RequestRate = "service:requests:rate5m"
	FailureRate = "service:request_failures:rate5m"
	SlowRate    = "service:request_slow:rate5m"

	FailureRatio = "service:request_failures:ratio" // and a window
	SlowRatio    = "service:request_slow:ratio"     // and a window

	// Promised is the share of requests that may fail, or be slow, by the label of the objective.
	Promised  = "service:error_budget:ratio"
	Remaining = "service:error_budget_remaining:ratio30d"

	LabelObjective = "objective"
	Availability   = "availability"
	Latency        = "latency"
)

// windows are all over which somebody looks.
var windows = []time.Duration{5 * time.Minute, 30 * time.Minute, time.Hour, 6 * time.Hour, 3 * 24 * time.Hour}

// objective is one promise of a service.
type objective struct {
	name   string
	rate   string // of what breaks it
	ratio  string
	budget float64
	plain  string // what breaks it, to people
	fast   string // the names of its alerts
	slow   string
}

func (s Service) objectives() []objective {
	out := []objective{{
		Availability, FailureRate, FailureRatio, rounded(1 - s.Availability/100), "failed", "AvailabilityBudgetBurnsFast", "AvailabilityBudgetBurnsSlowly",
	}}
	if s.P99 > 0 {
		out = append(out, objective{
			Latency, SlowRate, SlowRatio, rounded(slowPercent / 100.0), "took longer than " + s.P99.String(), "LatencyBudgetBurnsFast", "LatencyBudgetBurnsSlowly",
		})
	}
	return out
}

// records are the rates of one service, out of the signal that it has, and its promises.
func (s Service) records() []Rule {
	signal, labels := s.signal(), map[string]string{LabelService: s.Name, LabelTeam: s.Team}
	out := []Rule{
		{Record: RequestRate, Expr: signal.requests(base), Labels: labels},
		{Record: FailureRate, Expr: signal.failures(base), Labels: labels},
	}
	if s.P99 > 0 {
		out = append(out, Rule{Record: SlowRate, Expr: signal.slow(base, s.P99), Labels: labels})
	}
	for _, o := range s.objectives() {
		out = append(out, Rule{
			Record: Promised, Expr: "vector(" + number(o.budget) + ")",
			Labels: map[string]string{LabelService: s.Name, LabelTeam: s.Team, LabelObjective: o.name},
		})
	}
	return out
}

// shared are the records that are of all services at once, and as many as there are windows.
func shared() []Rule {
	var out []Rule
	for _, kind := range []struct{ ratio, rate, objective string }{{FailureRatio, FailureRate, Availability}, {SlowRatio, SlowRate, Latency}} {
		for _, w := range windows {
			out = append(out, Rule{Record: kind.ratio + Written(w), Expr: share(kind.rate, w)})
		}
	}
	for _, kind := range []struct{ rate, objective string }{{FailureRate, Availability}, {SlowRate, Latency}} {
		out = append(out, Rule{
			Record: Remaining, Labels: map[string]string{LabelObjective: kind.objective},
			Expr: fmt.Sprintf(`1 - %s / on(%s, %s) %s{%s=%q}`, share(kind.rate, Period), LabelService, LabelTeam, Promised, LabelObjective, kind.objective),
		})
	}
	return out
}

// share is the part of the requests in a window.
func share(rate string, window time.Duration) string {
	if window == base {
		return rate + " / " + RequestRate
	}
	return fmt.Sprintf("avg_over_time(%s[%s]) / avg_over_time(%s[%s])", rate, Written(window), RequestRate, Written(window))
}

// alerts are those of a promise: one for each severity.
func (o objective) alerts(service string) []Definition {
	var out []Definition
	for _, severity := range []Severity{Page, Ticket} {
		d := Definition{
			Name: o.fast, Severity: severity, Board: BoardBudget,
			Summary: fmt.Sprintf("%s spends its budget of %s fast", service, o.name),
			Description: fmt.Sprintf("{share} of its requests %s, of %s that are promised: at this pace the budget of 30 days is gone within five days, or sooner.",
				o.plain, percent(o.budget)),
		}
		if severity == Ticket {
			d.Name, d.Summary = o.slow, fmt.Sprintf("%s spends its budget of %s", service, o.name)
			d.Description = fmt.Sprintf("{share} of its requests of three days %s, of %s that are promised: at this pace the budget of 30 days does not last.",
				o.plain, percent(o.budget))
		}
		var ways []string
		for _, b := range burns {
			if b.severity == severity {
				ways = append(ways, o.burning(service, b))
				d.Measures = append(d.Measures, o.burned(b))
			}
		}
		d.Expr = strings.Join(ways, "\nor\n")
		out = append(out, d)
	}
	return out
}

// burning counts by the sum of what was recorded, each for as long as a record stands, so that a service of today is not
// taken for one that failed all week.
func (o objective) burning(service string, b burn) string {
	limit := number(rounded(b.factor * o.budget))
	of := fmt.Sprintf("{%s=%q}", LabelService, service)
	return fmt.Sprintf("(%s%s%s > %s and %s%s%s > %s and %s * sum_over_time(%s%s[%s]) >= %d)",
		o.ratio, Written(b.long), of, limit, o.ratio, Written(b.short), of, limit,
		number(Interval.Seconds()), o.rate, of, Written(b.long), Least)
}

// burned is the same to Datadog. It looks no further back than two days: what is to burn within a longer window burns so much faster in this
// one that the same part of the budget is gone at its end.
func (o objective) burned(b burn) query.Measure {
	if b.long > query.LongestBurn {
		b.factor = rounded(b.factor * float64(b.long) / float64(query.LongestBurn))
		b.long, b.short = query.LongestBurn, query.LongestBurn/12
	}
	return query.Burning("over-"+Written(b.long), o.name, query.Burn{Long: b.long, Short: b.short, Factor: b.factor},
		fmt.Sprintf("Its budget of %s (%s of its requests) goes {value} times as fast as it would last for 30 days.", o.name, percent(o.budget)))
}

func percent(ratio float64) string { return number(rounded(100*ratio)) + "%" }

// rounded cuts what a binary fraction adds to a decimal one.
func rounded(v float64) float64 {
	out, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 10, 64), 64)
	return out
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
