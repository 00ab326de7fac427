package engine

import (
	"slices"

	"github.com/prometheus/prometheus/promql/parser"
)

// Names are the metrics that an expression reads, each once, in order.
func Names(expression string) ([]string, error) {
	root, err := Parse(expression)
	if err != nil {
		return nil, err
	}
	var out []string
	parser.Inspect(root, func(node parser.Node, _ []parser.Node) error {
		if selector, ok := node.(*parser.VectorSelector); ok {
			out = append(out, selector.Name)
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), nil
}
