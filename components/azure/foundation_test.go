package azure

import (
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
	"platform/components/internal/record"
	"platform/components/tags"
)

func TestAFoundationHasAGroupAWorkspaceWithoutKeysAndAVaultForKeys(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 400, Tags: tags.Set{tags.Team: "platform"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:resources:ResourceGroup foundation-group", object{
		"resourceGroupName": "dev-azure", "location": "germanywestcentral", "tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:operationalinsights:Workspace foundation-workspace", object{
		"resourceGroupName": "foundation-group", "workspaceName": "dev-azure-logs", "location": "germanywestcentral",
		"sku": object{"name": "PerGB2018"}, "retentionInDays": 400.0, "features": object{"disableLocalAuth": true},
		"tags": object{"team": "platform"},
	})
	// Without a name: the engine completes the logical one.
	record.Exactly(t, resources, "azure-native:keyvault:Vault foundation-keys", object{
		"resourceGroupName": "foundation-group", "location": "germanywestcentral",
		"properties": object{
			"tenantId": "tenant", "sku": object{"family": "A", "name": "standard"}, "enableRbacAuthorization": true, "enableSoftDelete": true,
			"enablePurgeProtection": true, "softDeleteRetentionInDays": 7.0, "publicNetworkAccess": "Disabled",
			"networkAcls": object{"bypass": "AzureServices", "defaultAction": "Deny"},
		},
		"tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:insights:DiagnosticSetting foundation-keys-logs", object{
		"name": "workspace", "resourceUri": "id-foundation-keys", "workspaceId": "id-foundation-workspace",
		"logAnalyticsDestinationType": "Dedicated", "logs": []any{object{"category": "AuditEvent", "enabled": true}},
	})
}

func TestLogsAreKeptWithinWhatThePlanOffers(t *testing.T) {
	d := newDriver()
	for asked, want := range map[int]int{1: 30, 30: 30, 400: 400, 2000: 730} {
		args := d.workspaceArgs(d.ground.group, foundation.Args{LogDays: asked})
		if got := args.RetentionInDays; got != pulumi.Int(want) {
			t.Errorf("%d days asked for: kept for %v, want %d", asked, got, want)
		}
	}
}

func TestAKeyIsNamedByTheEngineAndRotates(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := d.key(ctx, "orders-database-key", "Database of orders", tags.Set{tags.Team: "orders"}, nil)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:keyvault:Key orders-database-key", object{
		"resourceGroupName": "group", "vaultName": "vault",
		"properties": object{
			"kty": "RSA", "keySize": 3072.0, "keyOps": list{"wrapKey", "unwrapKey"},
			"rotationPolicy": object{
				"attributes": object{"expiryTime": "P2Y"},
				"lifetimeActions": list{
					object{"action": object{"type": "Rotate"}, "trigger": object{"timeAfterCreate": "P90D"}},
					object{"action": object{"type": "Notify"}, "trigger": object{"timeBeforeExpiry": "P30D"}},
				},
			},
		},
		"tags": object{"team": "orders", "purpose": "Database of orders"},
	})
}

var uuid = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func TestAnAssignmentsNameFollowsFromItsLogicalName(t *testing.T) {
	d, other := newDriver(), newDriver()
	other.s.Environment = "prod-azure"
	name := d.assignmentName("orders-publishes")
	if !uuid.MatchString(name) {
		t.Errorf("%q is no UUID", name)
	}
	if again := d.assignmentName("orders-publishes"); again != name {
		t.Errorf("%q is not %q", again, name)
	}
	if d.assignmentName("orders-consumes") == name || other.assignmentName("orders-publishes") == name {
		t.Error("two assignments have one name")
	}
}
