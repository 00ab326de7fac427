package audit

import (
	"cmp"
	"slices"
	"strings"
)

// The ways in which a grant can differ.
const (
	Added   = "added"
	Removed = "removed"
	Widened = "widened"
)

// Change is what differs of a grant. Of a widened one What is what came to it.
type Change struct {
	Change string `json:"change"`
	Grant
}

// Alarming says whether a pull request must not pass unseen: something is wider than before, or new with a flag.
func (c Change) Alarming() bool { return c.Change == Widened || c.Change == Added && len(c.Flags) > 0 }

// between joins the parts of a key; no name holds it.
const between = "\x00"

// holder is of whom and of what a grant speaks, whatever it says of them.
func (g Grant) holder() string { return g.Who + between + g.Where }

// sameBut is all of a grant but what it allows.
func (g Grant) sameBut() string {
	return strings.Join([]string{g.Who, g.Where, g.Under, strings.Join(g.Flags, ","), map[bool]string{true: "deny"}[g.Deny]}, between)
}

// notYet says whether what is granted is known only once it is made.
func (g Grant) notYet() bool {
	return slices.Contains(g.What, unknown) || strings.HasPrefix(g.Where, unknown) || g.Who == unknown
}

// Difference is what one report says more or less than an earlier one. A refusal that is gone widens; what a preview
// does not know yet counts as what the same line of the catalogue was given before.
func Difference(before, after Report) []Change {
	var out []Change
	out = append(out, oneSided(after, before, Added)...)
	out = append(out, oneSided(before, after, Removed)...)
	slices.SortFunc(out, func(a, b Change) int {
		return cmp.Or(cmp.Compare(order[a.Change], order[b.Change]), cmp.Compare(a.Who, b.Who), cmp.Compare(a.Where, b.Where),
			slices.Compare(a.What, b.What), cmp.Compare(a.Under, b.Under), cmp.Compare(a.At, b.At))
	})
	return out
}

var order = map[string]int{Widened: 0, Added: 1, Removed: 2}

// oneSided is what only one of two reports says, action by action.
func oneSided(in, other Report, change string) []Change {
	said, holders := map[string]bool{}, map[string]bool{}
	lines, waiting := map[string]bool{}, map[string]bool{}
	for _, g := range other.Grants {
		for _, what := range g.What {
			said[g.sameBut()+between+what] = true
		}
		if !g.Deny {
			holders[g.holder()] = true
		}
		lines[g.At+between+g.Why] = true
		if g.notYet() {
			waiting[g.At+between+g.Why] = true
		}
	}
	var out []Change
	for _, g := range in.Grants {
		at := g.At + between + g.Why
		if waiting[at] || g.notYet() && lines[at] {
			continue
		}
		var what []string
		for _, w := range g.What {
			if !said[g.sameBut()+between+w] {
				what = append(what, w)
			}
		}
		if len(what) == 0 {
			continue
		}
		c := Change{change, g}
		c.What = what
		switch {
		case g.Deny && change == Removed:
			c.Change = Widened
		case !g.Deny && change == Added && holders[g.holder()]:
			c.Change = Widened
		}
		out = append(out, c)
	}
	return out
}
