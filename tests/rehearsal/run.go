package rehearsal

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/policies/rules"
	"platform/stacks/lifecycle/modelled"
	"platform/tests/checks"
	"platform/tests/cloud"
)

// Rehearse runs an environment through its whole life, and ends with it up again. What it reports is
// said as it happens; the summary comes last.
func (e *Environment) Rehearse(ctx context.Context) error {
	r := &rehearsal{Environment: e, out: e.options.Out, begun: time.Now()}
	for _, s := range []struct {
		name string
		run  func(context.Context) error
	}{
		{"preview: what would be built", r.preview},
		{"up: build it", r.up},
		{"checks: what was built is as it must be", r.check},
		{"up again: nothing changes", r.again},
		{"refresh: nothing differs", r.refresh},
		{"drift: a change by hand is found and mended", r.drift},
		{"destroy: take it all down", r.destroy},
		{"empty: nothing is left", r.empty},
		{"up: build it anew", r.rebuild},
	} {
		begun := time.Now()
		fmt.Fprintf(r.out, "\n=== %s\n", s.name)
		if err := s.run(ctx); err != nil {
			return fmt.Errorf("stage %q failed: %w", s.name, err)
		}
		r.checked = append(r.checked, fmt.Sprintf("%-46s %6.1fs", s.name, time.Since(begun).Seconds()))
	}
	r.summary()
	return nil
}

type rehearsal struct {
	*Environment
	out     io.Writer
	begun   time.Time
	built   []*cloud.Object
	checked []string

	buildPath, destroyPath []modelled.Step
	buildTime, destroyTime time.Duration
	resources              []apitype.ResourceV3
}

func (r *rehearsal) preview(ctx context.Context) error {
	before := len(r.Cloud.Inventory())
	changes, err := r.Preview(ctx)
	if err != nil {
		return err
	}
	if changes["create"] == 0 {
		return fmt.Errorf("expected resources to create, found %v; look at stacks/platform", changes)
	}
	if after := len(r.Cloud.Inventory()); after != before {
		return fmt.Errorf("expected a preview to change nothing, found %d objects instead of %d", after, before)
	}
	return nil
}

// up follows the preview, which the guard has judged.
func (r *rehearsal) up(ctx context.Context) (err error) {
	r.Cloud.Journal.Reset()
	if _, err := r.Up(ctx); err != nil {
		return err
	}
	r.built = r.Cloud.Inventory()
	if r.resources, err = r.Environment.resources(ctx); err != nil {
		return err
	}
	r.buildPath, r.buildTime = modelled.CriticalPath(r.resources, r.Cloud.Journal.Durations())
	return nil
}

func (r *rehearsal) check(context.Context) error {
	var lines []string
	for _, f := range checks.All(r.built, r.Cloud.Taggable) {
		lines = append(lines, f.String())
	}
	for _, f := range r.Cloud.Forbidden() {
		lines = append(lines, "guardrails: "+f)
	}
	for _, res := range r.resources {
		if res.Custom && res.Parent.QualifiedType() == resource.RootStackType && !strings.HasPrefix(string(res.Type), "pulumi:providers:") {
			lines = append(lines, fmt.Sprintf("parents: %s: expected a component as parent, found the stack", res.URN))
		}
	}
	if len(lines) > 0 {
		return fmt.Errorf("%d findings:\n  %s", len(lines), strings.Join(lines, "\n  "))
	}
	fmt.Fprintf(r.out, "tags, admission, exposure, encryption, readiness, guardrails and parents: no findings in %d objects\n", len(r.built))
	return nil
}

func (r *rehearsal) again(ctx context.Context) error {
	changes, err := r.Apply(ctx)
	return r.expectNothing(changes, err, "a property that has another value each time the program runs")
}

func (r *rehearsal) refresh(ctx context.Context) error {
	changes, err := r.Refresh(ctx)
	return r.expectNothing(changes, err, "an output that the rule tables compute another way when they read it")
}

func (r *rehearsal) expectNothing(changes Changes, err error, suspect string) error {
	if err == nil && len(changes) > 0 {
		err = fmt.Errorf("expected no change, found %v (named above); look for %s", changes, suspect)
	}
	return err
}

// drift adds a tag by hand to the first thing that bears tags.
func (r *rehearsal) drift(ctx context.Context) error {
	var touched string
	if err := r.Cloud.Meddle(func(t *cloud.Tx) error {
		for _, o := range r.built {
			if o.URN == "" || o.Preexisting || o.Retained != "" {
				continue
			}
			if o = t.Get(o.Type, o.ID); r.Cloud.Retag(o, "made-by-hand", "yes") {
				touched = o.String()
				return nil
			}
		}
		return fmt.Errorf("nothing bears tags")
	}); err != nil {
		return err
	}
	changes, err := r.Refresh(ctx)
	if err != nil {
		return err
	}
	if changes["update"] != 1 {
		return fmt.Errorf("expected the refresh to find the tag on %s, found %v", touched, changes)
	}
	if _, err := r.Apply(ctx); err != nil {
		return err
	}
	if d := cloud.Difference(r.built, r.Cloud.Inventory()); len(d) > 0 {
		return fmt.Errorf("expected the environment as it was before the drift, found:\n%s", shorten(d))
	}
	fmt.Fprintf(r.out, "the tag added by hand to %s was found and removed\n", touched)
	return nil
}

// protection is how an environment says that something must not be deleted.
const protection, lowered = "deleteProtection: true", "deleteProtection: false"

// environmentKey is under what a stack's file holds the environment.
const environmentKey = "  platform:environment:\n"

