// Package review tells, in a pull request, what a change would do to each environment that it touches.
package review

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"

	"platform/policies/rules"
	"platform/stacks/config"
	"platform/stacks/lifecycle/audit"
	"platform/stacks/lifecycle/guard"
)

// Told is what one preview told: its events, where the policies' findings are, and the document that it printed, where the states
// are, those that stay included (`pulumi preview --json --show-sames --show-replacement-steps --event-log <file>`).
type Told struct{ Events, Digest []byte }

// Report is what a change would do to one environment. It holds no value of a property but those that the guard shows.
type Report struct {
	Environment string `json:"environment"`
	// Failed is why the preview does not show everything.
	Failed     string       `json:"failed,omitempty"`
	Effects    []Effect     `json:"effects"`
	Lost       guard.Report `json:"lost"`
	Violations []Violation  `json:"violations"`
	// Access is who may do more or less than before, and AccessUnknown why that cannot be told.
	Access        []audit.Change `json:"access"`
	AccessUnknown string         `json:"accessUnknown,omitempty"`
	Time          Time           `json:"time"`
}

// Operation is what would become of a thing.
type Operation string

// The operations.
const (
	Create  Operation = "create"
	Update  Operation = "change"
	Replace Operation = "replace"
	Delete  Operation = "delete"
)

// effect is what each operation of the engine comes to; all others leave a thing as it is, or only look at it.
var effect = map[string]Operation{
	"create": Create, "import": Create, "update": Update, "delete": Delete,
	"replace": Replace, "create-replacement": Replace, "delete-replaced": Replace, "import-replacement": Replace,
}

// Effect is what would become of one thing.
type Effect struct {
	Operation Operation `json:"operation"`
	URN       string    `json:"urn"`
	Type      string    `json:"type"`
	Name      string    `json:"name"`
	// Kind is what it is to people, if something is lost with it.
	Kind guard.Kind `json:"kind,omitempty"`
	// Properties are those that differ, by their paths.
	Properties []string `json:"properties,omitempty"`
}

// Violation is what a policy found.
type Violation struct {
	Policy   string   `json:"policy"`
	URN      string   `json:"urn,omitempty"`
	Message  []string `json:"message"` // line by line
	Blocking bool     `json:"blocking"`
}

// Of reviews what a preview of an environment told.
func Of(stacks fs.FS, environment string, told Told, today time.Time) (Report, error) {
	r := Report{Environment: environment, Effects: []Effect{}, Violations: []Violation{}, Access: []audit.Change{}}
	settings, err := config.Stated(stacks, environment)
	if err != nil {
		return r, err
	}
	waivers, err := config.Waived(stacks, environment)
	if err != nil {
		return r, err
	}
	events, err := guard.Events(told.Events)
	if err != nil {
		return r, err
	}
	preview, err := guard.FromEvents(events)
	r.Violations = violations(events)
	if err != nil && !(r.violated() && ended(events)) {
		r.Failed = plain(err.Error())
	}
	for _, step := range preview.Steps {
		if stack := string(step.URN.Stack()); stack != environment {
			return r, fmt.Errorf("the preview is of stack %s, not of %s", stack, environment)
		}
	}
	preview.Stack = environment
	r.Effects, r.Lost = effects(preview), guard.Judge(preview, waivers, today)
	if r.Failed != "" {
		r.AccessUnknown = "the preview does not show everything"
		return r, nil
	}
	if r.Access, err = audit.Changed(told.Digest, settings); err != nil {
		return r, err
	}
	r.Time, err = modelledTime(told.Digest)
	return r, err
}

// effects are one for each thing: those that are replaced or deleted first, and of these those that hold something.
func effects(p guard.Preview) []Effect {
	all := map[string]*Effect{}
	for _, s := range p.Steps {
		operation, ok := effect[s.Op]
		if !ok || s.Old != nil && s.Old.External {
			continue
		}
		urn := string(s.URN)
		e := all[urn]
		if e == nil {
			e = &Effect{URN: urn, Type: string(s.URN.Type()), Name: s.URN.Name()}
			if kind, held := guard.Holds(e.Type); held {
				e.Kind = kind
			}
			all[urn] = e
		}
		// Of a replacement there are several steps.
		e.Operation = operation
		for at := range s.Diff {
			e.Properties = append(e.Properties, at)
		}
		if len(s.Diff) == 0 {
			e.Properties = append(e.Properties, s.Changed...)
		}
	}
	out := make([]Effect, 0, len(all))
	for _, e := range all {
		slices.Sort(e.Properties)
		e.Properties = slices.Compact(e.Properties)
		out = append(out, *e)
	}
	slices.SortFunc(out, func(a, b Effect) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.URN, b.URN))
	})
	return out
}

