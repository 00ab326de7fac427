package alerts

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"platform/stacks/lifecycle/written"
)

var head = []string{"alert", "fired", "total", "median", "acted on", "silenced", "no action", "open", "last fired", "findings"}

func (a Alert) row() []string {
	last := ""
	if a.LastFired != nil {
		last = a.LastFired.Format(time.DateOnly)
	}
	no := strconv.Itoa(a.WithoutAction)
	if a.Unknown > 0 {
		no += fmt.Sprintf(" (%d not known)", a.Unknown)
	}
	return []string{
		a.named(), strconv.Itoa(a.Fired), words(time.Duration(a.TotalSeconds) * time.Second), words(time.Duration(a.MedianSeconds) * time.Second),
		strconv.Itoa(a.Acknowledged + a.Changed), strconv.Itoa(a.Silenced), no, strconv.Itoa(a.Open), last, strings.Join(a.Findings, ", "),
	}
}

// named is what tells the alert from others: its name, and the labels that are neither its owner nor shown.
func (a Alert) named() string {
	name := a.Name
	if a.Severity != "" {
		name += " (" + a.Severity + ")"
	}
	for _, label := range slices.Sorted(maps.Keys(a.Labels)) {
		if label != teamLabel && label != severityLabel {
			name += fmt.Sprintf(" %s=%s", label, a.Labels[label])
		}
	}
	if a.Group == "" {
		name += " [no rule any more]"
	}
	return name
}

// advice is what follows for an alert from what it did, in sentences.
func (a Alert) advice() []string {
	var out []string
	if slices.Contains(a.Findings, Ignored) {
		out = append(out, "nobody acted on it: delete it, or make it say what to do")
	}
	if slices.Contains(a.Findings, Silenced) {
		out = append(out, "it only fires where it is silenced: delete it, or mend what is silenced")
	}
	if slices.Contains(a.Findings, Broken) {
		out = append(out, "its rule cannot be evaluated, so it cannot fire: mend it")
	}
	if slices.Contains(a.Findings, Unowned) {
		out = append(out, "its label team is no team of the catalogue: nobody owns it")
	}
	if len(a.By) > 0 {
		out = append(out, "acted on by: "+strings.Join(a.By, ", "))
	}
	if t := a.Threshold; t != nil {
		switch {
		case t.Proposed != nil:
			out = append(out, fmt.Sprintf("threshold: %s in place of %s would have fired only for what somebody acted on (the %s quantile of the window, read each %s)",
				figure(*t.Proposed), figure(*t.Now), share(*t.Quantile), t.Step))
		case t.Now != nil:
			out = append(out, fmt.Sprintf("threshold: stays at %s: %s", figure(*t.Now), t.Why))
		default:
			out = append(out, "threshold: none: "+t.Why)
		}
	}
	if h := a.Hold; h != nil {
		switch {
		case h.Proposed != "":
			out = append(out, fmt.Sprintf("for: %s in place of %s would have fired only for what somebody acted on, and that much later", h.Proposed, h.Now))
		case a.Threshold == nil || a.Threshold.Why != h.Why:
			out = append(out, fmt.Sprintf("for: stays at %s: %s", h.Now, h.Why))
		}
	}
	return out
}

// share is a quantile. One that is nearly all is not rounded to all.
func share(q float64) string {
	for digits := 2; digits < 9; digits++ {
		if text := strconv.FormatFloat(q, 'f', digits, 64); !strings.HasPrefix(text, "1.") && strings.Trim(text, "0.") != "" || q == 0 || q == 1 {
			return text
		}
	}
	return strconv.FormatFloat(q, 'g', -1, 64)
}

func (r Report) title() string {
	return fmt.Sprintf("%s, %s to %s: %d of %d alerts with a finding", r.Environment, stamp(r.From), stamp(r.To), r.Found(), r.count())
}

func (r Report) count() int {
	n := 0
	for _, o := range r.Owners {
		n += len(o.Alerts)
	}
	return n
}

