package rehearsal

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/tests/cloud"
)

// keptState is that of what outlives its environment, because nobody can delete it.
const keptState = "locked"

// connected are the resources that the engine forgets instead of deleting, each with those of them on which it depends.
func connected(kept []apitype.ResourceV3) map[string][]string {
	all := map[string][]string{}
	for _, r := range kept {
		all[string(r.URN)] = []string{}
	}
	for _, r := range kept {
		for _, on := range r.Dependencies {
			if _, stays := all[string(on)]; stays {
				all[string(r.URN)] = append(all[string(r.URN)], string(on))
			}
		}
	}
	return all
}

// keep says of what stayed that it is kept: what the cloud itself keeps everybody from deleting, and what that stands on
// or stands on that. All else that the engine was told to leave is left over, as if it had been forgotten.
func (e *Environment) keep(kept []apitype.ResourceV3) error {
	stay := connected(kept)
	alive := map[string][]*cloud.Object{}
	for _, o := range e.Cloud.Inventory() {
		if _, stays := stay[o.URN]; stays && o.Retained == "" {
			alive[o.URN] = append(alive[o.URN], o)
		}
	}
	return e.Cloud.Meddle(func(t *cloud.Tx) error {
		for _, urn := range lockedWith(stay, alive) {
			for _, o := range alive[urn] {
				retain(t, o.Key())
			}
		}
		return nil
	})
}

// lockedWith are the resources that are connected with one that is locked.
func lockedWith(stay map[string][]string, alive map[string][]*cloud.Object) []string {
	with := map[string][]string{}
	for urn, on := range stay {
		for _, other := range on {
			with[urn], with[other] = append(with[urn], other), append(with[other], urn)
		}
	}
	found := map[string]bool{}
	var reach func(urn string)
	reach = func(urn string) {
		if found[urn] || len(alive[urn]) == 0 {
			return
		}
		found[urn] = true
		for _, other := range with[urn] {
			reach(other)
		}
	}
	for urn, objects := range alive {
		if slices.ContainsFunc(objects, func(o *cloud.Object) bool { return o.Locked != "" }) {
			reach(urn)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// retain keeps an object and what the cloud made for it.
func retain(t *cloud.Tx, k cloud.Key) {
	o := t.Get(k.Type, k.ID)
	if o == nil {
		return
	}
	owned := t.Owned(k)
	o.Retained, o.Holds, o.RefHolds = keptState, nil, nil
	for _, inside := range owned {
		retain(t, inside.Key())
	}
}
