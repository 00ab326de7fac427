package review

import (
	"fmt"
	"slices"
	"strings"

	"platform/stacks/lifecycle/audit"
	"platform/stacks/lifecycle/written"
)

// Marker is by what a comment is known again.
const Marker = "<!-- platform: review of what this change does -->"

// MaxComment is how long a comment may be. The forge counts characters ("body is too long (maximum is 65536 characters)",
// https://github.com/orgs/community/discussions/27190); these are bytes, of which there are never fewer.
const MaxComment = 65536

// Change is what is reviewed.
type Change struct {
	Commit string
	Run    string // where the whole is
	// Missing are environments that the change touches and of which no review came.
	Missing []string
}

// Comment is the one comment of a pull request. If it is too long, what matters least is cut first, and it says so.
func Comment(reports []Report, of Change) string {
	reports = slices.Clone(reports)
	slices.SortFunc(reports, func(a, b Report) int { return strings.Compare(a.Environment, b.Environment) })
	var all []told
	for _, r := range reports {
		all = append(all, told{r, sections(r)})
	}
	l := limits{}
	text := write(all, of, l, len(all))
	for w := weights - 1; w > whole && len(text) > MaxComment; w-- {
		text = fit(func(rows int) string {
			l[w] = rows
			return write(all, of, l, len(all))
		}, longestSection(all, w))
	}
	if len(text) > MaxComment {
		text = fit(func(n int) string { return write(all, of, l, n) }, len(all))
	}
	return text
}

// told is a report, and what is said of it.
type told struct {
	Report
	sections []section
}

// fit is the longest of what write gives for 0 to most that is not too long, or what it gives for 0.
func fit(write func(n int) string, most int) string {
	low, high := 0, most
	for low < high {
		middle := (low + high + 1) / 2
		if len(write(middle)) <= MaxComment {
			low = middle
		} else {
			high = middle - 1
		}
	}
	return write(low)
}

func longestSection(reports []told, w weight) int {
	most := 0
	for _, r := range reports {
		for _, s := range r.sections {
			if s.weight == w {
				most = max(most, len(s.rows), 1)
			}
		}
	}
	return most
}

