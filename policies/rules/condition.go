package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// test is what may be said at a place, and how messages say so.
type test struct {
	allowed func(Environment) string
	holds   func(property.Value, Environment) bool
}

// condition is a test of what a path leads to.
type condition struct {
	path   string
	is     test
	source string
	// when says where the condition is of any matter; nil is everywhere.
	when guard
}

// guard says whether a condition matters, and whether that can be known yet.
type guard func(Resource, Environment) (matters, known bool)

func (c condition) judge(r Resource, e Environment) []fault {
	if c.when != nil {
		if matters, known := c.when(r, e); !matters || !known {
			return nil
		}
	}
	var out []fault
	for _, s := range at(r.Props, c.path) {
		// What is not known in a preview is judged again before it is made.
		if s.unknown || c.is.holds(s.value, e) || s.value.HasComputed() {
			continue
		}
		out = append(out, fault{r, s.path, s.shown(), c.is.allowed(e)})
	}
	return out
}

// on limits a condition to where a guard says that it matters, and one before it as well.
func (c condition) on(when guard) condition {
	before := c.when
	c.when = when
	if before != nil {
		c.when = func(r Resource, e Environment) (matters, known bool) {
			if matters, known = before(r, e); !matters || !known {
				return matters, known
			}
			return when(r, e)
		}
	}
	return c
}

func must(path string, is test, source string) condition {
	return condition{path: path, is: is, source: source}
}

func allow(text string, holds func(property.Value) bool) test {
	return test{
		func(Environment) string { return text },
		func(v property.Value, _ Environment) bool { return holds(v) },
	}
}

// is wants one of the values.
func is(values ...string) test {
	return allow(oneOf(values), func(v property.Value) bool { return slices.Contains(values, text(v)) })
}

func oneOf(values []string) string {
	if len(values) == 1 {
		return values[0]
	}
	return "one of " + strings.Join(values, ", ")
}

// unset wants none of the values; to say nothing is right.
func unset(values ...string) test {
	return allow("anything but "+strings.Join(values, ", "), func(v property.Value) bool { return !slices.Contains(values, text(v)) })
}

// orNothing lets nothing be said too.
func orNothing(t test) test {
	return test{
		func(e Environment) string { return "nothing, or " + t.allowed(e) },
		func(v property.Value, e Environment) bool { return v.IsNull() || t.holds(v, e) },
	}
}

// given wants something to be said.
func given(what string) test {
	return allow(what, func(v property.Value) bool {
		switch {
		case v.IsNull():
			return false
		case v.IsArray():
			return v.AsArray().Len() > 0
		case v.IsMap():
			return v.AsMap().Len() > 0
		}
		return text(v) != ""
	})
}

// begins wants a text that begins so.
func begins(prefix string) test {
	return allow("a text that begins with "+prefix, func(v property.Value) bool { return strings.HasPrefix(text(v), prefix) })
}

// has wants a list with all the values.
func has(values ...string) test {
	return allow("a list with "+strings.Join(values, ", "), func(v property.Value) bool {
		if !v.IsArray() {
			return false
		}
		said := map[string]bool{}
		for _, e := range v.AsArray().All {
			said[text(e)] = true
		}
		for _, value := range values {
			if !said[value] {
				return false
			}
		}
		return true
	})
}

// tiers is a number for each tier.
type tiers map[string]float64

// atLeast wants a number that is not below that of the environment's tier.
func atLeast(least tiers, unit string) test {
	return test{
		func(e Environment) string { return fmt.Sprintf("%g %s or more in %s", least[e.Tier], unit, e.Tier) },
		func(v property.Value, e Environment) bool { n, ok := number(v); return ok && n >= least[e.Tier] },
	}
}

// atMost wants a number that is not above that of the environment's tier; to say nothing is right.
func atMost(most tiers, unit string, of func(property.Value) (float64, bool)) test {
	return test{
		func(e Environment) string { return fmt.Sprintf("at most %g %s in %s", most[e.Tier], unit, e.Tier) },
		func(v property.Value, e Environment) bool {
			if v.IsNull() {
				return true
			}
			n, ok := of(v)
			return ok && n <= most[e.Tier]
		},
	}
}

// number is a value that is a number, or a text such as "2592000s" that begins with one.
func number(v property.Value) (float64, bool) {
	if v.IsNumber() {
		return v.AsNumber(), true
	}
	if !v.IsString() {
		return 0, false
	}
	var n float64
	_, err := fmt.Sscanf(v.AsString(), "%g", &n)
	return n, err == nil
}

// inProduction is where a condition matters in production alone.
func inProduction(_ Resource, e Environment) (bool, bool) { return e.Tier == Production, true }

// where limits a condition to resources of which another test holds.
func where(path string, t test) guard {
	return func(r Resource, e Environment) (bool, bool) {
		for _, s := range at(r.Props, path) {
			if s.unknown {
				return false, false
			}
			if t.holds(s.value, e) {
				return true, true
			}
		}
		return false, true
	}
}
