package review

import (
	"strings"
	"unicode"
)

// longest is how much of a text from elsewhere a line shows, in characters.
const longest = 240

// shown is a text from elsewhere in one line: without what controls a terminal or turns the direction of reading, by which it would say
// something other than it shows (https://trojansource.codes).
func shown(text string) string {
	var b strings.Builder
	n := 0
	for _, r := range text {
		if n++; n > longest {
			b.WriteString("…")
			break
		}
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			b.WriteByte(' ')
		case unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			b.WriteRune('�')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code is a text from elsewhere as code, where it says nothing to Markdown and calls nobody: in a fence that it does not hold
// (https://github.github.com/gfm/#code-spans), and in a cell of a table (https://github.github.com/gfm/#tables-extension-), where a
// stroke would end the cell even in code.
func code(text string) string {
	text = shown(text)
	if strings.TrimSpace(text) == "" {
		return ""
	}
	text = strings.ReplaceAll(strings.ReplaceAll(text, `\|`, `\ |`), "|", `\|`)
	fence := strings.Repeat("`", run(text)+1)
	return fence + pad(text) + fence
}

// pad keeps a text's own fences and spaces at its ends apart from the fence around it.
func pad(text string) string {
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.HasPrefix(text, " ") || strings.HasSuffix(text, " ") {
		return " " + text + " "
	}
	return text
}

// run is the longest run of backticks.
func run(text string) int {
	most, n := 0, 0
	for _, r := range text {
		if n++; r != '`' {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// block is a text from elsewhere as a block of code.
func block(language, text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	most := 2
	for i := range lines {
		indent := len(lines[i]) - len(strings.TrimLeft(lines[i], " "))
		lines[i] = strings.Repeat(" ", indent) + shown(lines[i][indent:])
		most = max(most, run(lines[i]))
	}
	fence := strings.Repeat("`", most+1)
	return fence + language + "\n" + strings.Join(lines, "\n") + "\n" + fence + "\n"
}
