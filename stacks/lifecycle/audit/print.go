package audit

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"platform/stacks/lifecycle/written"
)

var head = []string{"who", "what", "where", "under", "why", "flags"}

func (g Grant) row() []string {
	what := strings.Join(g.What, ", ")
	if g.Deny {
		what = "never " + what
	}
	return []string{g.Who, what, g.Where, g.Under, g.Why, strings.Join(g.Flags, ", ")}
}

// String is a grant as a sentence, and under it why it is.
func (g Grant) String() string {
	row, under, flags := g.row(), "", ""
	if g.Under != "" {
		under = " if " + g.Under
	}
	if len(g.Flags) > 0 {
		flags = "  [" + row[5] + "]"
	}
	why := g.Why
	if why == "" {
		why = "nothing asked for it"
	}
	return fmt.Sprintf("%s: %s on %s%s%s\n    why: %s\n    at:  %s", g.Who, row[1], g.Where, under, flags, why, g.At)
}

// Write writes the report.
func (r Report) Write(out io.Writer, format string) error {
	if format == "json" {
		return written.JSON(out, r)
	}
	var people, rows [][]string
	for _, i := range r.Identities {
		people = append(people, []string{i.Name, i.Kind, i.Why})
	}
	flagged := 0
	for _, g := range r.Grants {
		rows = append(rows, g.row())
		if len(g.Flags) > 0 {
			flagged++
		}
	}
	title := fmt.Sprintf("%s: %d identities, %d grants, %d with a flag", r.Environment, len(r.Identities), len(r.Grants), flagged)
	if format == "markdown" {
		fmt.Fprintf(out, "# Access of %s\n\n", title)
		written.Markdown(out, "Grants", head, rows)
		written.Markdown(out, "Identities", []string{"name", "kind", "why"}, people)
		return nil
	}
	fmt.Fprintln(out, title)
	for _, g := range r.Grants {
		fmt.Fprintln(out, g)
	}
	w := tabwriter.NewWriter(out, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{{"identity", "kind", "why"}}, people...) {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	return w.Flush()
}

// WriteDifference writes what differs.
func WriteDifference(out io.Writer, environment string, changes []Change, format string) error {
	if format == "json" {
		if changes == nil {
			changes = []Change{}
		}
		return written.JSON(out, changes)
	}
	counts, rows := map[string]int{}, [][]string(nil)
	for _, c := range changes {
		counts[c.Change]++
		rows = append(rows, append([]string{c.Change}, c.row()...))
	}
	title := fmt.Sprintf("%s: %d added, %d removed, %d widened", environment, counts[Added], counts[Removed], counts[Widened])
	columns := append([]string{"change"}, head...)
	if format == "markdown" {
		written.Markdown(out, "Access of "+title, columns, rows)
		return nil
	}
	fmt.Fprintln(out, title)
	for _, c := range changes {
		fmt.Fprintln(out, c.Change+": "+c.String())
	}
	return nil
}
