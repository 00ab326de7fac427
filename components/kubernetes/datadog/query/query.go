package query

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Scope stands in every query for the tag by which one cluster of an account is told from the others; whoever renders a query
// puts the tag in its place.
const Scope = "$scope"

// ScopeTag is that tag. What is measured of the cluster bears it, as does what its nodes and services measure
// (https://docs.datadoghq.com/containers/kubernetes/tag/).
func ScopeTag(cluster string) string { return "kube_cluster_name:" + cluster }

// Kind is what a monitor looks at, in the words of Datadog's API.
type Kind string

// The kinds that alerts are made of.
const (
	Metric   Kind = "query alert"
	Check    Kind = "service check"
	BurnRate Kind = "slo alert"
)

// Measure is one condition under which somebody is told.
type Measure struct {
	// Role tells the measures of one alert apart; one that is alone has none.
	Role string
	Kind Kind
	// Query is whole but for Scope. One of a rate of burning has no query before its objective has an identifier: Burn says it.
	Query     string
	Threshold float64
	By        []string // the tags by which it tells several apart
	// Objective and Burn are of a rate of burning.
	Objective string
	Burn      Burn
	// Quiet is after how many minutes without any data somebody is told of that; 0 is never.
	Quiet int
	// Critical is how many times in a row a check must have failed.
	Critical int
	// Says is what people are told instead of the alert's own description, where what is measured is another number.
	Says string
}

// Burn is how fast a budget may go: over the long window, and still over the short one.
type Burn struct {
	Long, Short time.Duration
	Factor      float64
}

// LongestBurn is the longest window over which Datadog takes a rate of burning
// (https://docs.datadoghq.com/service_management/service_level_objectives/burn_rate/#monitor-creation).
const LongestBurn = 48 * time.Hour

// Text is the query of a rate of burning, once its objective has an identifier
// (https://docs.datadoghq.com/service_management/service_level_objectives/burn_rate/#api-and-terraform).
func (b Burn) Text(objective, period string) string {
	return fmt.Sprintf(`burn_rate(%q).over(%q).long_window(%q).short_window(%q) > %s`,
		objective, period, hours(b.Long), minutes(b.Short), Number(b.Factor))
}

func hours(d time.Duration) string   { return fmt.Sprintf("%dh", int(d.Hours())) }
func minutes(d time.Duration) string { return fmt.Sprintf("%dm", int(d.Minutes())) }

// Burning measures how fast the budget of an objective goes.
func Burning(role, objective string, b Burn, says string) Measure {
	return Measure{Role: role, Kind: BurnRate, Objective: objective, Burn: b, Threshold: b.Factor, Says: says}
}

// Over measures an expression of metrics over a window that ends now: its avg, min, max or sum, as aggregate says, against a limit.
func Over(aggregate string, window time.Duration, expression, compare string, limit float64, by ...string) Measure {
	return Measure{
		Kind: Metric, By: by, Threshold: limit,
		Query: fmt.Sprintf("%s(last_%s):%s %s %s", aggregate, last(window), expression, compare, Number(limit)),
	}
}

// last is a window as the language writes it.
func last(window time.Duration) string {
	for _, unit := range []struct {
		of   time.Duration
		name string
	}{{24 * time.Hour, "d"}, {time.Hour, "h"}} {
		if window%unit.of == 0 {
			return strconv.Itoa(int(window/unit.of)) + unit.name
		}
	}
	return minutes(window)
}

// Failing measures a check: it must have failed so many times in a row, in each of what it is told apart by. Quiet is after how many
// minutes its silence is told too.
func Failing(check string, times, quiet int, over []string, by ...string) Measure {
	tags := append([]string{Scope}, over...)
	for i, tag := range tags {
		tags[i] = strconv.Quote(tag)
	}
	groups := make([]string, len(by))
	for i, each := range by {
		groups[i] = strconv.Quote(each)
	}
	text := fmt.Sprintf("%q.over(%s)", check, strings.Join(tags, ","))
	if len(by) > 0 {
		text += ".by(" + strings.Join(groups, ",") + ")"
	}
	// One more than must have failed is looked at, so that as many are always there
	// (https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor, service check query).
	return Measure{
		Kind: Check, By: by, Critical: times, Threshold: float64(times), Quiet: quiet,
		Query: fmt.Sprintf("%s.last(%d).count_by_status()", text, times+1),
	}
}

// In is the same measure under a role.
func (m Measure) In(role string) Measure {
	m.Role = role
	return m
}

// Saying is the same measure, described by another text.
func (m Measure) Saying(text string) Measure {
	m.Says = text
	return m
}

// Of is a metric of one cluster, as an aggregate over its series: sum, avg, min or max, and by which tags they are told apart.
func Of(aggregate, metric string, tags []string, by ...string) string {
	out := aggregate + ":" + metric + "{" + filter(tags) + "}"
	if len(by) > 0 {
		out += " by {" + strings.Join(by, ",") + "}"
	}
	return out
}

// Counted is a counter's growth
// (https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/).
func Counted(metric string, tags []string, by ...string) string {
	return Of("sum", metric, tags, by...) + ".as_count()"
}

// Within counts the values of a distribution that are at most a limit
// (https://docs.datadoghq.com/metrics/distributions/#threshold-queries).
func Within(metric string, limit float64, tags ...string) string {
	return fmt.Sprintf("count(v: v<=%s):%s{%s}.as_count()", Number(limit), metric, filter(tags))
}

// filter joins what tags must be by words: they cannot be mixed with the signs for the same
// (https://docs.datadoghq.com/metrics/advanced-filtering/#boolean-filtered-queries).
func filter(tags []string) string { return strings.Join(append([]string{Scope}, tags...), " AND ") }

// Any is a tag whose value is one of several.
func Any(tag string, values ...string) string { return tag + " IN (" + listed(values) + ")" }

// None is a tag whose value is none of several.
func None(tag string, values ...string) string { return tag + " NOT IN (" + listed(values) + ")" }

func listed(values []string) string { return strings.Join(slices.Sorted(slices.Values(values)), ",") }

// Not is a tag whose value does not have a form.
func Not(tag, form string) string { return "NOT " + tag + ":" + form }

// Number is a number without an exponent.
func Number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
