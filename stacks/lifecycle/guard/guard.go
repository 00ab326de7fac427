// Package guard reads what an up would do, and refuses to let anything be replaced or deleted that cannot be brought
// back, unless the environment's file has a waiver for it.
package guard

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"platform/stacks/catalog"
	"platform/stacks/config"
)

// The operations of the engine, which are constants of https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/resource/deploy/step.go.
// A replacement has three steps, of which a document shows the middle one alone unless it was made with
// --show-replacement-steps. To import in place of something deletes that, too. What was only read is discarded, not
// deleted; a pending replacement is removed when its thing is gone already.
var (
	replacing  = []string{"replace", "create-replacement", "delete-replaced", "import-replacement"}
	operations = append([]string{
		"same", "create", "update", "delete", "read", "read-replacement", "refresh", "discard", "discard-replaced",
		"remove-pending-replace", "import", "diff", "extend-parameterize",
	}, replacing...)
)

// Finding is one thing that would be lost.
type Finding struct {
	Operation config.Operation `json:"operation"`
	URN       string           `json:"urn"`
	Type      string           `json:"type"`
	Name      string           `json:"name"`
	Kind      Kind             `json:"kind"`
	Lost      string           `json:"lost"`
	Source    string           `json:"source,omitempty"`
	// Kept says that the cloud keeps the thing, of which the state knows nothing any more.
	Kept   bool    `json:"kept,omitempty"`
	Causes []Cause `json:"causes"`
	// Renamed are the things of the same type that the preview creates: one of them may be this one by another name.
	Renamed []string `json:"renamed,omitempty"`
	Runbook string   `json:"runbook"`
	// Waiver is what the environment's file would have to say; its reason is for a person to write.
	Waiver config.Waiver `json:"waiver"`
	// Expired is the waiver that counted once.
	Expired *config.Waiver `json:"expired,omitempty"`
}

// Report is what the guard has to say of a preview.
type Report struct {
	Stack string `json:"stack"`
	Steps int    `json:"steps"` // how many the preview has
	// Refused are what no waiver covers, sorted.
	Refused []Finding `json:"refused"`
	// Waived are the waivers that are used.
	Waived []config.Waiver `json:"waived"`
	// Expired and Superfluous are waivers that cover nothing: their day is over, or nothing of the kind would happen.
	Expired     []config.Waiver `json:"expired"`
	Superfluous []config.Waiver `json:"superfluous"`
}

// waiverDays is how long a proposed waiver counts: until the next up, and not until the next mistake.
const waiverDays = 7

// Judge compares a preview with the waivers of its environment.
func Judge(p Preview, waivers []config.Waiver, today time.Time) Report {
	r := Report{
		Stack: p.Stack, Steps: len(p.Steps),
		Refused: []Finding{}, Waived: []config.Waiver{}, Expired: []config.Waiver{}, Superfluous: []config.Waiver{},
	}
	used := make([]bool, len(waivers))
	for _, f := range p.findings(today) {
		waived := false
		for i, w := range waivers {
			if !w.Covers(f.Operation, f.URN) {
				continue
			}
			used[i] = true
			if w.Expires.Before(today) {
				f.Expired = &waivers[i]
				continue
			}
			waived = true
			r.Waived = append(r.Waived, w)
		}
		if !waived {
			r.Refused = append(r.Refused, f)
		}
	}
	for i, w := range waivers {
		switch {
		case w.Expires.Before(today):
			r.Expired = append(r.Expired, w)
		case !used[i]:
			r.Superfluous = append(r.Superfluous, w)
		}
	}
	return r
}

// findings are what would be lost, once for each thing.
func (p Preview) findings(today time.Time) []Finding {
	found, of := map[string]Finding{}, map[string]Step{}
	created := map[string][]string{}
	for _, s := range p.Steps {
		if s.Op == "create" || s.Op == "import" {
			created[string(s.URN.Type())] = append(created[string(s.URN.Type())], s.URN.Name())
		}
	}
	for _, s := range p.Steps {
		operation, ok := s.operation()
		if !ok {
			continue
		}
		urn := string(s.URN)
		// Of the three steps of a replacement the one that says most.
		if before, seen := of[urn]; seen && slices.Index(replacing, before.Op) <= slices.Index(replacing, s.Op) {
			continue
		}
		l, guarded := lost(string(s.URN.Type()))
		if !guarded {
			continue
		}
		f := Finding{
			Operation: operation, URN: urn, Type: string(s.URN.Type()), Name: s.URN.Name(),
			Kind: l.kind, Lost: l.what, Source: l.source, Kept: s.Old != nil && s.Old.RetainOnDelete,
			Causes: s.causes(), Runbook: fmt.Sprintf("%s#%s", runbook, l.kind),
			Waiver: config.Waiver{
				URN: urn, Operation: operation, Owner: s.owner(), Expires: config.Date{Time: today.UTC().Truncate(24*time.Hour).AddDate(0, 0, waiverDays)},
			},
		}
		if operation == config.Delete {
			f.Renamed = slices.Sorted(slices.Values(created[f.Type]))
		}
		found[urn], of[urn] = f, s
	}
	var out []Finding
	for _, f := range found {
		out = append(out, f)
	}
	slices.SortFunc(out, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Kinds, a.Kind), slices.Index(Kinds, b.Kind)), cmp.Compare(a.Type, b.Type), cmp.Compare(a.URN, b.URN),
		)
	})
	return out
}

// runbook is for whoever meets the guard.
const runbook = "docs/runbooks/replacement.md"

// operation says whether a step loses something, and how. What was only read is not ours to lose.
func (s Step) operation() (config.Operation, bool) {
	if s.Old != nil && s.Old.External {
		return "", false
	}
	switch {
	case slices.Contains(replacing, s.Op):
		return config.Replace, true
	case s.Op == "delete":
		return config.Delete, true
	}
	return "", false
}

// owner is the team that a thing's tags name; what bears none is of those who own what all share.
func (s Step) owner() string {
	if s.Old != nil {
		for _, at := range [][]string{{"tags"}, {"labels"}, {"userLabels"}, {"settings", "userLabels"}, {"resourceLabels"}, {"metadata", "labels"}} {
			if team, ok := look(s.Old.Inputs, append(at, "team")).(string); ok && team != "" {
				return team
			}
		}
	}
	return catalog.Owner
}
