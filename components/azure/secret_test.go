package azure

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/secret"
	"platform/components/tags"
)

func recordSecret(t *testing.T, value string, in network.Outputs) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		args := secret.Args{
			Service: "payments", Name: "api-key", Network: in, Tags: tags.Set{tags.Service: "payments"},
			Identity: identity.Outputs{Principal: pulumi.String("principal").ToStringOutput()},
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

const (
	secretVault = "azure-native:keyvault:Vault payments-api-key"
	secretValue = "azure-native:keyvault:Secret payments-api-key-value"
)

func wantVault(access, others string) map[string]any {
	return map[string]any{
		"resourceGroupName": "group", "location": "germanywestcentral", "tags": map[string]any{"service": "payments"},
		"properties": map[string]any{
			"tenantId": "tenant", "sku": map[string]any{"family": "A", "name": "standard"},
			"enableRbacAuthorization": true, "enableSoftDelete": true,
			"enablePurgeProtection": true, "softDeleteRetentionInDays": 7.0, "publicNetworkAccess": access,
			"networkAcls": map[string]any{"bypass": "AzureServices", "defaultAction": others},
		},
	}
}

func TestAVaultAdmitsByRolesAndIsNamedByTheEngine(t *testing.T) {
	record.Exactly(t, recordSecret(t, "", network.Outputs{}), secretVault, wantVault("Enabled", "Allow"))
}

func TestAPrivateVaultIsReachedByItsEndpointOnly(t *testing.T) {
	resources := recordSecret(t, "", dataNetwork(network.EndpointSecrets))
	record.Exactly(t, resources, secretVault, wantVault("Disabled", "Deny"))
	if _, ok := resources["azure-native:network:PrivateEndpoint payments-api-key-endpoint"]; !ok {
		t.Error("there is no endpoint")
	}
}

func TestAValueIsSecretAndWithoutOneNobodyMakesItUp(t *testing.T) {
	if got, ok := recordSecret(t, "", network.Outputs{})[secretValue]; ok {
		t.Errorf("a value was made up: %v", got)
	}
	// A value that the program has in the clear: the component marks it.
	got := recordSecret(t, "opensesame", network.Outputs{})[secretValue]
	properties := got["properties"]
	if !properties.ContainsSecrets() {
		t.Errorf("the value is %v", properties)
	}
	if name := got["secretName"].StringValue(); name != "dev-azure-payments-api-key" {
		t.Errorf("the secret is named %q", name)
	}
}

func TestTheVaultIsOpenedAsTheReader(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := secret.New(ctx, "payments-api-key", d, secret.Args{
			Service: "payments", Name: "api-key",
			Identity: identity.Outputs{Principal: pulumi.String("principal").ToStringOutput(), ServiceAccount: "payments"},
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
		"key": "dev-azure-payments-api-key",
		"provider": map[string]any{"azurekv": map[string]any{
			"authType": "WorkloadIdentity", "vaultUrl": "https://vault.example/", "tenantId": "tenant", "serviceAccountRef": map[string]any{"name": "payments"},
		}},
	})
}
