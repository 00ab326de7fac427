package guardrails

import (
	"maps"
	"slices"
)

// Strength is what a clause can do.
type Strength string

// The strengths.
const (
	Watches Strength = "watches" // the cloud tells, and never refuses
	Chooses Strength = "chooses" // the environment says whether the cloud tells or refuses
	Refuses Strength = "refuses" // the cloud knows no other way
)

// Clause is a rule of a cloud's own that stands for a promise.
type Clause struct {
	Rule     string // id of the promise, a rule of policies/rules
	Name     string // in kebab-case, unique on its cloud
	ID       string // how the cloud names its rule
	Strength Strength
	// Parameters are what the rule asks for; nil where it asks for nothing.
	Parameters func(Args) map[string]any
	// Effect is what the rule is told to do; nil where it is not told, as it can do one thing alone.
	Effect func(Args) string
	// When says where the clause is of any matter; nil is everywhere.
	When   func(Args) bool
	Source string
}

// Table is what one cloud can watch or refuse.
type Table struct {
	Clauses []Clause
	// None are the promises for which the cloud has no rule of its own, by the reason.
	None map[string]string
}

// For are the clauses that an environment asks for, in order of their names.
func (t Table) For(args Args) []Clause {
	var out []Clause
	for _, c := range t.Clauses {
		if c.When == nil || c.When(args) {
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b Clause) int {
		if a.Name < b.Name {
			return -1
		}
		return 1
	})
	return out
}

// Of are the clauses that stand for a promise.
func (t Table) Of(rule string) []Clause {
	var out []Clause
	for _, c := range t.Clauses {
		if c.Rule == rule {
			out = append(out, c)
		}
	}
	return out
}

// None makes the reasons of one table: each one of several promises.
func None(reasons map[string][]string) map[string]string {
	out := map[string]string{}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		for _, rule := range reasons[reason] {
			out[rule] = reason
		}
	}
	return out
}

// Fixed are parameters that are the same in every environment.
func Fixed(values map[string]any) func(Args) map[string]any {
	return func(Args) map[string]any { return values }
}

// Protected is an environment that protects itself from deletion.
func Protected(a Args) bool { return a.Protected }

// Redundant is an environment that survives the loss of a zone.
func Redundant(a Args) bool { return a.Redundant }

// Of the cluster's inside no cloud's own rules know anything; its admission is what refuses there.
const (
	InCluster = "it is of what lives in a cluster, where admission refuses it"
	InProgram = "it is of the program or the environment's file, which the cloud never sees"
)

// With is the clause with parameters that follow from the environment.
func (c Clause) With(parameters func(Args) map[string]any) Clause {
	c.Parameters = parameters
	return c
}

// Asking is the clause with parameters that are the same in every environment.
func (c Clause) Asking(parameters map[string]any) Clause { return c.With(Fixed(parameters)) }

// Where is the clause for environments of some kind alone.
func (c Clause) Where(when func(Args) bool) Clause {
	c.When = when
	return c
}

// Choosing is the clause whose effect the environment says.
func (c Clause) Choosing() Clause {
	c.Strength = Chooses
	return c
}

// Telling is the clause that is told what to do.
func (c Clause) Telling(effect func(Args) string) Clause {
	c.Effect = effect
	return c
}

// Watching is the clause that can only tell, or that is to do no more.
func (c Clause) Watching(effect string) Clause {
	c.Strength = Watches
	return c.Telling(func(Args) string { return effect })
}
