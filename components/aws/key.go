package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// defaultKeyDeletionDays is the longest time for rescue that AWS offers
// (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html).
const defaultKeyDeletionDays = 30

// key registers a customer managed key and its alias. The account administers the key through its
// own IAM policies; who may encrypt and decrypt is what the statements say.
func (d *Driver) key(
	ctx *pulumi.Context, name, purpose string, t tags.Set, statements []statement, parent pulumi.Resource,
) (*kms.Key, error) {
	key, err := kms.NewKey(ctx, name, d.keyArgs(name, purpose, t, statements), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("key %s: %w", name, err)
	}
	return key, d.keyAlias(ctx, name, key.KeyId, parent)
}

// keyAlias registers the name by which people find a key.
func (d *Driver) keyAlias(ctx *pulumi.Context, name string, key pulumi.StringInput, parent pulumi.Resource) error {
	if _, err := kms.NewAlias(ctx, name+"-alias", &kms.AliasArgs{
		Name: pulumi.String(d.physical(KindKeyAlias, name)), TargetKeyId: key,
	}, pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("alias of key %s: %w", name, err)
	}
	return nil
}

func (d *Driver) keyArgs(name, purpose string, t tags.Set, statements []statement) *kms.KeyArgs {
	return &kms.KeyArgs{
		Description:          pulumi.String(purpose),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(d.s.KeyDeletionDays),
		Policy:               policyJSON(append([]statement{d.keyAdministration()}, statements...)...),
		Tags:                 tagMap(t, name),
	}
}

// keyAdministration keeps the key manageable: without it a key whose other principals are gone can
// be neither changed nor deleted
// (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html).
func (d *Driver) keyAdministration() statement {
	return statement{
		Sid: "Administration", Actions: []string{"kms:*"}, Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{principalAWS: texts(d.accountRoot())},
	}
}

// accountRoot stands for the account itself, whose IAM policies then decide.
func (d *Driver) accountRoot() string {
	return fmt.Sprintf("arn:%s:iam::%s:root", d.s.Partition, d.s.Account)
}
