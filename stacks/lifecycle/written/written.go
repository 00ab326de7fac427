// Package written writes what a command has to tell, in the forms that all of them share.
package written

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Formats are how a command writes what it tells.
var Formats = []string{"text", "json", "markdown"}

// JSON writes for programs.
func JSON(out io.Writer, v any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(v)
}

// Markdown writes a table under its title; nothing but the title if there is no row.
func Markdown(out io.Writer, title string, head []string, rows [][]string) {
	fmt.Fprintf(out, "## %s\n\n", title)
	if len(rows) == 0 {
		return
	}
	fmt.Fprintf(out, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range rows {
		cells := slices.Clone(row)
		for i := range cells {
			cells[i] = Cell(cells[i])
		}
		fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
	}
	fmt.Fprintln(out)
}

// Cell is a text that stays within its cell and says nothing to Markdown.
func Cell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", "\n", " ", "*", `\*`).Replace(text)
}
