package review

import (
	"fmt"
	"strings"
)

// weight is how much a reader would miss what a section says.
type weight int

// From what must never be cut to what is cut first.
const (
	whole weight = iota // never cut
	lost
	violated
	replaced
	deleted
	widened
	granted
	slow
	changed
	created
	waivers
	weights
)

// section is one part of what is said of an environment.
type section struct {
	weight weight
	title  string
	note   string // above the table, always said
	head   []string
	rows   [][]string
	block  string // in place of a table
	open   bool   // shown without a click
}

// limits is how many rows the sections of a weight may have.
type limits map[weight]int

func (l limits) of(w weight, rows int) int {
	if most, cut := l[w]; cut {
		return min(most, rows)
	}
	return rows
}

func (s section) write(b *strings.Builder, l limits) {
	n := len(s.rows)
	if s.block != "" {
		n = 1
	}
	title := s.title
	if len(s.rows) > 0 {
		title = fmt.Sprintf("%s (%d)", title, n)
	}
	if s.open {
		fmt.Fprintf(b, "**%s**\n\n", title)
	} else {
		fmt.Fprintf(b, "<details><summary>%s</summary>\n\n", title)
	}
	if s.note != "" {
		b.WriteString(s.note + "\n\n")
	}
	most := l.of(s.weight, n)
	switch {
	case s.block != "" && most > 0:
		b.WriteString(s.block + "\n")
	case most > 0:
		fmt.Fprintf(b, "| %s |\n|%s\n", strings.Join(s.head, " | "), strings.Repeat("---|", len(s.head)))
		for _, row := range s.rows[:most] {
			fmt.Fprintf(b, "| %s |\n", strings.Join(row, " | "))
		}
		b.WriteString("\n")
	}
	if most < n {
		fmt.Fprintf(b, "%s for the length of a comment; the review of the run has %s.\n\n", cut(n-most, n), map[bool]string{true: "it", false: "them"}[n-most == 1])
	}
	if !s.open {
		b.WriteString("</details>\n\n")
	}
}

func cut(left, of int) string {
	if left == of {
		return "Left out"
	}
	return fmt.Sprintf("%d more left out", left)
}
