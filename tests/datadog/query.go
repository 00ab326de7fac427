package datadog

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Series is what one query names: a metric and what it is told apart by.
type Series struct {
	Metric string
	By     []string
	Filter string
}

// parser reads a query from left to right.
type parser struct {
	text   string
	at     int
	series []Series
}

type fault struct{ text string }

func (p *parser) fail(format string, args ...any) {
	panic(fault{fmt.Sprintf("%q at %d: %s", p.text, p.at, fmt.Sprintf(format, args...))})
}

func (p *parser) spaces() {
	for p.at < len(p.text) && p.text[p.at] == ' ' {
		p.at++
	}
}

// take takes what a pattern finds here.
func (p *parser) take(pattern *regexp.Regexp) []string {
	p.spaces()
	found := pattern.FindStringSubmatch(p.text[p.at:])
	if found != nil {
		p.at += len(found[0])
	}
	return found
}

func (p *parser) need(pattern *regexp.Regexp, what string) []string {
	found := p.take(pattern)
	if found == nil {
		p.fail("%s is needed", what)
	}
	return found
}

func form(s string) *regexp.Regexp { return regexp.MustCompile("^(?:" + s + ")") }

var (
	number  = form(`-?[0-9]+(?:\.[0-9]+)?`)
	opening = form(`\(`)
	closing = form(`\)`)
	comma   = form(`,`)
	sum     = form(`[+-]`)
	product = form(`[*/]`)
	compare = form(`(>=|<=|>|<)`)
	// https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor, metric alert query.
	over = form(`(avg|sum|min|max)\(last_([0-9]+)(m|h|d)\):`)
	// https://docs.datadoghq.com/metrics/custom_metrics/#naming-custom-metrics.
	metric = form(`([A-Za-z][A-Za-z0-9_.]{0,199})`)
	// https://docs.datadoghq.com/dashboards/querying/, https://docs.datadoghq.com/metrics/distributions/#threshold-queries.
	aggregate = form(`(avg|sum|min|max|p50|p75|p90|p95|p99|count\(v: v(?:<=|>=|<|>)[0-9.]+\)):`)
	by        = form(`by \{([a-z_]+(?:,[a-z_]+)*)\}`)
	// https://docs.datadoghq.com/metrics/custom_metrics/type_modifiers/, https://docs.datadoghq.com/dashboards/functions/rollup/.
	modifier = form(`\.(?:as_count\(\)|as_rate\(\)|rollup\((?:avg|sum|min|max|count), [0-9]+\))`)
	// https://docs.datadoghq.com/dashboards/functions/: those that are known here, with how many numbers each takes.
	function  = form(`(monotonic_diff|default_zero|clamp_max|clamp_min|cutoff_max|cutoff_min)\(`)
	functions = map[string]int{"monotonic_diff": 0, "default_zero": 0, "clamp_max": 1, "clamp_min": 1, "cutoff_max": 1, "cutoff_min": 1}
)

// longest are the largest windows of a monitor of metrics, by their unit
// (https://docs.datadoghq.com/api/latest/monitors/#create-a-monitor).
var longest = map[string]int{"m": 10080, "h": 168, "d": 7}

// caught makes a fault of the parser's an error.
func caught(err *error) {
	if r := recover(); r != nil {
		f, ok := r.(fault)
		if !ok {
			panic(r)
		}
		*err = fmt.Errorf("%s", f.text)
	}
}

// Condition reads the query of a monitor of metrics: its series, and the limit that it compares with.
func Condition(text string) (series []Series, limit float64, err error) {
	defer caught(&err)
	p := &parser{text: text}
	window := p.need(over, "an aggregate over a window, as avg(last_5m):")
	if n, _ := strconv.Atoi(window[2]); n < 1 || n > longest[window[3]] {
		p.fail("a window of at most %d%s is allowed", longest[window[3]], window[3])
	}
	p.expression()
	p.need(compare, "a comparison")
	limit, _ = strconv.ParseFloat(p.need(number, "a number")[0], 64)
	p.end()
	return p.series, limit, nil
}

// Expression reads what a panel or an objective asks.
func Expression(text string) (series []Series, err error) {
	defer caught(&err)
	p := &parser{text: text}
	p.expression()
	p.end()
	return p.series, nil
}

func (p *parser) end() {
	if p.spaces(); p.at < len(p.text) {
		p.fail("nothing more is allowed")
	}
}

func (p *parser) expression() {
	p.term()
	for p.take(sum) != nil {
		p.term()
	}
}

func (p *parser) term() {
	p.factor()
	for p.take(product) != nil {
		p.factor()
	}
}

func (p *parser) factor() {
	if p.take(opening) != nil {
		p.expression()
		p.need(closing, "a closing bracket")
		return
	}
	if called := p.take(function); called != nil {
		p.expression()
		for range functions[called[1]] {
			p.need(comma, "a comma")
			p.need(number, "a number")
		}
		p.need(closing, "a closing bracket")
		for p.take(modifier) != nil {
		}
		return
	}
	if p.take(number) != nil {
		return
	}
	p.one()
}

// one is a metric, with its filter.
func (p *parser) one() {
	p.need(aggregate, "an aggregate of a metric")
	s := Series{Metric: p.need(metric, "the name of a metric")[1]}
	if p.at >= len(p.text) || p.text[p.at] != '{' {
		p.fail("a filter is needed, as {*}")
	}
	end := strings.IndexByte(p.text[p.at:], '}')
	if end < 0 {
		p.fail("the filter does not end")
	}
	s.Filter = p.text[p.at+1 : p.at+end]
	if reason := filterFault(s.Filter); reason != "" {
		p.fail("filter: %s", reason)
	}
	p.at += end + 1
	if groups := p.take(by); groups != nil {
		s.By = strings.Split(groups[1], ",")
	}
	for p.take(modifier) != nil {
	}
	p.series = append(p.series, s)
}

const (
	tagForm   = `[a-z][a-z0-9_.-]*`
	valueForm = `[a-z0-9_./*:-]+`
)

// terms are the forms of one condition on tags
// (https://docs.datadoghq.com/metrics/advanced-filtering/#boolean-filtered-queries): values are kept in small letters
// (https://docs.datadoghq.com/getting_started/tagging/#define-tags).
var terms = []*regexp.Regexp{
	regexp.MustCompile(`^\*$`), regexp.MustCompile(`^(?:NOT )?` + tagForm + `:` + valueForm + `$`),
	regexp.MustCompile(`^` + tagForm + ` (?:NOT )?IN \(` + valueForm + `(?:, ?` + valueForm + `)*\)$`), regexp.MustCompile(`^\$[a-z]+$`),
}

func filterFault(filter string) string {
	for _, term := range strings.Split(filter, " AND ") {
		if !slices.ContainsFunc(terms, func(f *regexp.Regexp) bool { return f.MatchString(term) }) {
			return fmt.Sprintf("%q is none of the known forms", term)
		}
	}
	return ""
}
