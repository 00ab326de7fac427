package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/keyvault/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/network"
	"platform/components/secret"
)

// CreateSecret builds a Key Vault that holds one secret, or that an operator fills. A vault of its own is what
// keeps others out: a role that reads secrets is one at a vault
// (https://learn.microsoft.com/azure/key-vault/general/rbac-guide#best-practices-for-individual-keys-secrets-and-certificates-role-assignments).
// The vault encrypts with keys of Microsoft's hardware, and takes none of ours.
func (d *Driver) CreateSecret(
	ctx *pulumi.Context, name string, args secret.Args, parent pulumi.Resource,
) (secret.Outputs, error) {
	vault, err := keyvault.NewVault(ctx, vaultName(name), d.secretVaultArgs(args), pulumi.Parent(parent))
	if err != nil {
		return secret.Outputs{}, fmt.Errorf("vault: %w", err)
	}
	id := vault.ID().ToStringOutput()
	if _, err := d.logsOf(ctx, name, id, parent, auditEvents); err != nil {
		return secret.Outputs{}, err
	}
	if args.Network.Has(network.EndpointSecrets) {
		if _, err := d.privateEndpoint(ctx, name+"-endpoint", id, "vault",
			args.Network.Details["endpoints-subnet"], args.Network.Details["zone-secrets"], args.Tags, parent); err != nil {
			return secret.Outputs{}, err
		}
	}
	if args.HasValue {
		// It goes with its vault: Azure's management API has no call that deletes a secret.
		if _, err := keyvault.NewSecret(ctx, name+"-value", d.secretArgs(args, vault.Name),
			pulumi.Parent(parent), pulumi.RetainOnDelete(true)); err != nil {
			return secret.Outputs{}, fmt.Errorf("value: %w", err)
		}
	}
	return secret.Outputs{
		ID: id, KeyID: pulumi.String("").ToStringOutput(),
		Store: d.secretStore(args.Identity, vault), Key: pulumi.String(d.secretName(args)).ToStringOutput(),
	}, nil
}

// secretStore opens the vault as the managed identity that the account names
// (https://external-secrets.io/v1.3.2/provider/azure-key-vault/#referenced-service-account).
func (d *Driver) secretStore(reader identity.Outputs, vault *keyvault.Vault) pulumi.Map {
	return pulumi.Map{"azurekv": pulumi.Map{
		"authType": pulumi.String("WorkloadIdentity"), "vaultUrl": vault.Properties.VaultUri(), "tenantId": d.ground.tenant,
		"serviceAccountRef": pulumi.Map{"name": pulumi.String(reader.ServiceAccount)},
	}}
}

// secretName is that of the secret within its vault, under which an operator fills it.
func (d *Driver) secretName(args secret.Args) string {
	return d.physical(KindSecret, args.Service, args.Name)
}

// secretVaultArgs: who may read is a matter of roles alone. A deleted vault can be rescued for as long as a key, and
// nobody can purge it before.
// Without an endpoint in the network, the vault is reached by its public name.
func (d *Driver) secretVaultArgs(args secret.Args) *keyvault.VaultArgs {
	access, others := "Enabled", "Allow"
	if args.Network.Has(network.EndpointSecrets) {
		access, others = "Disabled", "Deny"
	}
	return &keyvault.VaultArgs{
		ResourceGroupName: d.ground.group, Location: pulumi.String(d.s.Region),
		Properties: keyvault.VaultPropertiesArgs{
			TenantId:                  d.ground.tenant,
			Sku:                       keyvault.SkuArgs{Family: pulumi.String("A"), Name: keyvault.SkuNameStandard},
			EnableRbacAuthorization:   pulumi.Bool(true),
			EnableSoftDelete:          pulumi.Bool(true),
			EnablePurgeProtection:     pulumi.Bool(true),
			SoftDeleteRetentionInDays: pulumi.Int(d.s.KeyDeletionDays),
			PublicNetworkAccess:       pulumi.String(access),
			NetworkAcls:               keyvault.NetworkRuleSetArgs{Bypass: pulumi.String("AzureServices"), DefaultAction: pulumi.String(others)},
		},
		Tags: tagMap(args.Tags),
	}
}

func (d *Driver) secretArgs(args secret.Args, vault pulumi.StringInput) *keyvault.SecretArgs {
	return &keyvault.SecretArgs{
		ResourceGroupName: d.ground.group, VaultName: vault,
		SecretName: pulumi.String(d.secretName(args)),
		Properties: keyvault.SecretPropertiesArgs{Value: args.Value.ToStringPtrOutput()},
		Tags:       tagMap(args.Tags),
	}
}

var _ secret.Driver = (*Driver)(nil)
