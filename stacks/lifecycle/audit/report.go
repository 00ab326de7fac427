// Package audit tells who may do what in an environment, why, and what changed.
package audit

import (
	"cmp"
	"slices"
	"strings"

	"platform/stacks/config"
)

// Identity is somebody, or something that acts as one.
type Identity struct {
	Name string `json:"name"`
	Kind string `json:"kind"`
	Why  string `json:"why"`
}

// Report is who may do what in an environment.
type Report struct {
	Environment string     `json:"environment"`
	Identities  []Identity `json:"identities"`
	Grants      []Grant    `json:"grants"`
}

// OfState reads a state, as `pulumi stack export` writes it.
func OfState(raw []byte, s config.Settings) (Report, error) {
	all, err := readState(raw)
	if err != nil {
		return Report{}, err
	}
	return report(all, s), nil
}

// OfPreview reads a preview, as `pulumi preview --json --show-sames` writes it.
func OfPreview(raw []byte, s config.Settings) (Report, error) {
	all, err := readPreview(raw)
	if err != nil {
		return Report{}, err
	}
	return report(all, s), nil
}

// Changed is what the up of a preview would change, where the preview was made as for OfPreview: in an environment that is not there yet
// everything is added.
func Changed(raw []byte, s config.Settings) ([]Change, error) {
	before, err := readBefore(raw)
	if err != nil {
		return nil, err
	}
	after, err := readPreview(raw)
	if err != nil {
		return nil, err
	}
	return Difference(report(before, s), report(after, s)), nil
}

func report(all *snapshot, s config.Settings) Report {
	out := Report{Environment: s.Environment, Identities: []Identity{}, Grants: []Grant{}}
	why := reasons{all, s}
	for _, r := range all.all {
		if slices.Contains(identities, r.kind()) {
			out.Identities = append(out.Identities, Identity{r.name(), r.kind(), why.reason(r, Grant{who: reference + r.URN})})
		}
		read := grants[r.kind()]
		if read == nil {
			continue
		}
		for _, g := range read(all, r) {
			out.Grants = append(out.Grants, why.fill(r, g)...)
		}
	}
	slices.SortFunc(out.Identities, func(a, b Identity) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Name, b.Name))
	})
	slices.SortFunc(out.Grants, func(a, b Grant) int {
		return cmp.Or(cmp.Compare(a.Who, b.Who), cmp.Compare(a.Where, b.Where), slices.Compare(a.What, b.What), cmp.Compare(a.Under, b.Under), cmp.Compare(a.At, b.At))
	})
	return out
}

// fill says of a grant what people ask. A service's policy that is not known yet is told by what the catalogue asks for.
func (w reasons) fill(r *resource, g Grant) []Grant {
	g.At = r.URN
	if c := w.component(r); c != nil && c.Type == identityType && !takesOn[r.kind()] && slices.Equal(g.What, []string{unknown}) {
		declared, _ := c.at("rights").(map[string]any)
		var out []Grant
		for role, action := range declared {
			each := g
			each.What, each.Where = []string{text(action)}, unknown+": "+role
			each.Why, _ = w.asked(text(c.at("service")), role)
			out = append(out, w.told(each))
		}
		return out
	}
	g.Why, g.Where = w.reason(r, g), w.shown(g.where)
	return []Grant{w.told(g)}
}

func (w reasons) told(g Grant) Grant {
	g.Who, g.Under = w.shown(g.who), w.shown(g.Under)
	// A member of Google Cloud is a kind and a name.
	if kind, name, ok := strings.Cut(g.who, ":"); ok && w.find(g.who) == nil && w.find(name) != nil {
		g.Who = kind + ":" + w.shown(name)
	}
	if g.Why == "" && !g.Deny {
		g.Flags = append(slices.Clone(g.Flags), Unused)
	}
	slices.Sort(g.Flags)
	g.Flags = slices.Compact(g.Flags)
	return g
}
