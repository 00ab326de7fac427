package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"

	"platform/components/kubernetes/alerting/alert"
	"platform/tests/prometheus/engine"
)

// mutant is a rule with one wrong threshold.
type mutant struct{ what, expression string }

// mutants are an expression with each threshold wrong in turn: three times as high, a third as high, and with the other
// comparison where it is a zero or an equality, which have no third.
func mutants(t *testing.T, expression string) []mutant {
	t.Helper()
	var out []mutant
	for i := 0; ; i++ {
		root := parsed(t, expression)
		compared := comparisons(root)
		if i == len(compared) {
			return out
		}
		binary, literal := compared[i].binary, compared[i].literal
		was := binary.Op.String() + " " + literal.String()
		add := func() {
			out = append(out, mutant{fmt.Sprintf("%s instead of %s", binary.Op.String()+" "+literal.String(), was), root.String()})
		}
		if other, exact := opposite[binary.Op]; exact || literal.Val == 0 {
			if !exact {
				other = boundary[binary.Op]
			}
			binary.Op = other
			add()
			continue
		}
		value := literal.Val
		for _, factor := range []float64{3, 1.0 / 3} {
			literal.Val = value * factor
			add()
		}
	}
}

var opposite = map[parser.ItemType]parser.ItemType{parser.EQLC: parser.NEQ, parser.NEQ: parser.EQLC}

// boundary: what is more than none must be silent at none; what is less than none cannot be told from less or equal.
var boundary = map[parser.ItemType]parser.ItemType{parser.GTR: parser.GTE, parser.LSS: parser.GTR}

type comparison struct {
	binary  *parser.BinaryExpr
	literal *parser.NumberLiteral
}

func comparisons(root parser.Expr) []comparison {
	var out []comparison
	parser.Inspect(root, func(node parser.Node, _ []parser.Node) error {
		if binary, ok := node.(*parser.BinaryExpr); ok && binary.Op.IsComparisonOperator() {
			if literal, ok := binary.RHS.(*parser.NumberLiteral); ok {
				out = append(out, comparison{binary, literal})
			}
		}
		return nil
	})
	return out
}

func parsed(t *testing.T, expression string) parser.Expr {
	t.Helper()
	out, err := engine.Parse(expression)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAWrongThresholdIsFound plants a wrong threshold in each alert, one after the other: some situation must turn out
// otherwise than it should, or the threshold could be anything.
func TestAWrongThresholdIsFound(t *testing.T) {
	for name, rule := range all() {
		if name == alert.Watchdog {
			continue
		}
		for i, m := range mutants(t, rule.Expr) {
			t.Run(name+": "+m.what, func(t *testing.T) {
				t.Parallel()
				if !caught(t, name, i) {
					t.Errorf("no situation says so:\n%s", m.expression)
				}
			})
		}
	}
}

// caught says whether some situation that is about an alert turns out otherwise, if one threshold of the alert is wrong in the
// same way wherever it is.
func caught(t *testing.T, name string, mutant int) bool {
	t.Helper()
	for _, s := range situations {
		if !slices.Contains(s.fires, name) && !slices.Contains(s.near, name) || promised(name) && !s.recorded {
			continue // what promises come to, the records say at once
		}
		spoiled := rules(groups(s.of), func(r alert.Rule) bool { return r.Alert == name || r.Record != "" && promised(name) })
		for _, group := range spoiled {
			for j, rule := range group.Rules {
				if rule.Alert == name {
					group.Rules[j].Expr = mutants(t, rule.Expr)[mutant].expression
				}
			}
		}
		fired, err := s.outcome(spoiled)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(fired.Names(), name) != slices.Contains(s.fires, name) {
			return true
		}
	}
	return false
}

// promised says whether an alert is of an objective.
func promised(name string) bool { return strings.Contains(name, "Budget") }
