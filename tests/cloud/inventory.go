package cloud

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Left lists what exists although everything was destroyed. What was there before does not count, nor
// what the cloud keeps for a while and does not charge for, nor what is already on its way out.
func Left(objects []*Object) []*Object {
	var out []*Object
	for _, o := range objects {
		if o.alive() && !o.Preexisting {
			out = append(out, o)
		}
	}
	return out
}

// Difference compares two inventories but for generated text; the lines begin with - for what only
// the first has and with + for what only the second has.
func Difference(first, second []*Object) []string {
	a, b := Normalise(first), Normalise(second)
	var out []string
	for len(a) > 0 || len(b) > 0 {
		switch {
		case len(b) == 0 || len(a) > 0 && a[0] < b[0]:
			out, a = append(out, "- "+a[0]), a[1:]
		case len(a) == 0 || b[0] < a[0]:
			out, b = append(out, "+ "+b[0]), b[1:]
		default:
			a, b = a[1:], b[1:]
		}
	}
	return out
}

// Normalise writes what is alive in an inventory, one object a line, in an order and with names that
// do not depend on generated text or on the order of parallel calls.
func Normalise(objects []*Object) []string {
	alive := slices.DeleteFunc(slices.Clone(objects), func(o *Object) bool { return !o.alive() })
	slices.SortFunc(alive, bySeq)
	byKey := map[Key]*Object{}
	for _, o := range alive {
		byKey[o.Key()] = o
	}
	name := func(o *Object) string {
		var path []string
		for ; o != nil; o = byKey[o.Owner] {
			if o.URN != "" {
				path = append(path, o.URN)
				break
			}
			path = append(path, strings.TrimSpace(o.Type+" "+o.Public))
			if len(path) > 10 { // an owner cannot own its owner; a broken store must not hang the test
				break
			}
		}
		slices.Reverse(path)
		return strings.Join(path, "/")
	}
	count := map[string]int{}
	var words []string
	for _, o := range alive {
		n := name(o)
		count[n]++
		for i, r := range o.Random {
			words = append(words, r, fmt.Sprintf("<%s#%d.%d>", n, count[n], i))
		}
	}
	replacer := strings.NewReplacer(words...)
	out := make([]string, 0, len(alive))
	for _, o := range alive {
		c := o.clone()
		c.Seq, c.Random = 0, nil
		for i := range c.Holds {
			c.Holds[i].ID = replacer.Replace(c.Holds[i].ID) // before sorting: the order must not come from generated text
		}
		slices.SortFunc(c.Holds, func(a, b Key) int { return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.ID, b.ID)) })
		c.RefHolds = nil // a part of Holds
		raw, err := json.Marshal(c)
		if err != nil {
			raw = fmt.Append(nil, err)
		}
		out = append(out, replacer.Replace(string(raw)))
	}
	slices.Sort(out)
	return out
}
