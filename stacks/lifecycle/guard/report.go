package guard

import (
	"encoding/json"
	"fmt"
	"strings"

	"platform/stacks/config"
)

// Text is the report for people.
func (r Report) Text() string {
	var b strings.Builder
	switch len(r.Refused) {
	case 0:
		fmt.Fprintf(&b, "guard: nothing is lost in %s that a waiver does not cover (%s)\n", r.Stack, count(r.Steps, "step"))
	default:
		fmt.Fprintf(&b, "guard: %s would be lost in %s, and no waiver lets that be\n", count(len(r.Refused), "thing"), r.Stack)
	}
	for _, f := range r.Refused {
		b.WriteString("\n" + f.text())
	}
	if len(r.Refused) > 0 {
		fmt.Fprintf(&b, "\nWhat may be lost all the same needs a waiver, in stacks/%s under %s: paste this, say why in each reason, and commit.\n\n%s",
			config.FileOf(r.Stack), config.Key, r.Waivers())
	}
	told := func(what string, waivers []config.Waiver) {
		for _, w := range waivers {
			fmt.Fprintf(&b, "guard: %s: %s of %s (%s, until %s: %s)\n", what, w.Operation, w.URN, w.Owner, w.Expires, w.Reason)
		}
	}
	told("waived", r.Waived)
	told("a waiver has expired and counts as none; take it out or give it a new day", r.Expired)
	told("a waiver is superfluous; take it out", r.Superfluous)
	return b.String()
}

// text says what would be lost, where, why and how to mend it.
func (f Finding) text() string {
	lines := []string{
		fmt.Sprintf("%s %s %s %s", f.Operation, f.Kind, f.Type, f.Name),
		"  where:   " + f.URN,
		"  lost:    " + f.Lost,
	}
	if f.Kept {
		lines = append(lines, "           the cloud keeps this one for now; the program forgets it")
	}
	for _, c := range f.Causes {
		lines = append(lines, "  because: "+c.String())
	}
	for _, m := range f.mend() {
		lines = append(lines, "  mend:    "+m)
	}
	if f.Source != "" {
		lines = append(lines, "  read:    "+f.Runbook+", "+f.Source)
	} else {
		lines = append(lines, "  read:    "+f.Runbook)
	}
	if f.Expired != nil {
		lines = append(lines, fmt.Sprintf("  note:    the waiver of %s ended on %s", f.Expired.Owner, f.Expired.Expires))
	}
	return strings.Join(lines, "\n") + "\n"
}

// mend is how the thing stays.
func (f Finding) mend() []string {
	if f.Operation == config.Delete {
		out := []string{"ask for it again: undo the change of the catalogue, of the environment's file or of the code"}
		if len(f.Renamed) > 0 {
			out = append(out, fmt.Sprintf("if it only has another name or parent now (the preview creates %s), give that one the option\n"+
				"           pulumi.Aliases([]pulumi.Alias{{URN: pulumi.URN(%q)}})", strings.Join(f.Renamed, ", "), f.URN))
		}
		return out
	}
	var kept []string
	for _, c := range f.Causes {
		if c.Path != "" {
			kept = append(kept, fmt.Sprintf("%s at %s", c.Path, c.Old))
		}
	}
	if len(kept) == 0 {
		return []string{"keep what it depends on as it is; look for the first cause among the other findings and in the preview"}
	}
	return []string{"keep " + strings.Join(kept, ", ")}
}

// Waivers is what to paste into the environment's file. The reason is left out, so that nobody pastes one without a thought.
func (r Report) Waivers() string {
	var b strings.Builder
	b.WriteString("    waivers:\n")
	for _, f := range r.Refused {
		w := f.Waiver
		fmt.Fprintf(&b, "      - urn: %q\n        operation: %s\n        owner: %s\n        reason: \"\" # why it may be lost\n        expires: %q\n",
			w.URN, w.Operation, w.Owner, w.Expires)
	}
	return b.String()
}

// JSON is the report for programs.
func (r Report) JSON() (string, error) {
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(r)
	return b.String(), err
}

// Err is what is wrong, if anything is.
func (r Report) Err() error {
	if len(r.Refused) == 0 {
		return nil
	}
	return fmt.Errorf("%s of %s would be lost without a waiver: nothing was changed", count(len(r.Refused), "thing"), r.Stack)
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}
