package engine

import (
	"fmt"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
)

// Series is one series: a sample for each minute, or none.
type Series struct {
	Labels labels.Labels
	At     func(minute int) (value float64, present bool)
}

// promQL is the parser of all rules: without experimental functions, as Prometheus runs.
var promQL = parser.NewParser(parser.Options{})

// Parse parses an expression as Prometheus does.
func Parse(expression string) (parser.Expr, error) { return promQL.ParseExpr(expression) }

// Told are series as Prometheus's own tests write them, one sample a minute: `up{job="kong"} 1x10 0x5`
// (https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/#series).
func Told(lines ...string) ([]Series, error) {
	var out []Series
	for _, line := range lines {
		metric, values, err := promQL.ParseSeriesDesc(line)
		if err != nil {
			return nil, fmt.Errorf("series %q: %w", line, err)
		}
		out = append(out, Series{Labels: metric, At: func(minute int) (float64, bool) {
			if minute >= len(values) || values[minute].Omitted {
				return 0, false
			}
			return values[minute].Value, true
		}})
	}
	return out, nil
}

// start is when all series begin: Prometheus's own tests begin when time does.
var start = time.Unix(0, 0).UTC()