var loudest = []Operation{Delete, Replace, Update, Create}

func rank(e Effect) int {
	kind := len(guard.Kinds)
	if e.Kind != "" {
		kind = slices.Index(guard.Kinds, e.Kind)
	}
	return slices.Index(loudest, e.Operation)*(len(guard.Kinds)+1) + kind
}

// ended says whether a preview that failed came to its end all the same, as it does where policies alone refuse it: they judge the whole at
// its end, and the engine has nothing else to say.
func ended(events []apitype.EngineEvent) bool {
	end := false
	for _, e := range events {
		switch {
		case e.DiagnosticEvent != nil && e.DiagnosticEvent.Severity == "error" && plain(e.DiagnosticEvent.Message) != refusal:
			return false
		case e.SummaryEvent != nil:
			end = true
		}
	}
	return end
}

// refusal is all that the engine says where policies refuse.
const refusal = "preview failed"

// violations are what the policies found: worst first, by rule, and of each thing together.
func violations(events []apitype.EngineEvent) []Violation {
	out := []Violation{}
	for _, e := range events {
		p := e.PolicyEvent
		if p == nil || p.PolicyName == counting {
			continue
		}
		out = append(out, Violation{
			Policy: p.PolicyName, URN: p.ResourceURN, Message: message(plain(p.Message)), Blocking: p.EnforcementLevel == "mandatory",
		})
	}
	slices.SortStableFunc(out, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.severity(), b.severity()), cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.URN, b.URN), slices.Compare(a.Message, b.Message))
	})
	return out
}

// message are the lines of what was found. Before those of our own policies the engine has the policy's description.
func message(text string) []string {
	lines := strings.Split(text, "\n")
	if len(lines) > 1 && !strings.HasPrefix(lines[1], " ") {
		return lines[1:]
	}
	return lines
}

// severity is the rank of what the policy's name begins with (policies/pack); what begins with none comes last.
func (v Violation) severity() int {
	begin, _, _ := strings.Cut(v.Policy, "-")
	if i := slices.Index(rules.Severities, rules.Severity(begin)); i >= 0 {
		return i
	}
	return len(rules.Severities)
}

// violated says whether a policy refuses the change.
func (r Report) violated() bool {
	return slices.ContainsFunc(r.Violations, func(v Violation) bool { return v.Blocking })
}

// counting is the policy that tells how many others found something (policies/pack).
const counting = "count"

// plain is a text without colours.
func plain(text string) string { return strings.TrimSpace(colors.Never.Colorize(text)) }

// Count is how many things an operation would befall.
func (r Report) Count(of Operation) int {
	n := 0
	for _, e := range r.Effects {
		if e.Operation == of {
			n++
		}
	}
	return n
}

// Blocking is why the change must not be merged, in the order of weight.
func (r Report) Blocking() []string {
	var out []string
	if n := len(r.Lost.Refused); n > 0 {
		out = append(out, count(n, "thing")+" would be lost without a waiver")
	}
	n := 0
	for _, v := range r.Violations {
		if v.Blocking {
			n++
		}
	}
	if n > 0 {
		out = append(out, count(n, "violation")+" of policies")
	}
	if r.Failed != "" {
		out = append(out, "the preview failed")
	}
	return out
}

// Alarming counts the changes of access that somebody must look at.
func (r Report) Alarming() int {
	n := 0
	for _, c := range r.Access {
		if c.Alarming() {
			n++
		}
	}
	return n
}

func count(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// Read reads a report that another job wrote.
func Read(raw []byte) (Report, error) {
	var r Report
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("not a review: %w", err)
	}
	if r.Environment == "" {
		return r, errors.New("not a review: it names no environment")
	}
	return r, nil
}
