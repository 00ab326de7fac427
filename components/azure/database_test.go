package azure

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

// dataNetwork is one in which endpoints are as asked.
func dataNetwork(endpoints ...network.Endpoint) network.Outputs {
	text := func(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }
	return network.Outputs{
		ID:          text("network"),
		DataSubnets: []network.Subnet{{Zone: network.AllZones, ID: text("data")}},
		Endpoints:   endpoints,
		Details: map[string]pulumi.StringOutput{
			"zone-postgres": text("postgres-zone"), "endpoints-subnet": text("endpoints"),
			"zone-queues": text("queues-zone"), "zone-documents": text("documents-zone"), "zone-secrets": text("secrets-zone"),
		},
	}
}

// smallDatabase needs neither a pooler nor a standby.
func smallDatabase() database.Args {
	return database.Args{
		Service: "payments", Size: cluster.Small, Version: "16", StorageGiB: 50, BackupDays: 7,
		MaxPods: 3, ConnectionsPerPod: 10, Network: dataNetwork(), Tags: tags.Set{tags.Service: "payments"},
	}
}

// recordDatabase also returns what the database told the rest of the program.
func recordDatabase(t *testing.T, args database.Args) (record.Resources, database.Outputs, map[string]string) {
	t.Helper()
	var outputs database.Outputs
	heard := map[string]string{}
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		db, err := database.New(ctx, "payments", d, args)
		if err != nil {
			return err
		}
		outputs = db.Outputs
		names := []string{"name", "host", "connect", "secret", "key", "proxy"}
		pulumi.All(outputs.Name, outputs.Host, outputs.ConnectID, outputs.SecretID, outputs.KeyID, outputs.Proxy, outputs.Port).ApplyT(
			func(values []any) int {
				for i, name := range names {
					heard[name] = values[i].(string)
				}
				return values[len(names)].(int)
			})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources, outputs, heard
}

const postgresServer = "azure-native:dbforpostgresql/v20240801:Server payments-server"

func wantServer() map[string]any {
	return map[string]any{
		"resourceGroupName": "group", "serverName": "dev-azure-payments-" + subscriptionHash, "location": "germanywestcentral", "version": "16",
		"sku":              map[string]any{"name": "Standard_B2s", "tier": "Burstable"},
		"storage":          map[string]any{"storageSizeGB": 64.0, "autoGrow": "Disabled", "type": "Premium_LRS"},
		"authConfig":       map[string]any{"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": "tenant"},
		"backup":           map[string]any{"backupRetentionDays": 7.0, "geoRedundantBackup": "Disabled"},
		"highAvailability": map[string]any{"mode": "Disabled"},
		"network": map[string]any{
			"delegatedSubnetResourceId": "data", "privateDnsZoneArmResourceId": "postgres-zone", "publicNetworkAccess": "Disabled",
		},
		"identity": map[string]any{
			"type": "UserAssigned", "userAssignedIdentities": map[string]any{"id-payments-encryption": map[string]any{}},
		},
		"dataEncryption": map[string]any{
			"type": "AzureKeyVault", "primaryKeyURI": "https://vault.example/keys/key", "primaryUserAssignedIdentityId": "id-payments-encryption",
		},
		"tags": map[string]any{"service": "payments"},
	}
}

// subscriptionHash tells names apart that all tenants share.
const subscriptionHash = "666ff6cc"

func TestServerIsPrivateEncryptedAndWithoutPasswords(t *testing.T) {
	resources, outputs, heard := recordDatabase(t, smallDatabase())
	record.Exactly(t, resources, postgresServer, wantServer())
	record.Exactly(t, resources, "azure-native:dbforpostgresql/v20240801:Administrator payments-entra-administrator", map[string]any{
		"resourceGroupName": "group", "serverName": "payments-server", "tenantId": "tenant", "principalType": "ServicePrincipal",
		"objectId": "principal-payments-administrator", "principalName": "payments-administrator",
	})
	record.Exactly(t, resources, "azure-native:dbforpostgresql/v20240801:Database payments-database", map[string]any{
		"resourceGroupName": "group", "serverName": "payments-server", "databaseName": "app", "charset": "UTF8", "collation": "en_US.utf8",
	})
	record.Exactly(t, resources, "azure-native:dbforpostgresql/v20240801:Configuration payments-secure-transport", map[string]any{
		"resourceGroupName": "group", "serverName": "payments-server", "configurationName": "require_secure_transport", "value": "on", "source": "user-override",
	})
	record.Exactly(t, resources, "azure-native:insights:DiagnosticSetting payments-logs", map[string]any{
		"name": "workspace", "resourceUri": "id-payments-server", "workspaceId": "workspace", "logAnalyticsDestinationType": "Dedicated",
		"logs": []any{map[string]any{"category": "PostgreSQLLogs", "enabled": true}},
	})
	for key := range resources {
		if strings.Contains(key, "ManagementLock") {
			t.Errorf("%s was not asked for", key)
		}
	}
	if outputs.Pooled || outputs.User != "app" {
		t.Errorf("pooled is %t, the user %q", outputs.Pooled, outputs.User)
	}
	want := map[string]string{
		"name": "id-payments-server", "host": "payments-server.postgres.database.azure.com", "connect": "id-payments-server",
		"secret": "", "key": "https://vault.example/keys/key", "proxy": "",
	}
	if !maps.Equal(heard, want) {
		t.Errorf("got  %v\nwant %v", heard, want)
	}
}

