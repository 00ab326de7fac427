package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
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
			Identity: identity.Outputs{Principal: pulumi.String("serviceAccount:payments").ToStringOutput()},
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

func TestSecretHasAnOwnKeyAndStaysInTheRegion(t *testing.T) {
	got := recordSecret(t, "")["gcp:secretmanager/secret:Secret payments-api-key-secret"]
	replicas := got["replication"].ObjectValue()["userManaged"].ObjectValue()["replicas"].ArrayValue()
	if len(replicas) != 1 || replicas[0].ObjectValue()["location"].StringValue() != "europe-west3" {
		t.Errorf("the replicas are %v", replicas)
	}
	if key := replicas[0].ObjectValue()["customerManagedEncryption"].ObjectValue()["kmsKeyName"]; !strings.Contains(key.StringValue(), "payments-api-key-key") {
		t.Errorf("the key is %v", key)
	}
	got = got.Copy()
	delete(got, "replication")
	want := resource.NewPropertyMapFromMap(map[string]any{
		"project": "platform-dev", "secretId": "dev-gcp-payments-api-key", "labels": map[string]any{"service": "payments"},
	})
	if !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestAValueIsSecretAndWithoutOneNobodyMakesItUp(t *testing.T) {
	const version = "gcp:secretmanager/secretVersion:SecretVersion payments-api-key-value"
	if got, ok := recordSecret(t, "")[version]; ok {
		t.Errorf("a value was made up: %v", got)
	}
	// A value that the program has in the clear: the component marks it.
	got := recordSecret(t, "opensesame")[version]
	if data := got["secretData"]; !data.IsSecret() || data.SecretValue().Element.StringValue() != "opensesame" {
		t.Errorf("the value is %v", data)
	}
	if got["secret"].StringValue() != "id-payments-api-key-secret" {
		t.Errorf("it is a version of %v", got["secret"])
	}
}

func TestTheStoreIsOpenedAsTheReader(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := secret.New(ctx, "payments-api-key", d, secret.Args{
			Service: "payments", Name: "api-key",
			Identity: identity.Outputs{
				Principal: pulumi.String("serviceAccount:payments").ToStringOutput(), ServiceAccount: "payments",
				Details: map[string]pulumi.StringOutput{detailCluster: pulumi.String("dev-gcp-cluster").ToStringOutput()},
			},
		})
		if err != nil {
			return err
		}
		return ctx.RegisterResource("test:store:Store", "store", pulumi.Map{"provider": made.Outputs.Store, "key": made.Outputs.Key}, &pulumi.CustomResourceState{})
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "test:store:Store store", map[string]any{
		"key": "dev-gcp-payments-api-key",
		"provider": map[string]any{"gcpsm": map[string]any{
			"projectID": "platform-dev", "auth": map[string]any{"workloadIdentity": map[string]any{
				"clusterProjectID": "platform-dev", "clusterLocation": "europe-west3", "clusterName": "dev-gcp-cluster",
				"serviceAccountRef": map[string]any{"name": "payments"},
			}},
		}},
	})
}