// write says of all environments what they come to, and of the first ones all else.
func write(reports []told, of Change, l limits, detailed int) string {
	var b strings.Builder
	b.WriteString(Marker + "\n## What this change does\n\n")
	if line := of.line(); line != "" {
		b.WriteString(line + "\n\n")
	}
	if len(of.Missing) > 0 {
		fmt.Fprintf(&b, "> [!CAUTION]\n> No review came of %s: see the run.\n\n", join(of.Missing))
	}
	if len(reports) == 0 && len(of.Missing) == 0 {
		b.WriteString("It touches no environment.\n")
		return b.String()
	}
	if len(reports) > 0 {
		b.WriteString("| environment | delete | replace | change | create | lost without a waiver | policies | access | up takes at least |\n|---|---|---|---|---|---|---|---|---|\n")
		for _, r := range reports {
			b.WriteString(r.row() + "\n")
		}
		b.WriteString("\n")
	}
	for i, r := range reports {
		if i == detailed {
			fmt.Fprintf(&b, "All else is left out for the length of a comment; the review of the run has it.\n")
			break
		}
		fmt.Fprintf(&b, "### %s\n\n", code(r.Environment))
		if blocking := r.Blocking(); len(blocking) > 0 {
			fmt.Fprintf(&b, "> [!CAUTION]\n> %s.\n\n", strings.Join(blocking, "; "))
		}
		if n := r.Alarming(); n > 0 {
			fmt.Fprintf(&b, "> [!WARNING]\n> %s of access somebody must look at: wider than before, or new with a flag.\n\n", count(n, "change"))
		}
		if len(r.Effects) == 0 && r.Failed == "" {
			b.WriteString("Nothing changes.\n\n")
		}
		for _, s := range r.sections {
			s.write(&b, l)
		}
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

func (c Change) line() string {
	var parts []string
	if c.Commit != "" {
		parts = append(parts, "Commit "+code(c.Commit)+".")
	}
	if c.Run != "" {
		parts = append(parts, fmt.Sprintf("[The run](%s) has the whole.", c.Run))
	}
	return strings.Join(parts, " ")
}

func (r Report) row() string {
	number := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	loud := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprintf("**%d**", n)
	}
	violations, access, takes := loud(len(r.Violations)), number(len(r.Access)), r.Time.text()
	if n := r.Alarming(); n > 0 {
		access = fmt.Sprintf("%d, **%d to look at**", len(r.Access), n)
	}
	if r.Failed != "" {
		access, takes = "not known", "**the preview failed**"
	}
	return "| " + strings.Join([]string{
		code(r.Environment), loud(r.Count(Delete)), loud(r.Count(Replace)), number(r.Count(Update)), number(r.Count(Create)),
		loud(len(r.Lost.Refused)), violations, access, takes,
	}, " | ") + " |"
}

func (t Time) text() string {
	if t.Build+t.Remove == 0 {
		return ""
	}
	return (t.Build + t.Remove).String()
}

// sections are what is said of an environment, in the order in which it is read.
func sections(r Report) []section {
	out := []section{
		failed(r), losses(r), judged(r), gone(r, Delete, deleted), gone(r, Replace, replaced), access(r, true), access(r, false), changes(r), creations(r), takes(r), proposed(r), waived(r),
	}
	return slices.DeleteFunc(out, func(s section) bool { return len(s.rows) == 0 && s.block == "" })
}

func failed(r Report) section {
	s := section{weight: lost, title: "Why the preview failed", open: true}
	if r.Failed != "" {
		s.block = block("", r.Failed)
	}
	return s
}

func losses(r Report) section {
	s := section{
		weight: lost, title: "Lost without a waiver", open: true, head: []string{"operation", "what", "lost", "because", "read"},
	}
	for _, f := range r.Lost.Refused {
		var because []string
		for _, c := range f.Causes {
			because = append(because, code(c.String()))
		}
		what := string(f.Kind) + " " + code(f.Name) + "<br>" + code(f.Type)
		lost := sentence(f.Lost)
		if f.Expired != nil {
			lost += "<br>its waiver ended on " + f.Expired.Expires.String()
		}
		s.rows = append(s.rows, []string{"**" + string(f.Operation) + "**", what, lost, strings.Join(because, "<br>"), code(f.Runbook)})
	}
	return s
}

// sentence is a text of our own in a cell.
func sentence(text string) string { return written.Cell(shown(text)) }

func judged(r Report) section {
	s := section{weight: violated, title: "Policies", open: true, head: []string{"policy", "what", "mend"}}
	for _, v := range r.Violations {
		first, mend := "", ""
		for i, line := range v.Message {
			if i == 0 {
				first = line
			}
			if text, ok := strings.CutPrefix(strings.TrimSpace(line), "mend:"); ok {
				mend = code(strings.TrimSpace(text))
			}
		}
		what := code(first)
		if _, name, ok := cutLast(v.URN, "::"); ok {
			what += "<br>" + code(name)
		}
		s.rows = append(s.rows, []string{code(v.Policy), what, mend})
	}
	return s
}

func cutLast(text, at string) (before, after string, found bool) {
	if i := strings.LastIndex(text, at); i >= 0 {
		return text[:i], text[i+len(at):], true
	}
	return text, "", false
}

// gone are the things that are deleted or replaced; those that hold something come first.
func gone(r Report, of Operation, w weight) section {
	s := section{weight: w, title: map[Operation]string{Delete: "Deleted", Replace: "Replaced"}[of], head: []string{"holds", "type", "name", "properties"}}
	for _, e := range r.Effects {
		if e.Operation != of {
			continue
		}
		holds := ""
		if e.Kind != "" {
			holds = "**" + string(e.Kind) + "**"
		}
		s.rows = append(s.rows, []string{holds, code(e.Type), code(e.Name), join(e.Properties)})
	}
	return s
}

func changes(r Report) section {
	s := section{weight: changed, title: "Changed", head: []string{"type", "name", "properties"}}
	for _, e := range r.Effects {
		if e.Operation == Update {
			s.rows = append(s.rows, []string{code(e.Type), code(e.Name), join(e.Properties)})
		}
	}
	return s
}

// someNames is how many of the things of a type are named.
const someNames = 5

func creations(r Report) section {
	s := section{weight: created, title: "Created, by type", head: []string{"type", "number", "names"}}
	for i := 0; i < len(r.Effects); {
		e, j := r.Effects[i], i+1
		for j < len(r.Effects) && r.Effects[j].Operation == e.Operation && r.Effects[j].Type == e.Type {
			j++
		}
		if e.Operation == Create {
			var names []string
			for _, same := range r.Effects[i:min(j, i+someNames)] {
				names = append(names, same.Name)
			}
			text := join(names)
			if j-i > someNames {
				text += fmt.Sprintf(" and %d more", j-i-someNames)
			}
			s.rows = append(s.rows, []string{code(e.Type), fmt.Sprint(j - i), text})
		}
		i = j
	}
	return s
}

func access(r Report, alarming bool) section {
	s := section{weight: granted, title: "Access: all else that changes", head: []string{"change", "who", "what", "on", "if", "why", "flags"}}
	if alarming {
		s.weight, s.title, s.open = widened, "Access: wider, or new with a flag", true
	}
	for _, c := range r.Access {
		if c.Alarming() != alarming {
			continue
		}
		change := c.Change
		if c.Deny {
			change += " refusal"
		}
		if c.Change == audit.Widened {
			change = "**" + change + "**"
		}
		why := code(c.Why)
		if why == "" {
			why = "nothing asked for it"
		}
		s.rows = append(s.rows, []string{change, code(c.Who), join(c.What), code(c.Where), code(c.Under), why, join(c.Flags)})
	}
	return s
}

func takes(r Report) section {
	s := section{
		weight: slow, title: "Where the time goes", head: []string{"takes", "type", "name"},
		note: "Modelled from published or usual durations; no up is faster than its longest chain.",
	}
	for _, step := range r.Time.Longest {
		typ, name := typeAndName(step.URN)
		s.rows = append(s.rows, []string{step.Took.String(), code(typ), code(name)})
	}
	if r.Time.Remove > 0 && len(s.rows) > 0 {
		s.rows = append(s.rows, []string{r.Time.Remove.String(), "", "then what goes is deleted"})
	}
	return s
}

func typeAndName(urn string) (typ, name string) {
	rest, name, _ := cutLast(urn, "::")
	_, typ, _ = cutLast(rest, "::")
	if _, inner, ok := cutLast(typ, "$"); ok {
		typ = inner
	}
	return typ, name
}

func proposed(r Report) section {
	s := section{weight: waivers, title: "What may be lost all the same needs these waivers", note: "In the environment's file under " + code("platform:environment") + ", with a reason each."}
	if len(r.Lost.Refused) > 0 {
		s.block = block("yaml", r.Lost.Waivers())
	}
	return s
}

func waived(r Report) section {
	s := section{weight: lost, title: "Waivers", head: []string{"", "operation", "of", "owner", "until", "reason"}}
	for _, w := range r.Lost.Waived {
		s.rows = append(s.rows, []string{"used", string(w.Operation), code(w.URN), code(w.Owner), w.Expires.String(), code(w.Reason)})
	}
	for _, w := range r.Lost.Expired {
		s.rows = append(s.rows, []string{"expired: counts as none", string(w.Operation), code(w.URN), code(w.Owner), w.Expires.String(), code(w.Reason)})
	}
	for _, w := range r.Lost.Superfluous {
		s.rows = append(s.rows, []string{"superfluous: take it out", string(w.Operation), code(w.URN), code(w.Owner), w.Expires.String(), code(w.Reason)})
	}
	return s
}

// join is a list of texts from elsewhere.
func join(all []string) string {
	var out []string
	for _, text := range all {
		out = append(out, code(text))
	}
	return strings.Join(out, ", ")
}
