package gcp

import (
	"maps"
	"strings"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

const serverType = "gcp:sql/databaseInstance:DatabaseInstance"

func smallDatabase() database.Args {
	return database.Args{
		Service: "payments", Size: cluster.Small, Version: "16", StorageGiB: 50, BackupDays: 7,
		MaxPods: 10, ConnectionsPerPod: 10, MultiZone: true, DeleteProtection: true,
		Identity: identity.Outputs{Details: map[string]pulumi.StringOutput{
			"email": pulumi.String("dev-gcp-payments@platform-dev.iam.gserviceaccount.com").ToStringOutput(),
		}},
		Network: network.Outputs{
			ID:          pulumi.String("projects/platform-dev/global/networks/dev-gcp").ToStringOutput(),
			DataSubnets: []network.Subnet{{Zone: network.AllZones, ID: pulumi.String("dev-gcp-services").ToStringOutput()}},
		},
		Tags: tags.Set{tags.Service: "payments"},
	}
}

// recordDatabase also tells what the outputs resolve to.
func recordDatabase(t *testing.T, args database.Args) (record.Resources, database.Outputs, map[string]string) {
	t.Helper()
	var outputs database.Outputs
	told := map[string]string{}
	var mu sync.Mutex
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		built, err := database.New(ctx, "payments", d, args)
		if err != nil {
			return err
		}
		outputs = built.Outputs
		for name, output := range map[string]pulumi.StringOutput{
			"name": outputs.Name, "host": outputs.Host, "connect": outputs.ConnectID, "secret": outputs.SecretID, "proxy": outputs.Proxy,
		} {
			ctx.Export(name, output.ApplyT(func(value string) string {
				mu.Lock()
				defer mu.Unlock()
				told[name] = value
				return value
			}))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources, outputs, told
}

func object(m map[string]any) resource.PropertyValue {
	return resource.NewProperty(resource.NewPropertyMapFromMap(m))
}

func TestServerIsEncryptedPrivateAndRestorable(t *testing.T) {
	resources, _, _ := recordDatabase(t, smallDatabase())
	got := resources[serverType+" dev-gcp-payments"]
	if key, ok := got["encryptionKeyName"]; !ok || !strings.Contains(key.StringValue(), "payments-key") {
		t.Errorf("the key is %v", key)
	}
	got = got.Copy()
	delete(got, "encryptionKeyName")
	want := resource.NewPropertyMapFromMap(map[string]any{
		"project": "platform-dev", "region": "europe-west3", "databaseVersion": "POSTGRES_16", "deletionProtection": true,
		"settings": map[string]any{
			"edition": "ENTERPRISE", "tier": "db-custom-2-7680", "availabilityType": "REGIONAL", "deletionProtectionEnabled": true,
			"diskType": "PD_SSD", "diskSize": 50.0, "diskAutoresize": false,
			"databaseFlags": []any{
				map[string]any{"name": "cloudsql.iam_authentication", "value": "on"},
				map[string]any{"name": "max_connections", "value": "400"},
			},
			"ipConfiguration": map[string]any{
				"ipv4Enabled": false, "privateNetwork": "projects/platform-dev/global/networks/dev-gcp",
				"allocatedIpRange": "dev-gcp-services", "sslMode": "ENCRYPTED_ONLY",
			},
			"backupConfiguration": map[string]any{
				"enabled": true, "pointInTimeRecoveryEnabled": true, "startTime": "02:00", "location": "europe-west3",
				"transactionLogRetentionDays": 7.0,
				"backupRetentionSettings":     map[string]any{"retainedBackups": 8.0, "retentionUnit": "COUNT"},
			},
			"insightsConfig": map[string]any{"queryInsightsEnabled": true},
			"userLabels":     map[string]any{"service": "payments"},
		},
	})
	if !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestTheServersUserIsTheServiceWithoutAPassword(t *testing.T) {
	resources, outputs, told := recordDatabase(t, smallDatabase())
	record.Exactly(t, resources, "gcp:sql/user:User payments-user", map[string]any{
		"project": "platform-dev", "instance": "dev-gcp-payments", "name": "dev-gcp-payments@platform-dev.iam",
		"type": "CLOUD_IAM_SERVICE_ACCOUNT", "deletionPolicy": "ABANDON",
	})
	wantTold := map[string]string{
		"name": "dev-gcp-payments", "host": "10.1.2.3", "connect": "projects/platform-dev/instances/dev-gcp-payments", "secret": "", "proxy": "",
	}
	if !maps.Equal(told, wantTold) || outputs.User != "dev-gcp-payments@platform-dev.iam" || outputs.Pooled {
		t.Errorf("told %v (user %s, pooled %t), want %v", told, outputs.User, outputs.Pooled, wantTold)
	}
}

func TestLongRecoveryTakesTheEditionThatHasIt(t *testing.T) {
	args := smallDatabase()
	args.BackupDays = 35
	resources, _, _ := recordDatabase(t, args)
	settings := resources[serverType+" dev-gcp-payments"]["settings"].ObjectValue()
	if settings["edition"].StringValue() != "ENTERPRISE_PLUS" || settings["tier"].StringValue() != "db-perf-optimized-N-2" {
		t.Errorf("edition %v, tier %v", settings["edition"], settings["tier"])
	}
	// A server without a flag would have the default of the larger machine, which nobody counted with.
	if got := settings["databaseFlags"].ArrayValue()[1]; !got.DeepEquals(object(map[string]any{"name": "max_connections", "value": "400"})) {
		t.Errorf("the flag is %v", got)
	}
}

func TestWhatCannotBeDoneIsRefusedBeforeAnythingIsBuilt(t *testing.T) {
	refused := func(change func(*database.Args)) (record.Resources, error) {
		args := smallDatabase()
		change(&args)
		return recorded(t, func(ctx *pulumi.Context, d *Driver) error {
			_, err := database.New(ctx, "payments", d, args)
			return err
		})
	}
	for want, change := range map[string]func(*database.Args){
		"400 connections, and 320 are allowed (there is no pooler): size medium or large would do": func(a *database.Args) { a.MaxPods = 40 },
		"finalSnapshot: value true: false is allowed":                                              func(a *database.Args) { a.FinalSnapshot = true },
		"version: value \"9.6\"":                      func(a *database.Args) { a.Version = "9.6" },
		"backupDays: value 36: 1 to 35 is allowed":    func(a *database.Args) { a.BackupDays = 36 },
		"storageGiB: value 9: 10 to 65536 is allowed": func(a *database.Args) { a.StorageGiB = 9 },
		"identity of service payments: its email":     func(a *database.Args) { a.Identity = identity.Outputs{} },
	} {
		resources, err := refused(change)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that says %q", err, want)
		}
		for name := range resources {
			if !strings.HasPrefix(name, database.Type) {
				t.Errorf("%s was registered", name)
			}
		}
	}
}

func TestAnAccountOfAnotherNameIsNotTheUserThatIsTold(t *testing.T) {
	args := smallDatabase()
	args.Identity.Details["email"] = pulumi.String("other@platform-dev.iam.gserviceaccount.com").ToStringOutput()
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := database.New(ctx, "payments", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "other@platform-dev.iam instead of dev-gcp-payments@platform-dev.iam") {
		t.Errorf("error is %v", err)
	}
}
