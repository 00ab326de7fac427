package rules

import (
	"maps"
	"slices"
)

// Severity is how much harm a violation can do. Each one blocks; the order is that of the report.
type Severity string

// The severities, worst first. Their alphabetical order is their order, by which Pulumi sorts what it prints.
const (
	Critical Severity = "critical" // strangers may reach data, or anyone may do anything
	High     Severity = "high"     // data may be lost, read on the way, or leave no trace
	Medium   Severity = "medium"   // people are not told, or pay too much
)

// Severities lists them, worst first.
var Severities = []Severity{Critical, High, Medium}

// Rule is one thing that must hold of every environment.
type Rule struct {
	ID       string
	Severity Severity
	// Holds is the sentence that is true where nobody violates the rule.
	Holds string
	// Why says what happens otherwise, and Mend how to put it right.
	Why, Mend string
	Controls  Controls

	// table says what must hold of the properties of a type. A type "<package>:*" is every type of the package.
	table map[string][]condition
	// each judges what no table can say of one resource, of the types in looks.
	each  func(Resource, Environment) []fault
	looks []string
	// whole judges what one resource cannot say.
	whole func(*stack, Environment) []fault
}

// everything is a rule's name of every type there is.
const everything = "*"

// fault is what a rule finds: at whose place, what is there and what is allowed.
type fault struct {
	resource       Resource
	path           string
	shown, allowed string
}

// judge finds what violates the rule in one resource, whose kind is told so that it is found once for all rules.
func (r Rule) judge(res Resource, kind string, e Environment) []fault {
	var out []fault
	for _, key := range []string{kind, anyOf(kind)} {
		for _, c := range r.table[key] {
			out = append(out, c.judge(res, e)...)
		}
	}
	if r.each != nil && (slices.Contains(r.looks, kind) || slices.Contains(r.looks, everything)) {
		out = append(out, r.each(res, e)...)
	}
	return out
}

// anyOf is the table's name of every type of a type's package.
func anyOf(kind string) string {
	for i, c := range kind {
		if c == ':' {
			return kind[:i] + ":*"
		}
	}
	return kind
}

// Types are those that the rule looks at, in order.
func (r Rule) Types() []string {
	return slices.Sorted(maps.Keys(r.types()))
}

func (r Rule) types() map[string]bool {
	out := map[string]bool{}
	for kind := range r.table {
		out[kind] = true
	}
	for _, kind := range r.looks {
		out[kind] = true
	}
	return out
}

// Covers says whether the rule looks at anything of a cloud.
func (r Rule) Covers(cloud string) bool {
	for kind := range r.types() {
		if kind == everything || cloudOf(kind) == cloud {
			return true
		}
	}
	return false
}

// Sources are the pages that the rule's table follows, in order.
func (r Rule) Sources() []string {
	all := map[string]bool{}
	for _, conditions := range r.table {
		for _, c := range conditions {
			all[c.source] = true
		}
	}
	return slices.Sorted(maps.Keys(all))
}
