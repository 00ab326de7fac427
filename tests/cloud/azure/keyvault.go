package azure

import (
	"reflect"
	"strings"

	"platform/tests/cloud"
)

const secretType = "azure-native:keyvault:Secret"

var keyvaultHooks = map[string]cloud.Hook{
	vaultType: {Created: vaultCreated, Updated: vaultUpdated, Deleted: vaultDeleted},
	keyType:   {Created: keyCreated, Updated: keyUpdated},
}

// vaultCreated: https://learn.microsoft.com/rest/api/keyvault/keyvault/vaults/create-or-update
func vaultCreated(_ *cloud.Tx, o *cloud.Object) error {
	if strings.Contains(o.Str("vaultName"), "--") {
		return cloud.Refuse("VaultNameNotValid", "the vault name %q is invalid: hyphens must not follow each other", o.Str("vaultName"))
	}
	if o.Str("properties.tenantId") != Tenant {
		return cloud.Refuse("BadRequest", "%s: the tenant %q is not that of the subscription", o, o.Str("properties.tenantId"))
	}
	// Neither property takes "off" (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview).
	for _, guard := range []string{"properties.enableSoftDelete", "properties.enablePurgeProtection"} {
		if o.Value(guard) == false {
			return cloud.Refuse("BadRequest", "%s: the property %s cannot be set to false", o, guard)
		}
	}
	if !o.Bool("properties.enableRbacAuthorization") && o.Value("properties.accessPolicies") == nil {
		return cloud.Refuse("BadRequest", "%s: the parameter accessPolicies is not specified", o)
	}
	if o.Str("properties.createMode") == "recover" {
		return cloud.Refuse("SoftDeletedVaultDoesNotExist", "%s: a soft deleted vault with the given name does not exist", o)
	}
	return nil
}

// vaultUpdated: what protects a vault is never lowered
// (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview).
func vaultUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if old.Num("properties.softDeleteRetentionInDays") != o.Num("properties.softDeleteRetentionInDays") {
		return cloud.Refuse("BadRequest", "%s: the property softDeleteRetentionInDays has been set already and it can't be modified", o)
	}
	if old.Bool("properties.enablePurgeProtection") && !o.Bool("properties.enablePurgeProtection") {
		return cloud.Refuse("BadRequest", "%s: the property enablePurgeProtection cannot be set to false", o)
	}
	return vaultCreated(t, o)
}

// vaultDeleted: keys and secrets are kept with their vault, and are gone for all others.
func vaultDeleted(t *cloud.Tx, o *cloud.Object) error {
	if err := inUse("VaultInUse")(t, o); err != nil {
		return err
	}
	for _, typ := range []string{keyType, secretType} {
		for _, inside := range t.Find(typ, func(k *cloud.Object) bool { return k.Str("vaultName") == o.Str("vaultName") }) {
			t.Remove(inside.Key())
		}
	}
	if o.Props == nil {
		o.Props = map[string]any{}
	}
	o.Props["retainedDays"] = o.Num("properties.softDeleteRetentionInDays")
	return nil
}

// keyCreated: https://learn.microsoft.com/azure/key-vault/keys/about-keys
func keyCreated(t *cloud.Tx, o *cloud.Object) error {
	kty, vault := o.Str("properties.kty"), vaultOf(t, o)
	if strings.HasSuffix(kty, "-HSM") && vault.Str("properties.sku.name") != "premium" {
		return cloud.Refuse("BadParameter", "%s: keys in hardware need a premium vault", o)
	}
	if strings.HasPrefix(kty, "RSA") != (o.Value("properties.curveName") == nil) {
		return cloud.Refuse("BadParameter", "%s: curveName is for EC keys, keySize for RSA keys", o)
	}
	return nil
}

// keyUpdated: the API that makes a key does not change one that is there
// (https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/create-if-not-exist). It would say that it did.
func keyUpdated(_ *cloud.Tx, old, o *cloud.Object) error {
	if !reflect.DeepEqual(old.Inputs, o.Inputs) {
		return cloud.Refuse("KeyNotUpdated", "%s: an existing key is returned without any write, so the change would be lost", o)
	}
	return nil
}

// vaultOf is the vault in which a key or secret lies.
func vaultOf(t *cloud.Tx, o *cloud.Object) *cloud.Object {
	return t.Lookup([]string{vaultType}, []string{"vaultName"}, o.Str("vaultName"))
}

// keyWraps refuses a key that an identity cannot use for a service's encryption: it may wrap and unwrap with it,
// the vault can neither be purged nor is it closed to Azure's own services
// (https://learn.microsoft.com/azure/storage/common/customer-managed-keys-configure-existing-account).
func keyWraps(t *cloud.Tx, of, key, identity *cloud.Object) error {
	if key == nil || identity == nil {
		return cloud.Refuse("KeyVaultEncryptionKeyNotFound", "%s: the key or the identity that uses it does not exist", of)
	}
	vault := vaultOf(t, key)
	switch {
	case vault == nil:
		return cloud.Refuse("KeyVaultEncryptionKeyNotFound", "%s: the vault of %s does not exist", of, key)
	case !vault.Bool("properties.enablePurgeProtection"):
		return cloud.Refuse("KeyVaultPropertiesNotEnabled", "%s: purge protection of %s is off", of, vault)
	case vault.Str("properties.networkAcls.bypass") == "None":
		return cloud.Refuse("KeyVaultAccessForbidden", "%s: %s lets none of Azure's services by", of, vault)
	case !may(t, identity.Str("principalId"), key.ID, keyEncryptionUserRole):
		return cloud.Refuse("KeyVaultAccessForbidden", "%s: %s may not wrap and unwrap with %s", of, identity, key)
	}
	return nil
}
