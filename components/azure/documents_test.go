package azure

import (
	"maps"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

func recordDocuments(t *testing.T, args documents.Args) record.Resources {
	t.Helper()
	args.Service, args.Tags = "reports", tags.Set{tags.Service: "reports"}
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := documents.New(ctx, "reports", d, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

const cosmosAccount = "azure-native:documentdb:DatabaseAccount reports-documents-account"

func wantAccount() map[string]any {
	return map[string]any{
		"resourceGroupName": "group", "accountName": "dev-azure-reports-" + subscriptionHash, "location": "germanywestcentral",
		"kind": "GlobalDocumentDB", "databaseAccountOfferType": "Standard",
		"capabilities":      []any{map[string]any{"name": "EnableServerless"}},
		"locations":         []any{map[string]any{"locationName": "germanywestcentral", "failoverPriority": 0.0, "isZoneRedundant": true}},
		"consistencyPolicy": map[string]any{"defaultConsistencyLevel": "Session"},
		"disableLocalAuth":  true, "disableKeyBasedMetadataWriteAccess": true, "minimalTlsVersion": "Tls12",
		"backupPolicy":        map[string]any{"type": "Continuous", "continuousModeProperties": map[string]any{"tier": "Continuous30Days"}},
		"identity":            map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{"id-reports-documents-encryption"}},
		"defaultIdentity":     "UserAssignedIdentity=id-reports-documents-encryption",
		"keyVaultKeyUri":      "https://vault.example/keys/key",
		"publicNetworkAccess": "Enabled", "ipRules": []any{map[string]any{"ipAddressOrRange": "0.0.0.0"}},
		"tags": map[string]any{"service": "reports"},
	}
}

func TestAnAccountAdmitsIdentitiesOnlyAndIsEncryptedAndRestorable(t *testing.T) {
	resources := recordDocuments(t, documents.Args{})
	record.Exactly(t, resources, cosmosAccount, wantAccount())
	own := map[string]any{"service": "reports"}
	record.Exactly(t, resources, "azure-native:documentdb:SqlResourceSqlDatabase reports-documents-database", map[string]any{
		"resourceGroupName": "group", "accountName": "reports-documents-account", "databaseName": "app",
		"resource": map[string]any{"id": "app"}, "tags": own,
	})
	record.Exactly(t, resources, "azure-native:documentdb:SqlResourceSqlContainer reports-documents-container", map[string]any{
		"resourceGroupName": "group", "accountName": "reports-documents-account", "databaseName": "reports-documents-database",
		"containerName": "documents", "tags": own,
		"resource": map[string]any{
			"id": "documents", "partitionKey": map[string]any{"kind": "Hash", "paths": []any{"/pk"}, "version": 2.0},
		},
	})
}

func TestAPrivateAndProtectedAccount(t *testing.T) {
	resources := recordDocuments(t, documents.Args{DeleteProtection: true, Network: dataNetwork(network.EndpointDocuments)})
	want := wantAccount()
	delete(want, "ipRules")
	maps.Copy(want, map[string]any{"publicNetworkAccess": "Disabled"})
	record.Exactly(t, resources, cosmosAccount, want)
	record.Exactly(t, resources, "azure-native:authorization:ManagementLockByScope reports-documents-lock", map[string]any{
		"lockName": "delete-protection", "scope": "id-reports-documents-account", "level": "CanNotDelete",
		"notes": "Protected by the environment's file: deleteProtection",
	})
	if _, ok := resources["azure-native:network:PrivateEndpoint reports-documents-endpoint"]; !ok {
		t.Error("there is no endpoint")
	}
}
