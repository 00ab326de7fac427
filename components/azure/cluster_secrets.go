package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/keyvault/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
)

// etcdKey is the key that encrypts what the cluster keeps, its secrets among it.
type etcdKey struct {
	uri   pulumi.StringOutput // with version
	ready []pulumi.Resource   // what must stand as long as the cluster
}

// clusterSecrets registers the key by which the control plane encrypts what it keeps, in a vault of its own:
// AKS takes none whose network is closed, as that of the other keys is
// (https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption#limitations). Only the cluster's identity may
// use the key.
func (d *Driver) clusterSecrets(
	ctx *pulumi.Context, name string, control *clusterIdentity, args cluster.Args, parent pulumi.Resource,
) (etcdKey, error) {
	vault, err := keyvault.NewVault(ctx, vaultName(name, "secrets"), d.etcdVaultArgs(args),
		pulumi.Parent(parent), pulumi.Protect(args.DeleteProtection))
	if err != nil {
		return etcdKey{}, fmt.Errorf("vault of the key of Kubernetes secrets: %w", err)
	}
	if _, err := d.logsOf(ctx, name+"-secrets", vault.ID(), parent, auditEvents); err != nil {
		return etcdKey{}, err
	}
	// A key goes with its vault and keeps its tags, as the driver's other keys do.
	key, err := keyvault.NewKey(ctx, name+"-secrets-key", d.etcdKeyArgs(vault.Name, args), pulumi.Parent(parent), pulumi.RetainOnDelete(true), pulumi.IgnoreChanges([]string{"tags"}))
	if err != nil {
		return etcdKey{}, fmt.Errorf("key of Kubernetes secrets: %w", err)
	}
	uses, err := d.assignRole(ctx, name+"-control-plane-secrets-key", builtin.KeyCryptoUser, control.PrincipalId, key.ID(), parent)
	if err != nil {
		return etcdKey{}, err
	}
	return etcdKey{uri: key.KeyUriWithVersion, ready: []pulumi.Resource{uses}}, nil
}

func (d *Driver) etcdVaultArgs(args cluster.Args) *keyvault.VaultArgs {
	spec := d.keyVaultArgs(args.Tags)
	properties := spec.Properties.(keyvault.VaultPropertiesArgs)
	properties.PublicNetworkAccess = pulumi.String("Enabled")
	properties.NetworkAcls = keyvault.NetworkRuleSetArgs{Bypass: pulumi.String("AzureServices"), DefaultAction: pulumi.String("Allow")}
	spec.Properties = properties
	return spec
}

// yearly is how long the key of Kubernetes secrets is used.
const yearly = "P365D"

// etcdKeyArgs: the key gets a new version once a year, which the next up after a refresh hands to the cluster. No
// version expires, since secrets stay encrypted with the old one until they are written again
// (https://learn.microsoft.com/azure/aks/use-kms-etcd-encryption#rotate-existing-keys-in-a-public-key-vault).
func (d *Driver) etcdKeyArgs(vault pulumi.StringInput, args cluster.Args) *keyvault.KeyArgs {
	return &keyvault.KeyArgs{
		ResourceGroupName: d.ground.group, VaultName: vault,
		Properties: keyvault.KeyPropertiesArgs{
			Kty: pulumi.String("RSA"), KeySize: pulumi.Int(rsaBits), KeyOps: pulumi.ToStringArray([]string{"encrypt", "decrypt"}),
			RotationPolicy: keyvault.RotationPolicyArgs{LifetimeActions: keyvault.LifetimeActionArray{keyvault.LifetimeActionArgs{
				Action: keyvault.ActionArgs{Type: actionRotate}, Trigger: keyvault.TriggerArgs{TimeAfterCreate: pulumi.String(yearly)},
			}}},
		},
		Tags: tagMap(args.Tags.With(purposeTag, "Kubernetes secrets")),
	}
}
