package azure

import (
	"platform/tests/cloud"
)

const diskSetType = "azure-native:compute:DiskEncryptionSet"

var computeHooks = map[string]cloud.Hook{
	diskSetType: {Created: diskSetCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return diskSetFits(t, o) }, Deleted: inUse("OperationNotAllowed")},
}

// diskSetCreated makes the identity as which the set uses its key. It may do nothing yet
// (https://learn.microsoft.com/azure/virtual-machines/disk-encryption#customer-managed-keys).
func diskSetCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := diskSetFits(t, o); err != nil {
		return err
	}
	t.Mint(cloud.Object{
		Type: madeIdentityType, ID: o.ID + "/identity", Hidden: true, Owner: o.Key(), Props: map[string]any{"principalId": o.Str("identity.principalId")},
	})
	return nil
}

// diskSetFits: disks take keys only from a vault of which nothing can be purged, in their own region, and RSA
// keys only (https://learn.microsoft.com/azure/virtual-machines/disk-encryption#restrictions).
func diskSetFits(t *cloud.Tx, o *cloud.Object) error {
	key := t.Lookup([]string{keyType}, []string{"keyUriWithVersion"}, o.Str("activeKey.keyUrl"))
	if key == nil {
		return cloud.Refuse("KeyVaultKeyNotFound", "%s: its key does not exist", o)
	}
	vault := vaultOf(t, key)
	switch {
	case vault == nil:
		return cloud.Refuse("KeyVaultNotFound", "%s: the vault of %s does not exist", o, key)
	case o.Str("activeKey.sourceVault.id") != "" && o.Str("activeKey.sourceVault.id") != vault.ID:
		return cloud.Refuse("InvalidParameter", "%s: its key is not in the vault %s", o, o.Str("activeKey.sourceVault.id"))
	case !vault.Bool("properties.enablePurgeProtection"):
		return cloud.Refuse("KeyVaultNotPurgeProtected", "%s: purge protection of %s is off", o, vault)
	case vault.Str("location") != o.Str("location"):
		return cloud.Refuse("KeyVaultNotInSameRegion", "%s is in %s, %s is not", o, o.Str("location"), vault)
	case key.Str("properties.kty") != "RSA" && key.Str("properties.kty") != "RSA-HSM":
		return cloud.Refuse("UnsupportedKeyType", "%s: %s is no RSA key", o, key)
	}
	return nil
}
