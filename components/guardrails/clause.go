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

// Tables are those of all clouds.
var Tables = map[string]Table{"aws": AWS, "azure": Azure, "gcp": GCP}

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

// none makes the reasons of one table: each one of several promises.
func none(reasons map[string][]string) map[string]string {
	out := map[string]string{}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		for _, rule := range reasons[reason] {
			out[rule] = reason
		}
	}
	return out
}

func fixed(values map[string]any) func(Args) map[string]any {
	return func(Args) map[string]any { return values }
}

func whereProtected(a Args) bool { return a.Protected }
func whereRedundant(a Args) bool { return a.Redundant }

// Of the cluster's inside no cloud's own rules know anything; its admission is what refuses there.
const (
	inCluster = "it is of what lives in a cluster, where admission refuses it"
	inProgram = "it is of the program or the environment's file, which the cloud never sees"
)
