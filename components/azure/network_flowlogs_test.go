package azure

import (
	"testing"

	"platform/components/internal/record"
	"platform/components/network"
)

func TestFlowLogsAreKeptWithoutKeysEncryptedAndForTheirDays(t *testing.T) {
	resources, _ := recordNetwork(t, anyNetwork(network.NATNone))
	record.Exactly(t, resources, "azure-native:storage:StorageAccount network-flow-logs", object{
		"resourceGroupName": "group", "accountName": newDriver().physical(KindStorageAccount, "network-flow-logs"), "location": "germanywestcentral",
		"kind": "StorageV2", "sku": object{"name": "Standard_ZRS"},
		"allowBlobPublicAccess": false, "allowSharedKeyAccess": false, "allowCrossTenantReplication": false, "defaultToOAuthAuthentication": true,
		"enableHttpsTrafficOnly": true, "minimumTlsVersion": "TLS1_2", "isLocalUserEnabled": false,
		"networkRuleSet": object{"bypass": "AzureServices", "defaultAction": "Deny"},
		"identity":       object{"type": "UserAssigned", "userAssignedIdentities": list{"id-network-flow-logs-identity"}},
		"encryption": object{
			"keySource": "Microsoft.Keyvault", "requireInfrastructureEncryption": true,
			"keyVaultProperties": object{"keyName": "network-flow-logs-key", "keyVaultUri": "https://vault.example/"},
			"encryptionIdentity": object{"encryptionUserAssignedIdentity": "id-network-flow-logs-identity"},
		},
		"tags": object{"team": "platform"},
	})
	record.Exactly(t, resources, "azure-native:storage:ManagementPolicy network-flow-logs-retention", object{
		"resourceGroupName": "group", "accountName": "network-flow-logs", "managementPolicyName": "default",
		"policy": object{"rules": list{object{
			"name": "retention", "type": "Lifecycle", "enabled": true,
			"definition": object{
				"filters": object{"blobTypes": list{"blockBlob"}},
				"actions": object{"baseBlob": object{"delete": object{"daysAfterModificationGreaterThan": 90.0}}},
			},
		}}},
	})
	record.Exactly(t, resources, "azure-native:network/v20240501:FlowLog network-flow-log", object{
		"resourceGroupName": "NetworkWatcherRG", "networkWatcherName": "NetworkWatcher_germanywestcentral", "flowLogName": "dev-azure-network",
		"location": "germanywestcentral", "targetResourceId": "id-network", "storageId": "id-network-flow-logs", "enabled": true,
		"format":          object{"type": "JSON", "version": 2.0},
		"identity":        object{"type": "UserAssigned", "userAssignedIdentities": list{"id-network-flow-logs-identity"}},
		"retentionPolicy": object{"enabled": false, "days": 0.0},
		"flowAnalyticsConfiguration": object{"networkWatcherFlowAnalyticsConfiguration": object{
			"enabled": true, "trafficAnalyticsInterval": 10.0, "workspaceId": "workspace-guid", "workspaceRegion": "germanywestcentral",
			"workspaceResourceId": "workspace",
		}},
		"tags": object{"team": "platform"},
	})
}

func TestTheFlowLogsIdentityUsesOneKeyAndWritesToOneAccount(t *testing.T) {
	resources, _ := recordNetwork(t, anyNetwork(network.NATNone))
	role := func(id string) string {
		return "/subscriptions/" + testSubscription + "/providers/Microsoft.Authorization/roleDefinitions/" + id
	}
	d := newDriver()
	for name, want := range map[string]struct{ role, scope string }{
		"network-flow-logs-key-user": {"e147488a-f6f5-4113-8e2d-b22465e65bf6", "id-network-flow-logs-key"},
		"network-flow-logs-writer":   {"ba92f5b4-2d11-453d-a403-e96b0029c9fe", "id-network-flow-logs"},
	} {
		record.Exactly(t, resources, "azure-native:authorization:RoleAssignment "+name, object{
			"roleAssignmentName": d.assignmentName(name), "roleDefinitionId": role(want.role), "scope": want.scope,
			"principalId": "principal-network-flow-logs-identity", "principalType": "ServicePrincipal",
		})
	}
}

func TestTheStoreOfTheFlowLogsHasAnEndpointWhereStorageWasAskedFor(t *testing.T) {
	resources, _ := recordNetwork(t, anyNetwork(network.NATNone, network.EndpointStorage))
	if _, made := resources["azure-native:network:PrivateEndpoint network-flow-logs-endpoint"]; !made {
		t.Error("none")
	}
}