// bounds are what the report cannot know, in sentences.
func (r Report) bounds() []string {
	var out []string
	if r.Known.Metrics.After(r.From) {
		out = append(out, fmt.Sprintf("metrics are known since %s: of the time before nothing is told", stamp(r.Known.Metrics)))
	}
	if r.Known.HoursWithout > 0 {
		out = append(out, fmt.Sprintf("hours without any metrics: %d", r.Known.HoursWithout))
	}
	if r.Known.Silences.After(r.From) {
		out = append(out, fmt.Sprintf("silences are known since %s: of what ended before, it is not known whether somebody silenced it", stamp(r.Known.Silences)))
	}
	if len(r.Known.Missing) > 0 {
		out = append(out, "not kept, so that changes are not seen by it: "+strings.Join(r.Known.Missing, ", "))
	}
	for _, n := range r.Notifications {
		out = append(out, fmt.Sprintf("notifications by %s: %d sent, %d failed", n.Integration, n.Sent, n.Failed))
	}
	for _, w := range r.Known.Warnings {
		out = append(out, "warning: "+w)
	}
	return out
}

func (o Owner) title() string {
	if o.Team == "" {
		return "nobody"
	}
	return o.Team
}

// split parts alerts that fired from those that never did.
func (o Owner) split() (fired []Alert, never []string) {
	for _, a := range o.Alerts {
		if a.Fired > 0 || len(a.Findings) > 0 {
			fired = append(fired, a)
		} else {
			never = append(never, a.named())
		}
	}
	return fired, never
}

// Write writes the report.
func (r Report) Write(out io.Writer, format string) error {
	switch format {
	case "json":
		return written.JSON(out, r)
	case "markdown":
		r.markdown(out)
		return nil
	}
	fmt.Fprintln(out, r.title())
	for _, line := range r.bounds() {
		fmt.Fprintln(out, line)
	}
	for _, o := range r.Owners {
		fired, never := o.split()
		fmt.Fprintf(out, "\n%s\n", o.title())
		if err := table(out, fired); err != nil {
			return err
		}
		for _, a := range fired {
			if advice := a.advice(); len(advice) > 0 {
				fmt.Fprintf(out, "  %s\n    %s\n", a.named(), strings.Join(advice, "\n    "))
			}
		}
		if len(never) > 0 {
			fmt.Fprintf(out, "  never fired: %s\n", strings.Join(never, ", "))
		}
	}
	return nil
}

func table(out io.Writer, alerts []Alert) error {
	if len(alerts) == 0 {
		return nil
	}
	var aligned strings.Builder
	w := tabwriter.NewWriter(&aligned, 0, 4, 2, ' ', 0)
	for _, row := range append([][]string{head}, rows(alerts)...) {
		fmt.Fprintln(w, "  "+strings.Join(row, "\t"))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for line := range strings.Lines(aligned.String()) {
		fmt.Fprintln(out, strings.TrimRight(line, " \n"))
	}
	return nil
}

func rows(alerts []Alert) [][]string {
	var out [][]string
	for _, a := range alerts {
		out = append(out, a.row())
	}
	return out
}

func (r Report) markdown(out io.Writer) {
	fmt.Fprintf(out, "# Alerts of %s\n\n", r.title())
	for _, line := range r.bounds() {
		fmt.Fprintf(out, "- %s\n", written.Cell(line))
	}
	if len(r.bounds()) > 0 {
		fmt.Fprintln(out)
	}
	for _, o := range r.Owners {
		fired, never := o.split()
		written.Markdown(out, o.title(), head, rows(fired))
		for _, a := range fired {
			for _, line := range a.advice() {
				fmt.Fprintf(out, "- **%s** %s\n", written.Cell(a.named()), written.Cell(line))
			}
		}
		if len(never) > 0 {
			fmt.Fprintf(out, "- never fired: %s\n", written.Cell(strings.Join(never, ", ")))
		}
		fmt.Fprintln(out)
	}
}
