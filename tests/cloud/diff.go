package cloud

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// Change is one difference between old and new inputs.
type Change struct {
	Path     string
	Property string // the top-level property
	Kind     ChangeKind
	Replace  bool
}

// ChangeKind says what happened to a value.
type ChangeKind int

// The kinds of change.
const (
	Added ChangeKind = iota
	Removed
	Changed
)

// Diff lists the changes from old to new inputs. Values that mean the same are equal: JSON documents
// by content, sets in any order, a default and its absence.
func (r *Rule) Diff(old, new map[string]any) []Change {
	var out []Change
	diffObject("", "", r.Properties, old, new, false, &out)
	return out
}

func diffObject(path, top string, known map[string]*Property, old, new map[string]any, replace bool, out *[]Change) {
	names := map[string]bool{}
	for n := range old {
		names[n] = true
	}
	for n := range new {
		names[n] = true
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		if path == "" && len(n) > 1 && n[:2] == "__" {
			continue
		}
		at := n
		if path != "" {
			at = path + "." + n
		}
		p := known[n]
		if p == nil {
			p = &Property{Type: "any"}
		}
		diffValue(at, cmp.Or(top, n), p, old[n], new[n], replace, out)
	}
}

func diffValue(path, top string, p *Property, old, new any, replace bool, out *[]Change) {
	replace = replace || p.Replace
	if equalValue(p, old, new) {
		return
	}
	if old == nil || new == nil {
		kind := Added
		if new == nil {
			kind = Removed
		}
		*out = append(*out, Change{path, top, kind, replace || anyReplace(p)})
		return
	}
	switch o := old.(type) {
	case map[string]any:
		if n, ok := new.(map[string]any); ok && p.Type == "object" && p.Properties != nil {
			diffObject(path, top, p.Properties, o, n, replace, out)
			return
		}
		if n, ok := new.(map[string]any); ok && p.Type == "map" {
			items := p.Items
			if items == nil {
				items = &Property{Type: "any"}
			}
			known := map[string]*Property{}
			for k := range o {
				known[k] = items
			}
			for k := range n {
				known[k] = items
			}
			diffObject(path, top, known, o, n, replace, out)
			return
		}
	case []any:
		if n, ok := new.([]any); ok && p.Type == "array" && p.Items != nil && !p.Set && len(n) == len(o) {
			for i := range o {
				diffValue(fmt.Sprintf("%s[%d]", path, i), top, p.Items, o[i], n[i], replace, out)
			}
			return
		}
	}
	*out = append(*out, Change{path, top, Changed, replace})
}

// anyReplace says whether something inside an object replaces, which matters when all of it comes or goes.
func anyReplace(p *Property) bool {
	if p.Replace {
		return true
	}
	for _, c := range p.Properties {
		if anyReplace(c) {
			return true
		}
	}
	return p.Items != nil && anyReplace(p.Items)
}

func equalValue(p *Property, old, new any) bool {
	if hasUnknown(new) || hasUnknown(old) {
		return false
	}
	if old == nil && new != nil && p.Default != nil {
		old = p.Default
	}
	if new == nil && old != nil && p.Default != nil {
		new = p.Default
	}
	if reflect.DeepEqual(old, new) {
		return true
	}
	if p.Format == "json" || p.Format == "iam-policy" {
		a, okA := old.(string)
		b, okB := new.(string)
		var x, y any
		return okA && okB && json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil &&
			reflect.DeepEqual(x, y)
	}
	if p.Set {
		a, okA := old.([]any)
		b, okB := new.([]any)
		return okA && okB && reflect.DeepEqual(sortedSet(a), sortedSet(b))
	}
	return false
}

func sortedSet(list []any) []string {
	out := make([]string, 0, len(list))
	for _, e := range list {
		raw, err := json.Marshal(e)
		if err != nil {
			raw = fmt.Append(nil, e)
		}
		out = append(out, string(raw))
	}
	slices.Sort(out)
	return out
}
