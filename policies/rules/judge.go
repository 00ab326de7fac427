package rules

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Violation is one resource that is not as a rule wants it.
type Violation struct {
	Rule          Rule
	URN           string
	Type, Name    string
	Path          string
	Found         string // never a secret
	Allowed       string
	ExceptionNote string // why an exception in the environment's file does not count
}

// Message says what is wrong, where, why and how to mend it.
func (v Violation) Message() string {
	what := v.Found
	if v.Path != "" {
		what = fmt.Sprintf("%s is %s", v.Path, v.Found)
	}
	lines := []string{
		fmt.Sprintf("%s: %s; allowed is %s", v.Rule.ID, what, v.Allowed),
		fmt.Sprintf("  where: %s %s (%s)", v.Type, v.Name, v.URN),
		"  why:   " + v.Rule.Why,
		"  mend:  " + v.Rule.Mend,
		"  for:   " + v.Rule.Controls.String(),
	}
	if v.ExceptionNote != "" {
		lines = append(lines, "  note:  "+v.ExceptionNote)
	}
	return strings.Join(lines, "\n")
}

// made are all rules, made once: each resource is judged by all.
var made = sync.OnceValue(All)

// Judge finds every violation in one resource, as far as it can be told from that alone.
func Judge(r Resource, e Environment) []Violation {
	var out []Violation
	kind := r.kind()
	for _, rule := range made() {
		out = append(out, violations(rule, rule.judge(r, kind, e), e)...)
	}
	return sorted(out)
}

// JudgeWhole finds what only the whole can show, and what is wrong with the exceptions.
func JudgeWhole(all []Resource, e Environment) []Violation {
	s := newStack(all)
	var out []Violation
	for _, rule := range made() {
		if rule.whole != nil {
			out = append(out, violations(rule, rule.whole(s, e), e)...)
		}
	}
	return sorted(out)
}

// JudgeAll finds every violation in a stack, worst first and grouped by rule.
func JudgeAll(all []Resource, e Environment) []Violation {
	out := JudgeWhole(all, e)
	for _, r := range all {
		out = append(out, Judge(r, e)...)
	}
	return sorted(out)
}

func sorted(v []Violation) []Violation {
	slices.SortStableFunc(v, func(a, b Violation) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Severities, a.Rule.Severity), slices.Index(Severities, b.Rule.Severity)),
			cmp.Compare(a.Rule.ID, b.Rule.ID), cmp.Compare(a.URN, b.URN), cmp.Compare(a.Path, b.Path),
		)
	})
	return v
}

// violations are the faults that no exception lets pass.
func violations(rule Rule, faults []fault, e Environment) []Violation {
	var out []Violation
	for _, f := range faults {
		v := Violation{
			Rule: rule, URN: f.resource.URN, Type: f.resource.Type, Name: f.resource.Name,
			Path: f.path, Found: f.shown, Allowed: f.allowed,
		}
		if excepted, note := e.excepted(rule.ID, v.URN); !excepted {
			v.ExceptionNote = note
			out = append(out, v)
		}
	}
	return out
}

// excepted says whether an exception lets a resource pass, and if one would but for its date, says that.
func (e Environment) excepted(rule, urn string) (bool, string) {
	note := ""
	for _, x := range e.Exceptions {
		if x.Rule != rule || !x.Covers(urn) {
			continue
		}
		if !x.Expires.Before(e.Today) {
			return true, ""
		}
		note = fmt.Sprintf("the exception of %s ended on %s", x.Owner, x.Expires)
	}
	return false, note
}

// Count is the first line of a report.
func Count(found []Violation) string {
	by := map[Severity]int{}
	for _, v := range found {
		by[v.Rule.Severity]++
	}
	var parts []string
	for _, s := range Severities {
		parts = append(parts, fmt.Sprintf("%d %s", by[s], s))
	}
	word := "violations"
	if len(found) == 1 {
		word = "violation"
	}
	return fmt.Sprintf("%d %s: %s", len(found), word, strings.Join(parts, ", "))
}
