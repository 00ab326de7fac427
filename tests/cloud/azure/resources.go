package azure

import "platform/tests/cloud"

var resourcesHooks = map[string]cloud.Hook{
	groupType: {Deleted: takesOwned},
}

// takesOwned removes what the cloud made for an object together with it.
func takesOwned(t *cloud.Tx, o *cloud.Object) error {
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	return nil
}

// inUse refuses, as Azure spells it, to delete what others still refer to.
func inUse(code string) func(*cloud.Tx, *cloud.Object) error {
	return func(t *cloud.Tx, o *cloud.Object) error {
		if holders := t.Holders(o.Key()); len(holders) > 0 {
			return cloud.Refuse(code, "%s is in use by %s and cannot be deleted", o, holders[0])
		}
		return takesOwned(t, o)
	}
}

// owningGroup is the resource group in which an object lies.
func owningGroup(t *cloud.Tx, o *cloud.Object) *cloud.Object {
	return t.Lookup([]string{groupType}, []string{"resourceGroupName"}, o.Str("resourceGroupName"))
}
