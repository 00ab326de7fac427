package azure

import (
	"strings"

	"platform/tests/cloud"
)

const (
	keyType        = "azure-native:keyvault:Key"
	keyVaultType   = "azure-native:keyvault:Vault"
	identityType   = "azure-native:managedidentity:UserAssignedIdentity"
	assignmentType = "azure-native:authorization:RoleAssignment"
)

// wrappingRoles let an identity wrap and unwrap with a key
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security).
var wrappingRoles = []string{
	"e147488a-f6f5-4113-8e2d-b22465e65bf6", // Key Vault Crypto Service Encryption User
	"12338af0-0e69-4776-bea7-57ae8d297424", // Key Vault Crypto User
	"14b46e9e-c2b7-41b4-b07b-48a6ebf60603", // Key Vault Crypto Officer
	"00482a5a-887f-4fb3-b363-3b7fe8e74483", // Key Vault Administrator
}

// usesKey refuses a key that a service could not use as the identity, or that could be lost for good: its vault
// must be protected from being purged, and let Azure's services in
// (https://learn.microsoft.com/azure/postgresql/security/security-data-encryption,
// https://learn.microsoft.com/azure/cosmos-db/how-to-setup-customer-managed-keys,
// https://learn.microsoft.com/azure/service-bus-messaging/configure-customer-managed-key).
func usesKey(t *cloud.Tx, o *cloud.Object, identity, uri string) error {
	who := t.Get(identityType, identity)
	if who == nil {
		return cloud.Refuse("ResourceNotFound", "%s: the identity %q does not exist", o, identity)
	}
	key := t.Lookup([]string{keyType}, []string{"keyUri", "keyUriWithVersion"}, uri)
	if key == nil {
		return cloud.Refuse("KeyNotFound", "%s: the key %q does not exist", o, uri)
	}
	vault := t.Lookup([]string{keyVaultType}, []string{"vaultName"}, key.Str("vaultName"))
	if vault == nil || !vault.Bool("properties.enablePurgeProtection") {
		return cloud.Refuse("KeyVaultNotProtected", "%s: the vault of key %s has no purge protection, without which it may not hold keys of services", o, key.ID)
	}
	closed := strings.EqualFold(vault.Str("properties.publicNetworkAccess"), "Disabled") || vault.Str("properties.networkAcls.defaultAction") == "Deny"
	if closed && vault.Str("properties.networkAcls.bypass") == "None" {
		return cloud.Refuse("KeyVaultUnreachable", "%s: %s lets no services of Azure in", o, vault)
	}
	if !hasRole(t, who.Str("principalId"), key.ID, wrappingRoles) {
		return cloud.Refuse("KeyVaultPermissionDenied", "%s: %s may not wrap and unwrap with key %s", o, who, key.ID)
	}
	return nil
}

// hasRole says whether a principal has one of the roles on a resource or on what it lies in.
func hasRole(t *cloud.Tx, principal, resource string, roles []string) bool {
	return len(t.Find(assignmentType, func(a *cloud.Object) bool {
		if a.Str("principalId") != principal || !within(resource, a.Str("scope")) {
			return false
		}
		for _, role := range roles {
			if strings.HasSuffix(a.Str("roleDefinitionId"), "/"+role) {
				return true
			}
		}
		return false
	})) > 0
}

// within says whether a resource is another or lies in it. Azure's ids do not tell upper from lower case
// (https://learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules).
func within(id, scope string) bool {
	id, scope = strings.ToLower(id), strings.ToLower(scope)
	return id == scope || strings.HasPrefix(id, scope+"/")
}

// removeWithin takes away what lies in a resource, as Azure does when the resource goes.
func removeWithin(t *cloud.Tx, o *cloud.Object, types ...string) {
	for _, typ := range types {
		for _, inner := range t.Find(typ, func(i *cloud.Object) bool { return within(i.ID, o.ID) }) {
			for _, hidden := range t.Owned(inner.Key()) {
				t.Remove(hidden.Key())
			}
			t.Remove(inner.Key())
		}
	}
	for _, hidden := range t.Owned(o.Key()) {
		t.Remove(hidden.Key())
	}
}
