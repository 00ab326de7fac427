package guard

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Preview is what an up would do.
type Preview struct {
	Stack string
	Steps []Step
}

// Step is one thing that the engine would do.
type Step struct {
	Op       string
	URN      resource.URN
	Old, New *State
	Reasons  []string          // the properties that force a replacement
	Changed  []string          // the properties at the top that differ
	Diff     map[string]change // what differs, by path
}

// State is a resource before or after a step.
type State struct {
	Inputs         map[string]any `json:"inputs"`
	Outputs        map[string]any `json:"outputs"`
	Provider       string         `json:"provider"`
	External       bool           `json:"external"`
	Taint          bool           `json:"taint"`
	RetainOnDelete bool           `json:"retainOnDelete"`
}

// change is how a property differs, as update, add-replace and so on.
type change struct {
	Kind      string `json:"kind"`
	InputDiff bool   `json:"inputDiff"`
}

// digest is what `pulumi preview --json` prints: type PreviewDigest in
// https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/display/json.go.
type digest struct {
	Steps []struct {
		Op             string            `json:"op"`
		URN            resource.URN      `json:"urn"`
		OldState       *State            `json:"oldState"`
		NewState       *State            `json:"newState"`
		ReplaceReasons []string          `json:"replaceReasons"`
		DiffReasons    []string          `json:"diffReasons"`
		DetailedDiff   map[string]change `json:"detailedDiff"`
	} `json:"steps"`
	Diagnostics []struct {
		Message  string `json:"message"`
		Severity string `json:"severity"`
	} `json:"diagnostics"`
	ChangeSummary map[string]int `json:"changeSummary"`
}

// Read reads a preview: the document that `pulumi preview --json` prints, or the events that `--event-log` writes, one
// a line.
func Read(from io.Reader) (Preview, error) {
	raw, err := io.ReadAll(from)
	if err != nil {
		return Preview{}, fmt.Errorf("read the preview: %w", err)
	}
	line, _, _ := bytes.Cut(bytes.TrimSpace(raw), []byte("\n"))
	var first apitype.EngineEvent
	if json.Unmarshal(line, &first) == nil && first.Timestamp > 0 {
		all, err := Events(raw)
		if err != nil {
			return Preview{}, err
		}
		return FromEvents(all)
	}
	var d digest
	if err := json.Unmarshal(raw, &d); err != nil {
		return Preview{}, fmt.Errorf("the preview is neither what `pulumi preview --json` prints nor what `--event-log` writes: %w", err)
	}
	var p Preview
	for _, s := range d.Steps {
		p.Steps = append(p.Steps, Step{s.Op, s.URN, s.OldState, s.NewState, s.ReplaceReasons, s.DiffReasons, s.DetailedDiff})
	}
	var told []string
	for _, m := range d.Diagnostics {
		if m.Severity == "error" {
			told = append(told, m.Message)
		}
	}
	return p.whole(d.ChangeSummary != nil, told)
}

// Events reads what a preview writes with `--event-log`, one a line.
func Events(raw []byte) ([]apitype.EngineEvent, error) {
	var all []apitype.EngineEvent
	lines := bufio.NewScanner(bytes.NewReader(raw))
	lines.Buffer(nil, len(raw)+1)
	for lines.Scan() {
		var e apitype.EngineEvent
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return nil, fmt.Errorf("line %d of the preview's events: %w", len(all)+1, err)
		}
		all = append(all, e)
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	return all, nil
}

// FromEvents reads the events of a preview.
func FromEvents(all []apitype.EngineEvent) (Preview, error) {
	var p Preview
	var told []string
	whole := false
	for _, e := range all {
		switch {
		case e.ResourcePreEvent != nil:
			m := e.ResourcePreEvent.Metadata
			s := Step{Op: string(m.Op), URN: resource.URN(m.URN), Old: stateOf(m.Old), New: stateOf(m.New), Reasons: m.Keys, Changed: m.Diffs}
			for at, d := range m.DetailedDiff {
				if s.Diff == nil {
					s.Diff = map[string]change{}
				}
				s.Diff[at] = change{string(d.Kind), d.InputDiff}
			}
			p.Steps = append(p.Steps, s)
		case e.DiagnosticEvent != nil && e.DiagnosticEvent.Severity == "error":
			told = append(told, e.DiagnosticEvent.Message)
		case e.SummaryEvent != nil:
			whole = true
		}
	}
	return p.whole(whole, told)
}

func stateOf(s *apitype.StepEventStateMetadata) *State {
	if s == nil {
		return nil
	}
	return &State{s.Inputs, s.Outputs, s.Provider, s.External, s.Taint, s.RetainOnDelete}
}

// whole refuses a preview that failed or broke off: what it does not show may be what matters.
func (p Preview) whole(ended bool, told []string) (Preview, error) {
	switch {
	case len(told) > 0:
		return p, fmt.Errorf("the preview failed, so that it does not show everything: %s", strings.TrimSpace(told[0]))
	case !ended || len(p.Steps) == 0:
		return p, errors.New("the preview is not whole: it has no steps, or no summary at its end; preview again")
	}
	for _, s := range p.Steps {
		if !s.URN.IsValid() {
			return p, fmt.Errorf("the preview has a step of %q, which is no URN", s.URN)
		}
		stack := string(s.URN.Stack())
		if p.Stack = cmp.Or(p.Stack, stack); stack != p.Stack {
			return p, fmt.Errorf("the preview has a step of %q, and others of stack %s", s.URN, p.Stack)
		}
		if !slices.Contains(operations, s.Op) {
			return p, fmt.Errorf("%s: the guard does not know what the operation %q does: look in stacks/lifecycle/guard/guard.go", s.URN, s.Op)
		}
	}
	return p, nil
}