func TestAPooledServerIsSteadyAndHasPgBouncer(t *testing.T) {
	args := smallDatabase()
	args.MaxPods = 100
	resources, outputs, _ := recordDatabase(t, args)
	want := wantServer()
	want["sku"] = map[string]any{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
	record.Exactly(t, resources, postgresServer, want)
	for role, setting := range map[string][2]string{
		"pooler": {"pgbouncer.enabled", "true"}, "pooler-clients": {"pgbouncer.max_client_conn", "8440"},
		"pooler-connections": {"pgbouncer.default_pool_size", "675"},
	} {
		record.Exactly(t, resources, "azure-native:dbforpostgresql/v20240801:Configuration payments-"+role, map[string]any{
			"resourceGroupName": "group", "serverName": "payments-server", "configurationName": setting[0], "value": setting[1], "source": "user-override",
		})
	}
	if !outputs.Pooled {
		t.Error("it does not say that it is pooled")
	}
}

func TestAProtectedServerWithAStandbyIsLocked(t *testing.T) {
	args := smallDatabase()
	args.MultiZone, args.DeleteProtection, args.StorageGiB = true, true, 4095
	resources, _, _ := recordDatabase(t, args)
	want := wantServer()
	want["sku"] = map[string]any{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
	want["highAvailability"] = map[string]any{"mode": "ZoneRedundant"}
	want["storage"] = map[string]any{"storageSizeGB": 4095.0, "autoGrow": "Disabled", "type": "Premium_LRS"}
	record.Exactly(t, resources, postgresServer, want)
	record.Exactly(t, resources, "azure-native:authorization:ManagementLockByScope payments-lock", map[string]any{
		"lockName": "delete-protection", "scope": "id-payments-server", "level": "CanNotDelete",
		"notes": "Protected by the environment's file: deleteProtection",
	})
}

func TestStorageIsRoundedUpToADisk(t *testing.T) {
	for gib, want := range map[int]int{1: 32, 32: 32, 33: 64, 2049: 4095, 4096: 8192, 32767: 32767} {
		if got, err := storageStep(gib); err != nil || got != want {
			t.Errorf("%d GiB become %d with error %v, want %d", gib, got, err, want)
		}
	}
	if _, err := storageStep(32768); err == nil || err.Error() != "storage of 32768 GiB: the largest disk of a Postgres server on Azure has 32767" {
		t.Errorf("error is %v", err)
	}
}

func TestConnectionsByServer(t *testing.T) {
	d := newDriver()
	for size, want := range map[cluster.Size]database.Limits{
		cluster.Small: {Direct: 414, Pooled: 8440}, cluster.Medium: {Direct: 844, Pooled: 8440}, cluster.Large: {Direct: 4985, Pooled: 10000},
	} {
		if got, err := d.DatabaseLimits(size); err != nil || got != want {
			t.Errorf("%s: %v with error %v, want %v", size, got, err, want)
		}
	}
	if _, err := d.DatabaseLimits("huge"); err == nil || err.Error() != `no Azure database of size "huge": sizes are [small medium large]` {
		t.Errorf("error is %v", err)
	}
}

func TestFaultsOfADatabaseComeAtOnceAndRegisterNothing(t *testing.T) {
	args := smallDatabase()
	args.Version, args.BackupDays, args.MaxPods, args.ConnectionsPerPod = "17", 1, 10000, 100
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := database.New(ctx, "payments", d, args)
		return err
	})
	for _, part := range []string{`version: value "17"`, "backupDays: value 1: 7 to 35 is allowed", "no size would do"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("error is %v, want one that says %q", err, part)
		}
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}

// A small server that must have a pooler or a standby is of the steady kind.
func TestOnlyAProcessorThatBurstsSavesCredits(t *testing.T) {
	for _, test := range []struct {
		size  cluster.Size
		zones bool
		want  int
	}{{cluster.Small, false, 576}, {cluster.Small, true, 0}, {cluster.Medium, false, 0}, {cluster.Large, false, 0}} {
		args := smallDatabase()
		args.Size, args.MultiZone = test.size, test.zones
		if _, outputs, _ := recordDatabase(t, args); outputs.BurstCredits != test.want {
			t.Errorf("%s over zones %t saves %d credits, want %d", test.size, test.zones, outputs.BurstCredits, test.want)
		}
	}
}
