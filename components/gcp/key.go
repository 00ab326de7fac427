package gcp

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/naming"
	"platform/components/tags"
)

// key is an encryption key, and what must be there before a service can use it.
type key struct {
	ID    pulumi.StringOutput
	Ready []pulumi.Resource
}

const (
	secondsPerDay = 24 * 60 * 60
	// rotationDays is what Google recommends for keys that encrypt
	// (https://cloud.google.com/kms/docs/key-rotation#frequency_of_key_rotation).
	rotationDays = 90
	// useKey lets an account encrypt and decrypt and nothing else
	// (https://cloud.google.com/kms/docs/reference/permissions-and-roles).
	useKey = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
)

// key registers a key in the environment's ring and lets the users, and nobody else, encrypt and decrypt with it.
func (d *Driver) key(
	ctx *pulumi.Context, name, purpose string, t tags.Set, users []pulumi.StringInput, parent pulumi.Resource,
) (key, error) {
	made, err := kms.NewCryptoKey(ctx, name, d.keyArgs(name, purpose, t), d.under(parent))
	if err != nil {
		return key{}, fmt.Errorf("key %s: %w", name, err)
	}
	out := key{ID: made.ID().ToStringOutput()}
	for _, user := range users {
		// Names come from who the user is, never from its place in the list.
		logical := name + "-user" + d.agentSuffix(user)
		grant, err := kms.NewCryptoKeyIAMMember(ctx, logical, &kms.CryptoKeyIAMMemberArgs{
			CryptoKeyId: out.ID, Role: pulumi.String(useKey), Member: user,
		}, d.under(parent))
		if err != nil {
			return key{}, fmt.Errorf("user %s of key %s: %w", logical, name, err)
		}
		out.Ready = append(out.Ready, grant)
	}
	return out, nil
}

func (d *Driver) keyArgs(name, purpose string, t tags.Set) *kms.CryptoKeyArgs {
	return &kms.CryptoKeyArgs{
		Name: pulumi.String(d.physical(KindKey, name)), KeyRing: d.ground.keyRing,
		Purpose:                  pulumi.String("ENCRYPT_DECRYPT"),
		RotationPeriod:           pulumi.String(seconds(rotationDays)),
		DestroyScheduledDuration: pulumi.String(seconds(d.s.KeyDeletionDays)),
		VersionTemplate: &kms.CryptoKeyVersionTemplateArgs{
			Algorithm: pulumi.String("GOOGLE_SYMMETRIC_ENCRYPTION"), ProtectionLevel: pulumi.String("SOFTWARE"),
		},
		// Keys have no description.
		Labels: labelMap(t.With("purpose", labelValue(purpose))),
	}
}

// agentSuffix tells users of one key apart: "-<service>" of Google's own, nothing for another.
func (d *Driver) agentSuffix(user pulumi.StringInput) string {
	for service, member := range d.ground.agents {
		if user == pulumi.StringInput(member) {
			return "-" + strings.TrimSuffix(service, ".googleapis.com")
		}
	}
	return ""
}

// seconds is how Google Cloud writes a duration.
func seconds(days int) string { return strconv.Itoa(days*secondsPerDay) + "s" }

// labelValue makes a sentence a value that labels may have.
func labelValue(text string) string {
	return naming.Fit(63, strings.ReplaceAll(strings.ToLower(text), " ", "-"))
}
