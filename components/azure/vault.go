package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/keyvault/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
	"platform/components/naming"
	"platform/components/tags"
)

// autoSuffix is what the provider appends to the name of a resource to which the program gives none: eight
// characters that are new for each new resource
// (https://www.pulumi.com/docs/iac/concepts/resources/names/#autonaming).
const autoSuffix = 8

// vaultName is the logical name of a vault. A deleted vault keeps its name, which no other vault of the world
// can have until it is purged, and purge protection forbids that: so no vault is named by the program. The
// engine completes the logical name, which must leave room for that
// (https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview).
func vaultName(parts ...string) string {
	return naming.Fit(kinds[KindVault].max-autoSuffix, parts...)
}

// keyVault registers the vault of the keys that encrypt the environment's data.
func (d *Driver) keyVault(
	ctx *pulumi.Context, name string, args foundation.Args, parent pulumi.Resource,
) (*keyvault.Vault, error) {
	vault, err := keyvault.NewVault(ctx, vaultName(name, "keys"), d.keyVaultArgs(args.Tags),
		pulumi.Parent(parent), pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return nil, fmt.Errorf("vault of the keys: %w", err)
	}
	return vault, nil
}

// keyVaultArgs: the vault can be purged by nobody, since storage accounts, disks and databases take keys from
// no other (https://learn.microsoft.com/azure/storage/common/customer-managed-keys-overview). Only
// Microsoft's services reach it, on behalf of identities that a role lets in; nobody reads a key from it.
func (d *Driver) keyVaultArgs(t tags.Set) *keyvault.VaultArgs {
	return &keyvault.VaultArgs{
		ResourceGroupName: d.ground.group, Location: pulumi.String(d.s.Region),
		Properties: keyvault.VaultPropertiesArgs{
			TenantId:                  d.ground.tenant,
			Sku:                       keyvault.SkuArgs{Family: pulumi.String("A"), Name: keyvault.SkuNameStandard},
			EnableRbacAuthorization:   pulumi.Bool(true),
			EnableSoftDelete:          pulumi.Bool(true),
			EnablePurgeProtection:     pulumi.Bool(true),
			SoftDeleteRetentionInDays: pulumi.Int(d.s.KeyDeletionDays),
			PublicNetworkAccess:       pulumi.String("Disabled"),
			NetworkAcls:               keyvault.NetworkRuleSetArgs{Bypass: pulumi.String("AzureServices"), DefaultAction: pulumi.String("Deny")},
		},
		Tags: tagMap(t),
	}
}
