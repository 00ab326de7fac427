package alerts

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"pgregory.net/rapid"
)

func TestBetweenIsBetween(t *testing.T) {
	for _, test := range []struct{ low, high, want float64 }{
		{0.38, 0.92, 0.7}, {600, 1500, 1000}, {0.0991, 0.0999, 0.0995}, {-3, -1, -2}, {6, 30, 20}, {-1, 1, 0},
	} {
		if got, ok := between(test.low, test.high); !ok || got != test.want {
			t.Errorf("between %g and %g: %g, want %g", test.low, test.high, got, test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.Float64Range(-1e12, 1e12).Draw(t, "a"), rapid.Float64Range(-1e12, 1e12).Draw(t, "b")
		got, ok := between(a, b)
		if ok && !(a < got && got < b) {
			t.Fatalf("%g is not between %g and %g", got, a, b)
		}
		if ok && a >= b {
			t.Fatalf("nothing is between %g and %g", a, b)
		}
		if !ok && b-a > 1e-3 {
			t.Fatalf("nothing was found between %g and %g", a, b)
		}
	})
}

// measured is a series of one value a minute from a time on, and the firings that are in it.
type measured struct {
	start  int // minutes after noon
	values []float64
	what   string
}

func series(all ...measured) (values, parted) {
	r, v, p := rule{}, values{}, parted{}
	labels := model.Metric{"alertname": "A"}
	key := r.own(labels).Fingerprint()
	for _, m := range all {
		for i, value := range m.values {
			v[key] = append(v[key], model.SamplePair{Timestamp: model.TimeFromUnixNano(minutes(m.start + i).UnixNano()), Value: model.SampleValue(value)})
		}
		f := firing{labels: labels, start: minutes(m.start), end: minutes(m.start + len(m.values)), outcome: outcome{what: m.what}}
		switch m.what {
		case unacted:
			p.unacted = append(p.unacted, f)
		case changed:
			p.acted = append(p.acted, f)
		}
	}
	return v, p
}

func TestAThresholdPartsWhatSomebodyActedOn(t *testing.T) {
	for _, test := range []struct {
		name     string
		c        comparison
		held     time.Duration
		of       []measured
		want     float64
		quantile float64
		why      string
	}{
		{"above", comparison{above: true, number: 1}, 0,
			[]measured{{0, []float64{2, 3}, unacted}, {10, []float64{0, 0, 0, 0}, ""}, {20, []float64{9, 8}, changed}}, 6, 6.0 / 8, ""},
		{"below", comparison{number: 10}, 0,
			[]measured{{0, []float64{8, 7}, unacted}, {10, []float64{20, 20}, ""}, {20, []float64{1, 2}, changed}}, 4, 2.0 / 6, ""},
		{"a peak that does not last is not what fires", comparison{above: true, number: 1}, 2 * time.Minute,
			[]measured{{-2, []float64{2, 2}, ""}, {0, []float64{2, 50, 2}, unacted}, {18, []float64{9, 9}, ""}, {20, []float64{9, 9, 9}, changed}}, 6, 4.0 / 10, ""},
		{"they overlap", comparison{above: true, number: 1}, 0,
			[]measured{{0, []float64{9}, unacted}, {20, []float64{3}, changed}}, 0, 0, "what nobody acted on reached 9, and what somebody did as little as 3"},
		{"below, they overlap", comparison{number: 10}, 0,
			[]measured{{0, []float64{1}, unacted}, {20, []float64{3}, changed}}, 0, 0, "what nobody acted on reached 1, and what somebody did as little as 3"},
		{"the rule was another", comparison{above: true, number: 5}, 0,
			[]measured{{0, []float64{2}, unacted}, {20, []float64{9}, changed}}, 0, 0, "its condition, as it is now, did not hold"},
	} {
		t.Run(test.name, func(t *testing.T) {
			v, p := series(test.of...)
			got := Threshold{Now: &test.c.number}
			got.propose(test.c, v, p, test.held, rule{})
			if test.why != "" {
				if got.Proposed != nil || !strings.HasPrefix(got.Why, test.why) {
					t.Errorf("got %+v, want none: %s", got, test.why)
				}
				return
			}
			if got.Proposed == nil || *got.Proposed != test.want || math.Abs(*got.Quantile-test.quantile) > 1e-9 {
				t.Fatalf("got %+v, want %g, quantile %g", got, test.want, test.quantile)
			}
		})
	}
}

func TestAHoldPartsWhatSomebodyActedOn(t *testing.T) {
	lasting := func(what string, minutes ...int) []firing {
		var out []firing
		for _, m := range minutes {
			out = append(out, firing{active: noon, start: noon, end: noon.Add(time.Duration(m) * time.Minute), outcome: outcome{what: what}})
		}
		return out
	}
	for _, test := range []struct {
		name    string
		rule    rule
		firings []firing
		want    Hold
	}{
		{"it does", rule{Duration: 60}, append(lasting(unacted, 4, 6), lasting(changed, 44, 30)...), Hold{Now: "1m", Proposed: "20m"}},
		{"it cannot", rule{}, append(lasting(unacted, 4, 40), lasting(changed, 30)...),
			Hold{Now: "0s", Why: "what nobody acted on held for up to 40m, and what somebody did for as little as 30m"}},
		{"it goes on firing", rule{KeepFiringFor: 60}, append(lasting(unacted, 4), lasting(changed, 30)...),
			Hold{Now: "0s", Why: "keep_firing_for hides for how long its condition held"}},
		{"never", rule{}, nil, Hold{Now: "0s", Why: "it never fired"}},
		{"what is open or silenced parts nothing", rule{}, append(lasting(open, 4), lasting(silenced, 5)...),
			Hold{Now: "0s", Why: "nobody acted on any, so nothing shows which would be worth it"}},
	} {
		if got := hold(test.rule, test.firings); *got != test.want {
			t.Errorf("%s: %+v, want %+v", test.name, *got, test.want)
		}
	}
}

func TestConstants(t *testing.T) {
	number := func(text string) map[string]any { return map[string]any{"type": "numberLiteral", "val": text} }
	binary := func(op string, left, right any) map[string]any {
		return map[string]any{"type": "binaryExpr", "op": op, "lhs": left, "rhs": right}
	}
	for name, test := range map[string]struct {
		node any
		want float64
		ok   bool
	}{
		"a number":         {number("0.3"), 0.3, true},
		"a product":        {map[string]any{"type": "parenExpr", "expr": binary("*", number("14.4"), number("0.001"))}, 0.014400000000000001, true},
		"a negative":       {map[string]any{"type": "unaryExpr", "op": "-", "expr": number("2")}, -2, true},
		"divided by zero":  {binary("/", number("1"), number("0")), 0, false},
		"infinite":         {number("+Inf"), 0, false},
		"a comparison":     {binary(">", number("1"), number("0")), 0, false},
		"what is measured": {binary("*", number("2"), map[string]any{"type": "vectorSelector", "name": "x"}), 0, false},
		"nothing":          {nil, 0, false},
	} {
		if got, ok := constant(test.node); ok != test.ok || ok && got != test.want {
			t.Errorf("%s: %g, %t; want %g, %t", name, got, ok, test.want, test.ok)
		}
	}
}

func TestAShareIsNotRoundedToAll(t *testing.T) {
	for q, want := range map[float64]string{0.998287: "0.998", 0.9999993: "0.999999", 0.5: "0.50", 0.0004: "0.0004", 1: "1.00", 0: "0.00"} {
		if got := share(q); got != want {
			t.Errorf("%g: %s, want %s", q, got, want)
		}
	}
}
