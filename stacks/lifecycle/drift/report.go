package drift

import (
	"fmt"
	"io"
	"strings"

	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/written"
)

// Reports are those of all environments that were asked for.
type Reports []Report

// Worst is the highest severity of all.
func (all Reports) Worst() Severity {
	worst := None
	for _, r := range all {
		worst = max(worst, r.Worst())
	}
	return worst
}

// Err is an environment that could not be compared: its silence means nothing.
func (all Reports) Err() error {
	var failed []string
	for _, r := range all {
		if r.Error != "" {
			failed = append(failed, r.Environment+": "+r.Error)
		}
	}
	if len(failed) == 0 {
		return nil
	}
	return fmt.Errorf("not compared: %s", strings.Join(failed, "; "))
}

// FoundError says that something differs, with the status of the worst.
type FoundError struct {
	Count int
	Worst Severity
}

func (e FoundError) Error() string {
	return fmt.Sprintf("%d differ from what Git says, the worst is %s", e.Count, e.Worst)
}

// Status is the command's exit status.
func (e FoundError) Status() int { return e.Worst.Status() }

// Found is an error if something differs.
func (all Reports) Found() error {
	n := 0
	for _, r := range all {
		n += len(r.Differences)
	}
	if n == 0 {
		return nil
	}
	return FoundError{n, all.Worst()}
}

func (d Difference) mended() string {
	if d.Mended {
		return "an up that reads the cloud first puts it right: make up ENV=<env> REFRESH=1"
	}
	if d.Kind == Added {
		return "no up removes it: delete it, or bring it into the program"
	}
	return "an up leaves it as it is"
}

func (d Difference) name() string {
	if d.URN != "" {
		return d.URN
	}
	return d.Type + " " + d.ID
}

// Write writes the reports as text, JSON or Markdown.
func (all Reports) Write(out io.Writer, format string) error {
	switch format {
	case "json":
		return written.JSON(out, all)
	case "markdown":
		_, err := io.WriteString(out, all.Markdown())
		return err
	}
	for _, r := range all {
		switch {
		case r.Error != "":
			fmt.Fprintf(out, "%s: not compared: %s\n", r.Environment, r.Error)
		case len(r.Differences) == 0:
			fmt.Fprintf(out, "%s: nothing differs\n", r.Environment)
		default:
			fmt.Fprintf(out, "%s: %d differ, the worst is %s\n", r.Environment, len(r.Differences), r.Worst())
		}
		for _, d := range r.Differences {
			fmt.Fprintf(out, "  %s %s: %s\n    %s\n", d.Severity, d.Kind, d.name(), d.Why)
			for _, c := range d.Changes {
				fmt.Fprintf(out, "    %s: %s became %s\n", c.Path, guard.Short(c.Old), guard.Short(c.New))
			}
			fmt.Fprintf(out, "    %s\n    who: %s\n", d.mended(), d.Who)
		}
		for _, b := range r.Bounds {
			fmt.Fprintf(out, "  not seen: %s\n", b)
		}
	}
	return nil
}

var head = []string{"severity", "what", "thing", "how", "up", "who"}

// Markdown is the body of an issue.
func (all Reports) Markdown() string {
	var out strings.Builder
	for _, r := range all {
		var rows [][]string
		for _, d := range r.Differences {
			how := d.Why
			for _, c := range d.Changes {
				how += fmt.Sprintf("; `%s`: %s became %s", c.Path, guard.Short(c.Old), guard.Short(c.New))
			}
			rows = append(rows, []string{d.Severity.String(), string(d.Kind), d.name(), how, d.mended(), "[audit trail](" + d.Who + ")"})
		}
		written.Markdown(&out, r.Environment, head, rows)
		switch {
		case r.Error != "":
			fmt.Fprintf(&out, "Not compared: %s\n\n", written.Cell(r.Error))
		case len(rows) == 0:
			fmt.Fprint(&out, "Nothing differs.\n\n")
		}
		for _, b := range r.Bounds {
			fmt.Fprintf(&out, "- not seen: %s\n", written.Cell(b))
		}
	}
	return out.String()
}
