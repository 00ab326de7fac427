package azure

import (
	"platform/tests/cloud"
)

const lockType = "azure-native:authorization:ManagementLockByScope"

var locksHooks = map[string]cloud.Hook{
	lockType: {Created: func(t *cloud.Tx, o *cloud.Object) error {
		if lockable(t, o.Str("scope")) == nil {
			return cloud.Refuse("ResourceNotFound", "%s: %q does not exist", o, o.Str("scope"))
		}
		return nil
	}},
}

// lockables are the kinds of resource that the program may lock.
var lockables = []string{
	groupType, postgresType, cosmosType, namespaceType, vaultType, networkType, storageType, "azure-native:containerservice:ManagedCluster",
}

func lockable(t *cloud.Tx, id string) *cloud.Object {
	return t.Lookup(lockables, []string{"id"}, id)
}

// unlocked refuses to delete what is locked, or lies in what is locked
// (https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources).
func unlocked(t *cloud.Tx, o *cloud.Object) error {
	for _, lock := range t.Find(lockType, func(l *cloud.Object) bool { return liesIn(o.ID, l.Str("scope")) }) {
		return cloud.Refuse("ScopeLocked", "the scope %q cannot perform the delete operation because the following scope(s) are locked: %q",
			o.ID, lock.Str("scope"))
	}
	return nil
}
