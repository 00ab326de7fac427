package checks

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

// ownerRole and contributorRole may do everything
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged).
const (
	ownerRole       = "8e3af657-a8ff-443c-a75c-2fe8c4bcb635"
	contributorRole = "b24988ac-6180-42a0-ab88-20f7382dd24c"
	// readerRole changes nothing (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/general#reader).
	readerRole = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
)

var admissionsOnAzure = map[string]judgement{
	"azure-native:authorization:RoleAssignment": func(o *cloud.Object, _ world) (string, string) {
		role := o.Str("roleDefinitionId")
		switch {
		case strings.HasSuffix(role, ownerRole), strings.HasSuffix(role, contributorRole):
			return "a role for one purpose", "one that may do everything"
		case slices.Contains([]int{2, 4}, strings.Count(o.Str("scope"), "/")) && strings.HasSuffix(role, readerRole):
			// To find a zone among those of a group, one looks at the group; to tell of a subscription's quotas, at the subscription
			// (https://learn.microsoft.com/azure/quotas/monitoring-alerting).
		case strings.Count(o.Str("scope"), "/") < 6: // /subscriptions/<id>/resourceGroups/<name>
			return "a grant on one resource", "one on " + o.Str("scope")
		}
		return "", ""
	},
	"azure-native:servicebus:Namespace":       unless(withoutKeys("disableLocalAuth"), "identities alone", "keys too"),
	"azure-native:documentdb:DatabaseAccount": unless(withoutKeys("disableLocalAuth"), "identities alone", "keys too"),
	"azure-native:containerservice:ManagedCluster": unless(func(o *cloud.Object) bool {
		return o.Bool("disableLocalAccounts") && o.Bool("aadProfile.enableAzureRBAC")
	}, "identities of Entra alone", "local accounts too"),
	"azure-native:dbforpostgresql/v20240801:Server": unless(func(o *cloud.Object) bool {
		return o.Str("authConfig.passwordAuth") == "Disabled"
	}, "identities alone", "passwords too"),
	"azure-native:keyvault:Vault": unless(withoutKeys("properties.enableRbacAuthorization"), "roles that admit", "access policies"),
	"azure-native:storage:StorageAccount": unless(func(o *cloud.Object) bool {
		shared, said := o.Value("allowSharedKeyAccess").(bool)
		return said && !shared
	}, "identities alone", "keys too"),
}

func withoutKeys(property string) func(*cloud.Object) bool {
	return func(o *cloud.Object) bool { return o.Bool(property) }
}
