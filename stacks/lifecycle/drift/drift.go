// Package drift tells how what is there differs from what Git built: what differs, how bad that is, who may have done it, and whether
// an up puts it right.
package drift

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"platform/stacks/config"
	"platform/stacks/lifecycle/guard"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/run"
)

// Kind is what happened to a thing.
type Kind string

// The kinds.
const (
	Changed Kind = "changed"
	Deleted Kind = "deleted"
	Added   Kind = "added" // a thing of which the state knows nothing
)

// Difference is one thing that is not as Git built it.
type Difference struct {
	Kind     Kind     `json:"kind"`
	Severity Severity `json:"severity"`
	Why      string   `json:"why"` // it is so bad
	URN      string   `json:"urn,omitempty"`
	Type     string   `json:"type"`
	ID       string   `json:"id"`
	Changes  []Change `json:"changes,omitempty"`
	// Mended says whether an up with a refresh puts it right, by the engine's own preview of that.
	Mended bool `json:"mended"`
	// Who is where the audit trail says who did it.
	Who string `json:"who"`
}

// Change is how a property differs, whole: what lets everybody in may stand at the end. Secrets are not shown.
type Change struct {
	Path string `json:"path"`
	Old  string `json:"old"`
	New  string `json:"new"`
}

// Report is the drift of one environment.
type Report struct {
	Environment string       `json:"environment"`
	Differences []Difference `json:"differences"` // the worst first
	// Bounds are what could not be seen.
	Bounds []string `json:"bounds,omitempty"`
	Error  string   `json:"error,omitempty"`
}

// Worst is the highest severity; nothing differs if it is None.
func (r Report) Worst() Severity {
	worst := None
	for _, d := range r.Differences {
		worst = max(worst, d.Severity)
	}
	return worst
}

// Find compares an environment with the cloud; neither is changed.
func Find(ctx context.Context, stack *run.Stack, i inventory.Inventory, s config.Settings) (Report, error) {
	r := Report{Environment: s.Environment, Differences: []Difference{}}
	events, err := stack.Compare(ctx)
	if err != nil {
		return r, err
	}
	for _, event := range events {
		if d, ok := differs(event); ok {
			r.Differences = append(r.Differences, d)
		}
	}
	if len(r.Differences) > 0 {
		mended, err := mends(ctx, stack)
		if err != nil {
			return r, err
		}
		for n, d := range r.Differences {
			r.Differences[n].Mended = mended[d.URN]
		}
	}
	added, bounds, err := added(ctx, stack, i, s)
	if err != nil {
		return r, err
	}
	r.Differences, r.Bounds = append(r.Differences, added...), bounds
	for n, d := range r.Differences {
		r.Differences[n].Severity, r.Differences[n].Why = d.judge()
		r.Differences[n].Who = trail(s, d)
	}
	slices.SortFunc(r.Differences, func(a, b Difference) int {
		return cmp.Or(int(b.Severity-a.Severity), cmp.Compare(a.URN, b.URN), cmp.Compare(a.ID, b.ID))
	})
	return r, nil
}

// differs reads what the engine's refresh told of one resource.
func differs(event apitype.EngineEvent) (Difference, bool) {
	if event.ResOutputsEvent == nil {
		return Difference{}, false
	}
	m := event.ResOutputsEvent.Metadata
	urn := resource.URN(m.URN)
	d := Difference{URN: m.URN, Type: string(urn.Type())}
	if m.Old == nil || strings.HasPrefix(d.Type, "pulumi:") {
		return d, false
	}
	d.ID = m.Old.ID
	switch {
	case m.Op == apitype.OpDelete:
		d.Kind = Deleted
		return d, true
	case m.Op != apitype.OpUpdate || m.New == nil:
		return d, false
	}
	d.Kind = Changed
	// What the program says is in the inputs; a change of nothing but outputs is the cloud's own, and is shown too.
	if d.Changes = changes("", m.Old.Inputs, m.New.Inputs); len(d.Changes) == 0 {
		d.Changes = changes("", m.Old.Outputs, m.New.Outputs)
	}
	return d, true
}

// changes compares two values, property by property.
func changes(at string, old, now any) []Change {
	a, mapped := old.(map[string]any)
	b, also := now.(map[string]any)
	if mapped && also && a[resource.SigKey] == nil && b[resource.SigKey] == nil {
		all := maps.Clone(a)
		maps.Copy(all, b)
		var out []Change
		for _, key := range slices.Sorted(maps.Keys(all)) {
			if key == "__defaults" || key == "__meta" {
				continue
			}
			out = append(out, changes(strings.TrimPrefix(at+"."+key, "."), a[key], b[key])...)
		}
		return out
	}
	if reflect.DeepEqual(old, now) {
		return nil
	}
	if gone, come := parted(old, now); len(gone)+len(come) > 0 {
		return []Change{{at, some(gone), some(come)}}
	}
	return []Change{{at, guard.Whole(old), guard.Whole(now)}}
}

// parted are the elements of two lists that only one of them has, each as often as it has it more; none of what are not lists.
func parted(old, now any) (gone, come []any) {
	a, list := old.([]any)
	b, also := now.([]any)
	if !list || !also {
		return nil, nil
	}
	come = slices.Clone(b)
	for _, element := range a {
		if i := slices.IndexFunc(come, func(other any) bool { return reflect.DeepEqual(element, other) }); i >= 0 {
			come = slices.Delete(come, i, i+1)
		} else {
			gone = append(gone, element)
		}
	}
	return gone, come
}

// some are elements of a list, or nothing.
func some(elements []any) string {
	if len(elements) == 0 {
		return guard.Whole(nil)
	}
	return guard.Whole(elements)
}

// mends are the URNs on which an up that refreshes first would act.
func mends(ctx context.Context, stack *run.Stack) (map[string]bool, error) {
	events, err := stack.Events(ctx, optpreview.Refresh())
	if err != nil {
		return nil, fmt.Errorf("whether an up puts it right: %w", err)
	}
	out := map[string]bool{}
	for _, event := range events {
		if event.ResourcePreEvent == nil {
			continue
		}
		switch m := event.ResourcePreEvent.Metadata; m.Op {
		case apitype.OpCreate, apitype.OpUpdate, apitype.OpReplace, apitype.OpCreateReplacement:
			out[m.URN] = true
		}
	}
	return out, nil
}

// added are the environment's things of which the state knows nothing, and which nothing in the environment made.
func added(ctx context.Context, stack *run.Stack, i inventory.Inventory, s config.Settings) ([]Difference, []string, error) {
	_, deployment, err := stack.Deployment(ctx)
	if err != nil {
		return nil, nil, err
	}
	items, bounds, err := i.List(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("ask the cloud what is there: %w", err)
	}
	var out []Difference
	for _, f := range inventory.ScopeOf(s.Environment, deployment.Resources).Find(items) {
		if !f.Same && f.Stays == "" && !f.Made() {
			out = append(out, Difference{Kind: Added, Type: f.Type, ID: f.ID})
		}
	}
	return out, bounds, nil
}
