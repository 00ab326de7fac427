package rules

import (
	"fmt"
	"strconv"
	"strings"

	"platform/components/kubernetes/alerting/alert"
)

// row is one row of the workbook's table, by itself
// (https://sre.google/workbook/alerting-on-slos/#recommended_time_windows_and_burn_rates_f).
type row struct {
	long, short string
	factor      float64
	slow        bool // a ticket
}

var table = []row{{"1h", "5m", 14.4, false}, {"6h", "30m", 6, false}, {"3d", "6h", 1, true}}

// burning are situations in which one row alone holds, and in which one of its three conditions alone does not: by a fifth,
// as near as it gets.
func burning(s alert.Service) []situation {
	var out []situation
	for _, objective := range []struct {
		name, ratio, rate string
		budget            float64
	}{
		{"Availability", alert.FailureRatio, alert.FailureRate, 1 - s.Availability/100}, {"Latency", alert.SlowRatio, alert.SlowRate, 0.01},
	} {
		for _, r := range table {
			name := objective.name + "BudgetBurnsFast"
			if r.slow {
				name = objective.name + "BudgetBurnsSlowly"
			}
			limit := r.factor * objective.budget
			for _, tried := range []struct {
				name              string
				long, short, many float64
			}{
				{"all holds", 1.2, 1.2, 1.2}, {"the long window does not", 0.8, 1.2, 1.2}, {"the short one does not", 1.2, 0.8, 1.2},
				{"too few", 1.2, 1.2, 0.8},
			} {
				series := []string{
					told(objective.ratio+r.long, s, tried.long*limit), told(objective.ratio+r.short, s, tried.short*limit),
					// Ten samples, each of a minute, of as many a second as make ten in all.
					told(objective.rate, s, tried.many*alert.Least/600),
				}
				about := situation{
					name: fmt.Sprintf("%s over %s and %s: %s", objective.name, r.long, r.short, tried.name), of: s,
					series: series, span: [2]int{9, 1}, recorded: true, near: []string{name},
				}
				if tried.name == "all holds" {
					about.fires, about.near = about.near, nil
				}
				out = append(out, about)
			}
		}
	}
	return out
}

func told(metric string, s alert.Service, value float64) string {
	return fmt.Sprintf("%s{service=%q,team=%q} %s", metric, s.Name, s.Team, strings.TrimSuffix(strings.Repeat(strconv.FormatFloat(value, 'f', 9, 64)+" ", 10), " "))
}
