package datadog

import (
	"strings"
	"testing"
)

func TestAQueryIsReadAsTheDocumentationSays(t *testing.T) {
	for query, want := range map[string]float64{
		"avg(last_5m):avg:system.load.1{*} > 1.5":                                                            1.5,
		"min(last_1h):sum:a.b{x:y AND z NOT IN (p,q)} by {host,zone} - sum:c{x:y} by {host,zone} >= 0":       0,
		"sum(last_15m):100 * sum:a.count{code:5*}.as_count() / default_zero(sum:a.count{*}.as_count()) > 25": 25,
		"max(last_2d):cutoff_max(max:a{NOT b:c*} by {name}, 10) < -3":                                        -3,
		"sum(last_1h):(monotonic_diff(max:a{*}) + 1) * p99:b{$service}.rollup(max, 300) <= 2":                2,
	} {
		if _, limit, err := Condition(query); err != nil || limit != want {
			t.Errorf("%s: %v, %v", query, limit, err)
		}
	}
	for query, part := range map[string]string{
		"avg:system.load.1{*} > 1":                     "an aggregate over a window",
		"avg(last_9d):avg:a{*} > 1":                    "at most 7d",
		"avg(last_5m):avg:a{*}":                        "a comparison",
		"avg(last_5m):avg:a > 1":                       "a filter is needed",
		"avg(last_5m):a{*} > 1":                        "an aggregate of a metric",
		"avg(last_5m):avg:a{b:c,!d:e} > 1":             "none of the known forms",
		"avg(last_5m):avg:a{Reason:OOMKilled} > 1":     "none of the known forms",
		"avg(last_5m):guess(avg:a{*}) > 1":             "an aggregate of a metric",
		"avg(last_5m):(avg:a{*} > 1":                   "a closing bracket",
		"avg(last_5m):avg:a{*} by {host} > 1 and more": "nothing more",
		"avg(last_5m):cutoff_max(avg:a{*}) > 1":        "a comma",
		"avg(last_5m):avg:5xx{*} > 1":                  "the name of a metric",
	} {
		if _, _, err := Condition(query); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v, want %q", query, err, part)
		}
	}
}

func TestWhatDatadogRefusesIsRefused(t *testing.T) {
	monitor := func(kind, query, critical string) map[string]any {
		return map[string]any{
			"name": "n", "message": "m", "priority": 1.0, "type": kind, "query": query,
			"options": map[string]any{"thresholds": map[string]any{"critical": critical}},
		}
	}
	burning := func(long, short string) string {
		return `burn_rate("id").over("30d").long_window("` + long + `").short_window("` + short + `") > 6`
	}
	for _, test := range []struct {
		name string
		got  []string
		want string
	}{
		{"a metric", Monitor(monitor("query alert", "avg(last_5m):avg:a{*} > 1", "1")), ""},
		{"another limit", Monitor(monitor("query alert", "avg(last_5m):avg:a{*} > 1", "2")), "does not match"},
		{"a check", Monitor(monitor("service check", `"a.up".over("b:c").by("host").last(3).count_by_status()`, "2")), ""},
		{"looked at too seldom", Monitor(monitor("service check", `"a.up".over("b:c").last(2).count_by_status()`, "2")), "more than the threshold"},
		{"a rate of burning", Monitor(monitor("slo alert", burning("48h", "240m"), "6")), ""},
		{"over three days", Monitor(monitor("slo alert", burning("72h", "360m"), "6")), "1 to 48 hours"},
		{"a short window that is longer", Monitor(monitor("slo alert", burning("1h", "60m"), "6")), "a shorter one"},
		{"another kind", Monitor(monitor("composite", "1 && 2", "1")), "not simulated"},
		{"an objective of means", Objective(map[string]any{
			"type": "metric", "timeframe": "30d", "targetThreshold": "99.9", "query": map[string]any{"numerator": "avg:a{*}", "denominator": "sum:a{*}.as_count()"},
		}), "query.numerator: \"avg:a{*}\": a sum of counts"},
		{"a promise of all", Objective(map[string]any{
			"type": "metric", "timeframe": "31d", "targetThreshold": "100", "query": map[string]any{"numerator": "sum:a{*}.as_count()", "denominator": "sum:a{*}.as_count()"},
		}), "targetThreshold"},
		{"a variable that is not there", Dashboard(map[string]any{
			"title": "t", "layoutType": "ordered", "widgets": `[{"definition":{"type":"timeseries","requests":[{"q":"avg:a{$service}"}]}}]`,
		}), "there is no variable service"},
		{"an unknown widget", Dashboard(map[string]any{"title": "t", "layoutType": "ordered", "widgets": `[{"definition":{"type":"guess"}}]`}), "is not known"},
	} {
		all := strings.Join(test.got, "; ")
		if (test.want == "") != (all == "") || !strings.Contains(all, test.want) {
			t.Errorf("%s: %q, want %q", test.name, all, test.want)
		}
	}
}
