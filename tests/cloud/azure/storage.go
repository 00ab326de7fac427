package azure

import (
	"slices"

	"platform/tests/cloud"
)

var storageHooks = map[string]cloud.Hook{
	storageType: {
		Created: storageFits,
		Updated: storageUpdated,
		Deleted: inUse("StorageAccountInUse"),
	},
}

// storageFits: https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview
func storageFits(t *cloud.Tx, o *cloud.Object) error {
	if o.Str("encryption.keySource") != "Microsoft.Keyvault" {
		return nil
	}
	id := o.Str("encryption.encryptionIdentity.encryptionUserAssignedIdentity")
	if !slices.Contains(o.List("identity.userAssignedIdentities"), id) {
		return cloud.Refuse("InvalidValuesForRequestParameters", "%s: the identity %q that encrypts is not among its own", o, id)
	}
	found := t.Find(keyType, func(k *cloud.Object) bool {
		return k.Str("keyName") == o.Str("encryption.keyVaultProperties.keyName") &&
			vaultOf(t, k).Str("properties.vaultUri") == o.Str("encryption.keyVaultProperties.keyVaultUri")
	})
	if len(found) == 0 {
		return cloud.Refuse("KeyVaultEncryptionKeyNotFound", "%s: the key %q is not in %s", o,
			o.Str("encryption.keyVaultProperties.keyName"), o.Str("encryption.keyVaultProperties.keyVaultUri"))
	}
	return keyWraps(t, o, found[0], t.Get(identityType, id))
}

// storageUpdated: https://learn.microsoft.com/azure/storage/common/infrastructure-encryption-enable
func storageUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if old.Bool("encryption.requireInfrastructureEncryption") != o.Bool("encryption.requireInfrastructureEncryption") {
		return cloud.Refuse("AccountPropertyCannotBeUpdated", "%s: infrastructure encryption is decided when an account is made", o)
	}
	return storageFits(t, o)
}
