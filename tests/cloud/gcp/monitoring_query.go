package gcp

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var (
	selectors = regexp.MustCompile(`([a-z0-9_]+:[a-z0-9_]+)\{([^}]*)\}`)
	matchers  = regexp.MustCompile(`([a-z_]+)(=~|=|!=|!~)"([^"]*)"`)
	groupings = regexp.MustCompile(`\bby \(([^)]*)\)`)
	compares  = regexp.MustCompile(`[<>]=?\s*[0-9.]+\s*$`)
)

// querySet checks a question in PromQL as far as what it asks for: Google refuses one that it cannot read, and of a metric
// that nobody measures it never hears (https://cloud.google.com/monitoring/promql/promql-mapping).
func querySet(asked map[string]any) error {
	for name, step := range map[string]int{"evaluationInterval": 30, "duration": 1} {
		text, ok := asked[name].(string)
		if seconds, err := strconv.Atoi(strings.TrimSuffix(text, "s")); ok && (err != nil || seconds%step != 0 || seconds == 0 && step > 1) {
			return fmt.Errorf("%s %q: a multiple of %d seconds is allowed", name, text, step)
		}
	}
	query, _ := asked["query"].(string)
	if strings.Count(query, "(") != strings.Count(query, ")") || !compares.MatchString(query) {
		return fmt.Errorf("query %q: one that is true or not is allowed", query)
	}
	found := selectors.FindAllStringSubmatch(query, -1)
	if len(found) == 0 {
		return fmt.Errorf("query %q: it asks for no metric", query)
	}
	labels := []string{}
	for _, selector := range found {
		of, err := selected(selector[1], selector[2])
		if err != nil {
			return err
		}
		if len(labels) == 0 {
			labels = of
		}
		// A ratio finds only what both sides have.
		labels = slices.DeleteFunc(labels, func(l string) bool { return !slices.Contains(of, l) })
	}
	for _, grouping := range groupings.FindAllStringSubmatch(query, -1) {
		for _, label := range strings.Split(grouping[1], ",") {
			if label = strings.TrimSpace(label); !slices.Contains(labels, label) {
				return fmt.Errorf("query: not everything that is asked for has the label %s: %v", label, labels)
			}
		}
	}
	return nil
}

// selected are the labels of a metric that a query names, which must say what it is measured on.
func selected(name, conditions string) ([]string, error) {
	for typ, known := range metrics {
		if promName(typ) != name {
			continue
		}
		labels := append(slices.Clone(known.labels), labelsOf[known.resource]...)
		on := ""
		for _, m := range matchers.FindAllStringSubmatch(conditions, -1) {
			switch {
			case m[1] == "monitored_resource":
				on = m[3]
			case !slices.Contains(labels, m[1]):
				return nil, fmt.Errorf("query: %s has no label %s, but %v", typ, m[1], labels)
			}
		}
		if on != known.resource {
			return nil, fmt.Errorf("query: %s is measured on %s, not on %q", typ, known.resource, on)
		}
		return labels, nil
	}
	return nil, fmt.Errorf("query: cannot find a metric that is called %s", name)
}

// promName is a metric's type as PromQL writes it.
func promName(typ string) string {
	domain, path, _ := strings.Cut(typ, "/")
	return strings.NewReplacer(".", "_", "/", "_").Replace(domain) + ":" + strings.NewReplacer(".", "_", "/", "_").Replace(path)
}
