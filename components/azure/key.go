package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/keyvault/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/tags"
)

// key is a key that encrypts data.
type key struct {
	ID         pulumi.StringOutput // resource id, the scope of roles
	URI        pulumi.StringOutput // without version: who uses it follows its rotation
	Name       pulumi.StringOutput
	VersionURI pulumi.StringOutput // for what takes no other
}

// key registers a key in the environment's vault; the purpose is told by a tag.
//
// A key stays in the vault when what it encrypted goes, and goes with the vault: Azure's management API has no
// call that deletes a key, and the vault's own is closed to the network from which the program runs. So a key
// is named by the engine: what comes back under an old name gets a new key. Nor does that API change a key that is
// there: it keeps the tags with which it was made
// (https://learn.microsoft.com/rest/api/keyvault/keyvault/keys/create-if-not-exist).
func (d *Driver) key(ctx *pulumi.Context, name, purpose string, t tags.Set, parent pulumi.Resource) (key, error) {
	made, err := keyvault.NewKey(ctx, name, d.keyArgs(purpose, t),
		pulumi.Parent(parent), pulumi.RetainOnDelete(true), pulumi.IgnoreChanges([]string{"tags"}))
	if err != nil {
		return key{}, fmt.Errorf("key %s: %w", name, err)
	}
	return key{ID: made.ID().ToStringOutput(), URI: made.KeyUri, Name: made.Name, VersionURI: made.KeyUriWithVersion}, nil
}

// purposeTag tells what a key is for.
const purposeTag = "purpose"

// A key rotates every quarter and warns a month before it expires, which it does only if rotation fails
// (https://learn.microsoft.com/azure/key-vault/keys/how-to-configure-key-rotation).
const (
	rotateAfter  = "P90D"
	expireAfter  = "P2Y"
	warnBefore   = "P30D"
	rsaBits      = 3072
	actionRotate = keyvault.KeyRotationPolicyActionTypeRotate
	actionNotify = keyvault.KeyRotationPolicyActionTypeNotify
)

func (d *Driver) keyArgs(purpose string, t tags.Set) *keyvault.KeyArgs {
	return &keyvault.KeyArgs{
		ResourceGroupName: d.ground.group, VaultName: d.ground.keyVault,
		Properties: keyvault.KeyPropertiesArgs{
			Kty: pulumi.String("RSA"), KeySize: pulumi.Int(rsaBits),
			// Services wrap their own keys with it; nothing signs with it.
			KeyOps: pulumi.ToStringArray([]string{"wrapKey", "unwrapKey"}),
			RotationPolicy: keyvault.RotationPolicyArgs{
				Attributes: keyvault.KeyRotationPolicyAttributesArgs{ExpiryTime: pulumi.String(expireAfter)},
				LifetimeActions: keyvault.LifetimeActionArray{
					keyvault.LifetimeActionArgs{
						Action: keyvault.ActionArgs{Type: actionRotate}, Trigger: keyvault.TriggerArgs{TimeAfterCreate: pulumi.String(rotateAfter)},
					},
					keyvault.LifetimeActionArgs{
						Action: keyvault.ActionArgs{Type: actionNotify}, Trigger: keyvault.TriggerArgs{TimeBeforeExpiry: pulumi.String(warnBefore)},
					},
				},
			},
		},
		Tags: tagMap(t.With(purposeTag, purpose)),
	}
}

// keyUser lets one identity encrypt and decrypt with one key.
func (d *Driver) keyUser(
	ctx *pulumi.Context, name string, principal pulumi.StringInput, k key, parent pulumi.Resource,
) (pulumi.Resource, error) {
	return d.assignRole(ctx, name, builtin.KeyUser, principal, k.ID, parent)
}
