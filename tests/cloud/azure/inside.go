package azure

import (
	"strings"

	"platform/tests/cloud"
)

// liesIn says whether a resource is another or lies in it. Azure's ids do not tell upper from lower case
// (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
func liesIn(id, scope string) bool {
	id, scope = strings.ToLower(id), strings.ToLower(scope)
	return id == scope || strings.HasPrefix(id, scope+"/")
}

// removeWithin takes away what lies in a resource, as Azure does when the resource goes.
func removeWithin(t *cloud.Tx, o *cloud.Object, types ...string) error {
	for _, typ := range types {
		for _, inner := range t.Find(typ, func(i *cloud.Object) bool { return liesIn(i.ID, o.ID) }) {
			if err := takesOwned(t, inner); err != nil {
				return err
			}
			t.Remove(inner.Key())
		}
	}
	return takesOwned(t, o)
}
