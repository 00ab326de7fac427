package azure

import (
	"encoding/base64"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
)

// computed is what Azure makes up for a type, besides what it makes up for all.
var computed = record.Made{
	"azure-native:keyvault:Key": {
		"keyUri":            engine.NewProperty("https://vault.example/keys/key"),
		"keyUriWithVersion": engine.NewProperty("https://vault.example/keys/key/1"),
	},
	"azure-native:keyvault:Vault": {
		"properties": engine.NewProperty(engine.PropertyMap{"vaultUri": engine.NewProperty("https://vault.example/")}),
	},
	"azure-native:compute:DiskEncryptionSet": {
		"identity": engine.NewProperty(engine.PropertyMap{"principalId": engine.NewProperty("principal-of-disks")}),
	},
	"azure-native:containerservice:ManagedCluster": {
		"privateFQDN":       engine.NewProperty("private.example"),
		"fqdn":              engine.NewProperty("public.example"),
		"oidcIssuerProfile": engine.NewProperty(engine.PropertyMap{"issuerURL": engine.NewProperty("https://issuer.example/")}),
	},
	"azure-native:operationalinsights:Workspace": {"customerId": engine.NewProperty("workspace-guid")},
}

// identified is what Azure makes up for every resource.
func identified(args pulumi.MockResourceArgs) engine.PropertyMap {
	return engine.PropertyMap{
		"name":        engine.NewProperty(args.Name),
		"principalId": engine.NewProperty("principal-" + args.Name),
		"clientId":    engine.NewProperty("client-" + args.Name),
	}
}

// answers are those of the provider's functions.
var answers = record.Made{
	"azure-native:authorization:getClientConfig": {"tenantId": engine.NewProperty("tenant")},
	"azure-native:containerservice:listManagedClusterUserCredentials": {
		"kubeconfigs": engine.NewProperty([]engine.PropertyValue{engine.NewProperty(engine.PropertyMap{
			"name":  engine.NewProperty("clusterUser"),
			"value": engine.NewProperty(base64.StdEncoding.EncodeToString([]byte("clusters: [{cluster: {certificate-authority-data: QUJD}}]"))),
		})}),
	},
}

const testSubscription = "11111111-2222-3333-4444-555555555555"

// newDriver makes a driver of a development environment, on a foundation.
func newDriver() *Driver {
	text := func(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }
	d := New(Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: testSubscription, KeyDeletionDays: 7})
	d.ground = ground{
		tenant: text("tenant"), group: text("group"), groupID: text("group-id"), workspace: text("workspace"),
		workspaceGUID: text("workspace-guid"), keyVault: text("vault"), keyVaultID: text("vault-id"), keyVaultURI: text("https://vault.example/"),
	}
	return d
}

// recorded are the resources of a build, with a driver of a development environment.
func recorded(t *testing.T, build func(*pulumi.Context, *Driver) error) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev-azure", func(ctx *pulumi.Context) error { return build(ctx, newDriver()) },
		record.Each(identified), record.Outputs(computed), record.Answers(answers))
}
