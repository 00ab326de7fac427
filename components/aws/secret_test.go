package aws

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/secret"
	"platform/components/tags"
)

func recordSecret(t *testing.T, value string) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		args := secret.Args{
			Service: "payments", Name: "api-key", Tags: tags.Set{tags.Service: "payments"},
			Identity: identity.Outputs{Principal: pulumi.String("arn:role/payments").ToStringOutput()},
		}
		if value != "" {
			args.Value, args.HasValue = pulumi.String(value).ToStringOutput(), true
		}
		_, err := secret.New(ctx, "payments-api-key", d, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestSecretHasAnOwnKeyAndANameThatNoDeletedOneBlocks(t *testing.T) {
	record.Exactly(t, recordSecret(t, ""), "aws:secretsmanager/secret:Secret payments-api-key-secret", map[string]any{
		"namePrefix":           "dev-aws-payments-api-key-",
		"description":          "Secret api-key of service payments",
		"kmsKeyId":             "arn:payments-api-key-key",
		"recoveryWindowInDays": 30.0,
		"tags": map[string]any{
			"Name": "dev-aws-payments-api-key", "service": "payments",
		},
	})
}

func TestSecretAdmitsItsReaderOverTLSOnly(t *testing.T) {
	resources := recordSecret(t, "")
	record.SameDocument(t, resources["aws:secretsmanager/secretPolicy:SecretPolicy payments-api-key-policy"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:role/payments"]},
		 "Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":["arn:payments-api-key-secret"]},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["secretsmanager:*"],
		 "Resource":["arn:payments-api-key-secret"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`)
	record.SameDocument(t, resources["aws:kms/key:Key payments-api-key-key"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Administration","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],"Resource":["*"]},
		{"Sid":"Read","Effect":"Allow","Principal":{"AWS":["arn:role/payments"]},"Action":["kms:Decrypt"],"Resource":["*"],
		 "Condition":{"StringEquals":{"kms:ViaService":["secretsmanager.eu-central-1.amazonaws.com"]}}}]}`)
}

func TestAValueIsSecretAndWithoutOneNobodyMakesItUp(t *testing.T) {
	const version = "aws:secretsmanager/secretVersion:SecretVersion payments-api-key-value"
	if got, ok := recordSecret(t, "")[version]; ok {
		t.Errorf("a value was made up: %v", got)
	}
	// A value that the program has in the clear: the component marks it.
	got := recordSecret(t, "opensesame")[version]["secretString"]
	if !got.IsSecret() || got.SecretValue().Element.StringValue() != "opensesame" {
		t.Errorf("the value is %v", got)
	}
}

func TestTheStoreIsOpenedAsTheReader(t *testing.T) {
	var got secret.Outputs
	if _, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := secret.New(ctx, "payments-api-key", d, secret.Args{
			Service: "payments", Name: "api-key",
			Identity: identity.Outputs{Principal: pulumi.String("arn:role/payments").ToStringOutput(), ServiceAccount: "payments"},
		})
		if err == nil {
			got = made.Outputs
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := pulumi.Map{"aws": pulumi.Map{
		"service": pulumi.String("SecretsManager"), "region": pulumi.String("eu-central-1"),
		"auth": pulumi.Map{"jwt": pulumi.Map{"serviceAccountRef": pulumi.Map{"name": pulumi.String("payments")}}},
	}}
	if !reflect.DeepEqual(got.Store, want) {
		t.Errorf("got  %v\nwant %v", got.Store, want)
	}
}
