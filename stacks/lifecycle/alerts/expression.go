package alerts

import (
	"context"
	"errors"
	"math"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// comparison is an expression that fires where something is beyond a number.
type comparison struct {
	left   string // what is compared, as an expression
	above  bool   // it fires above the number, else below
	number float64
}

var (
	above = []string{">", ">="}
	// turned is what an operator is when the number stands before it.
	turned = map[string]string{">": "<", ">=": "<=", "<": ">", "<=": ">="}
)

// parse asks Prometheus for the tree of an expression: its own parser then reads its own rules. The endpoint is experimental
// (https://prometheus.io/docs/prometheus/latest/querying/api/#parsing-a-promql-expression-into-a-abstract-syntax-tree-ast): a tree that
// is not understood gives no suggestion, and nothing else depends on it.
func (m *metrics) parse(ctx context.Context, expression string) (map[string]any, error) {
	var answer struct{ Data map[string]any }
	err := m.get(ctx, "/api/v1/parse_query", url.Values{"query": {expression}}, &answer)
	return answer.Data, err
}

// compared finds what a rule compares with which number, or why it has none to move.
func (m *metrics) compared(ctx context.Context, expression string) (c comparison, why string, err error) {
	tree, err := m.parse(ctx, expression)
	if notThere(err) {
		return c, "this server tells no trees of expressions (a Prometheus before 3.0, or another product)", nil
	}
	if err != nil {
		return c, "", err
	}
	for tree["type"] == "parenExpr" && strings.HasPrefix(expression, "(") && strings.HasSuffix(expression, ")") {
		expression = strings.TrimSpace(expression[1 : len(expression)-1])
		tree, _ = tree["expr"].(map[string]any)
	}
	operator, _ := tree["op"].(string)
	switch {
	case tree["type"] != "binaryExpr":
		return c, "it compares nothing with a number", nil
	case operator == "and" || operator == "or" || operator == "unless":
		return c, "it joins conditions by " + operator + ": no single number decides", nil
	case operator == "==" || operator == "!=":
		return c, "it asks whether things are equal, not how much there is", nil
	case turned[operator] == "":
		return c, "it compares nothing with a number", nil
	case tree["bool"] == true:
		return c, "a comparison with bool has a value, and so fires, always", nil
	}
	number, right := constant(tree["rhs"])
	side := tree["lhs"]
	if !right {
		var left bool
		if number, left = constant(tree["lhs"]); !left {
			return c, "it compares with what is measured too, not with a number", nil
		}
		side = tree["rhs"]
	}
	text, err := m.text(ctx, expression, operator, side, right)
	if err != nil {
		return c, "", err
	}
	if text == "" {
		return c, "what it compares could not be cut out of it", nil
	}
	if !right {
		operator = turned[operator]
	}
	return comparison{text, slices.Contains(above, operator), number}, "", nil
}

// text cuts the one side of a comparison out of an expression. Trees have no positions: where an operator stands is tried, and
// the tree of what was cut has to be the tree of that side.
func (m *metrics) text(ctx context.Context, expression, operator string, side any, before bool) (string, error) {
	for from := len(expression); from > 0; {
		at := strings.LastIndex(expression[:from], operator)
		if at < 0 {
			break
		}
		cut := expression[:at]
		if !before {
			cut = expression[at+len(operator):]
		}
		cut, from = strings.TrimSpace(cut), at
		tree, err := m.parse(ctx, cut)
		var refused statusError
		if err != nil && !errors.As(err, &refused) {
			return "", err
		}
		if err == nil && reflect.DeepEqual(any(tree), side) {
			return cut, nil
		}
	}
	return "", nil
}

// constant is the number of a tree of nothing but numbers, as 14.4 * 0.001.
func constant(node any) (float64, bool) {
	tree, _ := node.(map[string]any)
	switch tree["type"] {
	case "numberLiteral":
		text, _ := tree["val"].(string)
		value, err := strconv.ParseFloat(text, 64)
		return value, err == nil && !math.IsNaN(value) && !math.IsInf(value, 0)
	case "parenExpr":
		return constant(tree["expr"])
	case "unaryExpr":
		value, ok := constant(tree["expr"])
		if tree["op"] == "-" {
			value = -value
		}
		return value, ok
	case "binaryExpr":
		left, one := constant(tree["lhs"])
		right, two := constant(tree["rhs"])
		value, ok := arithmetic(tree["op"], left, right)
		return value, one && two && ok
	}
	return 0, false
}

func arithmetic(operator any, a, b float64) (float64, bool) {
	value := math.NaN()
	switch operator {
	case "+":
		value = a + b
	case "-":
		value = a - b
	case "*":
		value = a * b
	case "/":
		value = a / b
	case "%":
		value = math.Mod(a, b)
	case "^":
		value = math.Pow(a, b)
	}
	return value, !math.IsNaN(value) && !math.IsInf(value, 0)
}