// lower takes the protection from the copy of the environment's file, as a person would do it in the file itself:
// with exceptions that end with the day, of everything that the policies want protected and the state has.
func (e *Environment) lower(ctx context.Context, file []byte) error {
	text := strings.ReplaceAll(string(file), protection, lowered)
	if e.options.Policies != "" {
		resources, err := e.resources(ctx)
		if err != nil {
			return err
		}
		exceptions := "    exceptions:\n"
		for _, r := range resources {
			if rules.Protects(string(r.Type)) {
				exceptions += fmt.Sprintf("      - {rule: deletion-protection, urn: '%s', owner: platform, reason: taken down today, expires: '%s'}\n",
					r.URN, time.Now().UTC().Format(time.DateOnly))
			}
		}
		text = strings.Replace(text, environmentKey, environmentKey+exceptions, 1)
	}
	return os.WriteFile(e.StackFile(), []byte(text), 0o600)
}

// destroy takes everything down. Where the environment is protected, a destroy must be refused first; the protection
// is lowered then.
func (r *rehearsal) destroy(ctx context.Context) error {
	file, err := os.ReadFile(r.StackFile())
	if err != nil {
		return err
	}
	if strings.Contains(string(file), protection) {
		if _, err := r.Destroy(ctx); err == nil {
			return fmt.Errorf("expected the protected environment to refuse its destruction, found it destroyed")
		}
		if d := cloud.Difference(r.built, r.Cloud.Inventory()); len(d) > 0 {
			return fmt.Errorf("expected a refused destroy to change nothing, found:\n%s", shorten(d))
		}
		fmt.Fprintf(r.out, "\nthe destroy was refused, as it must be; now %q becomes %q in %s\n", protection, lowered, r.StackFile())
		if err := r.lower(ctx, file); err != nil {
			return err
		}
		defer func() { _ = os.WriteFile(r.StackFile(), file, 0o600) }()
		if _, err := r.Apply(ctx); err != nil {
			return err
		}
	}
	r.Cloud.Journal.Reset()
	if _, err := r.Destroy(ctx); err != nil {
		return err
	}
	r.destroyPath, r.destroyTime = modelled.CriticalPath(r.resources, r.Cloud.Journal.Durations())
	slices.Reverse(r.destroyPath)
	return nil
}

func (r *rehearsal) empty(context.Context) error {
	var lines []string
	for _, o := range cloud.Left(r.Cloud.Inventory()) {
		line := o.String()
		if o.Owner != (cloud.Key{}) {
			line += ", made for " + o.Owner.String()
		}
		lines = append(lines, line)
	}
	if len(lines) > 0 {
		return fmt.Errorf("expected an empty cloud, found %d objects:\n  %s", len(lines), strings.Join(lines, "\n  "))
	}
	fmt.Fprintln(r.out, "the inventory is empty")
	return nil
}

// rebuild needs no guard: there is nothing to lose.
func (r *rehearsal) rebuild(ctx context.Context) error {
	if _, err := r.Up(ctx); err != nil {
		return err
	}
	if d := cloud.Difference(r.built, r.Cloud.Inventory()); len(d) > 0 {
		return fmt.Errorf("expected the environment that was destroyed, found differences:\n%s", shorten(d))
	}
	fmt.Fprintln(r.out, "the rebuilt environment equals the first but for generated text")
	return nil
}

// shorten keeps what a reader can take in of a long list of differences.
func shorten(lines []string) string {
	const most, width = 12, 400
	var out []string
	for _, line := range lines[:min(most, len(lines))] {
		out = append(out, line[:min(width, len(line))])
	}
	if len(lines) > most {
		out = append(out, fmt.Sprintf("and %d more", len(lines)-most))
	}
	return strings.Join(out, "\n")
}

func (r *rehearsal) summary() {
	types, components := map[string]int{}, map[string]int{}
	hidden := map[string]int{}
	for _, o := range r.built {
		switch {
		case o.Preexisting:
		case o.Hidden:
			hidden[o.Type]++
		default:
			types[o.Type]++
			components[componentOf(o.URN)]++
		}
	}
	fmt.Fprintf(r.out, "\n=== summary of %s\n", r.options.Stack)
	table(r.out, "resources by component", components)
	table(r.out, "resources by type", types)
	table(r.out, "made by the cloud itself", hidden)
	path(r.out, "to build", r.buildPath, r.buildTime)
	path(r.out, "to destroy", r.destroyPath, r.destroyTime)
	fmt.Fprintln(r.out, "checked, with the time it took here:")
	for _, line := range r.checked {
		fmt.Fprintln(r.out, "  "+line)
	}
	fmt.Fprintf(r.out, "the rehearsal took %.1fs\n", time.Since(r.begun).Seconds())
}

// componentOf is the innermost component type in a URN.
func componentOf(urn string) string {
	types := strings.Split(string(resource.URN(urn).QualifiedType()), "$")
	if len(types) < 2 {
		return "none"
	}
	return types[len(types)-2]
}

func table(out io.Writer, title string, counts map[string]int) {
	sum := 0
	for _, n := range counts {
		sum += n
	}
	fmt.Fprintf(out, "%s (%d):\n", title, sum)
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		fmt.Fprintf(out, "  %5d %s\n", counts[name], name)
	}
}

func path(out io.Writer, what string, steps []modelled.Step, total time.Duration) {
	fmt.Fprintf(out, "modelled time %s: at least %s; its critical path:\n", what, total.Round(time.Second))
	for _, s := range steps {
		if s.Took > 0 {
			fmt.Fprintf(out, "  %8s %s %s\n", s.Took.Round(time.Second), resource.URN(s.URN).Type(), resource.URN(s.URN).Name())
		}
	}
}
