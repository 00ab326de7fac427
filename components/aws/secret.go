package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/secret"
)

// readSecretActions are what a reader does with a secret.
var readSecretActions = []string{"secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"}

// CreateSecret builds a Secrets Manager secret, and its first version if there is a value.
func (d *Driver) CreateSecret(
	ctx *pulumi.Context, name string, args secret.Args, parent pulumi.Resource,
) (secret.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Secret "+args.Name+" of service "+args.Service, args.Tags,
		d.secretKeyStatements(args.Identity), parent)
	if err != nil {
		return secret.Outputs{}, err
	}
	container, err := secretsmanager.NewSecret(ctx, name+"-secret", d.secretArgs(args, key.Arn), pulumi.Parent(parent))
	if err != nil {
		return secret.Outputs{}, err
	}
	policy, err := secretsmanager.NewSecretPolicy(ctx, name+"-policy", &secretsmanager.SecretPolicyArgs{
		SecretArn: container.Arn, Policy: policyJSON(secretStatements(container.Arn, args.Identity)...),
		BlockPublicPolicy: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return secret.Outputs{}, fmt.Errorf("policy: %w", err)
	}
	if args.HasValue {
		// After the policy: a value is never where calls without TLS are not refused.
		if _, err := secretsmanager.NewSecretVersion(ctx, name+"-value", &secretsmanager.SecretVersionArgs{
			SecretId: container.Arn, SecretString: args.Value.ToStringPtrOutput(),
		}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{policy})); err != nil {
			return secret.Outputs{}, fmt.Errorf("value: %w", err)
		}
	}
	return secret.Outputs{ID: container.Arn, KeyID: key.Arn, Store: d.secretStore(args.Identity), Key: container.Arn}, nil
}

// secretStore opens Secrets Manager as the role that the account names
// (https://external-secrets.io/v1.3.2/provider/aws-access/#eks-service-account-credentials).
func (d *Driver) secretStore(reader identity.Outputs) pulumi.Map {
	return pulumi.Map{"aws": pulumi.Map{
		"service": pulumi.String("SecretsManager"), "region": pulumi.String(d.s.Region),
		"auth": pulumi.Map{"jwt": pulumi.Map{"serviceAccountRef": pulumi.Map{"name": pulumi.String(reader.ServiceAccount)}}},
	}}
}

// secretArgs leaves the end of the name to the provider: a deleted secret keeps its name for as long
// as it can be rescued (https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html).
func (d *Driver) secretArgs(args secret.Args, key pulumi.StringInput) *secretsmanager.SecretArgs {
	name := d.physical(KindSecret, args.Service, args.Name)
	return &secretsmanager.SecretArgs{
		NamePrefix:  pulumi.String(name + "-"),
		Description: pulumi.String("Secret " + args.Name + " of service " + args.Service),
		KmsKeyId:    key.ToStringOutput().ToStringPtrOutput(),
		// As long as its key: without the key the secret would be rescued in vain.
		RecoveryWindowInDays: pulumi.Int(d.s.KeyDeletionDays),
		Tags:                 tagMap(args.Tags, name),
	}
}

// secretStatements admit the reader, and refuse everyone without TLS.
func secretStatements(container pulumi.StringInput, reader identity.Outputs) []statement {
	return []statement{
		{
			Sid: "Read", Actions: readSecretActions, Resources: []pulumi.StringInput{container},
			Principals: map[string][]pulumi.StringInput{principalAWS: {reader.Principal}},
		},
		denyInsecure([]string{"secretsmanager:*"}, container),
	}
}

// secretKeyStatements let the reader decrypt, through Secrets Manager only. In a key's policy the
// resource is the key itself.
func (d *Driver) secretKeyStatements(reader identity.Outputs) []statement {
	return []statement{{
		Sid: "Read", Actions: []string{"kms:Decrypt"}, Resources: texts("*"),
		Principals: map[string][]pulumi.StringInput{principalAWS: {reader.Principal}},
		Conditions: []condition{{Operator: "StringEquals", Key: "kms:ViaService", Values: texts("secretsmanager." + d.s.Region + ".amazonaws.com")}},
	}}
}

var _ secret.Driver = (*Driver)(nil)
