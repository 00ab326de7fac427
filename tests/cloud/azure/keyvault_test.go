package azure_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
)

const (
	vaultType      = "azure-native:keyvault:Vault"
	keyType        = "azure-native:keyvault:Key"
	identityType   = "azure-native:managedidentity:UserAssignedIdentity"
	assignmentType = "azure-native:authorization:RoleAssignment"
	storageType    = "azure-native:storage:StorageAccount"
	workspaceType  = "azure-native:operationalinsights:Workspace"
	flowLogType    = "azure-native:network/v20240501:FlowLog"
)

func vaultInputs(name string, more values) values {
	properties := values{"tenantId": azure.Tenant, "sku": values{"family": "A", "name": "standard"}, "enableRbacAuthorization": true}
	maps.Copy(properties, more)
	return with(values{"vaultName": name, "properties": properties})
}

func keyInputs(vault, name string) values {
	return values{"resourceGroupName": "env", "vaultName": vault, "keyName": name, "properties": values{"kty": "RSA", "keySize": 3072.0}}
}

// identity makes one, and roles on things.
func (w *world) identity(name string, on map[*cloud.Object]string) *cloud.Object {
	w.T.Helper()
	o := w.Have(identityType, with(values{"resourceName": name}))
	for thing, role := range on {
		w.assign(o, thing, role)
	}
	return o
}

func (w *world) assign(identity, on *cloud.Object, role string) *cloud.Object {
	w.T.Helper()
	o, err := w.Create(assignmentType, assignment(identity.Str("principalId"), on.ID, role))
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

const (
	keyUser    = "e147488a-f6f5-4113-8e2d-b22465e65bf6"
	blobWriter = "ba92f5b4-2d11-453d-a403-e96b0029c9fe"
)

// assignment is named after what it says.
func assignment(principal, scope, role string) values {
	sum := sha256.Sum256([]byte(principal + scope + role))
	return values{
		"roleAssignmentName": fmt.Sprintf("00000000-0000-8000-8000-%x", sum[:6]), "principalId": principal, "scope": scope,
		"roleDefinitionId": "/subscriptions/" + subscription + "/providers/Microsoft.Authorization/roleDefinitions/" + role,
	}
}

func TestADeletedVaultKeepsItsNameAndTakesItsKeysAlong(t *testing.T) {
	w := newWorld(t)
	vault := w.Have(vaultType, vaultInputs("keys-1", values{"enablePurgeProtection": true, "softDeleteRetentionInDays": 7.0}))
	w.Have(keyType, keyInputs("keys-1", "orders"))
	if uri := vault.Str("properties.vaultUri"); uri != "https://keys-1.vault.azure.net/" {
		t.Errorf("the vault is at %q", uri)
	}
	if err := w.Remove(vault); err != nil {
		t.Fatal(err)
	}
	if keys := w.All(keyType); len(keys) != 0 {
		t.Errorf("left: %v", keys)
	}
	_, err := w.Create(vaultType, vaultInputs("keys-1", nil))
	if err == nil || !strings.Contains(err.Error(), "SoftDeleted") {
		t.Errorf("a name that is kept: %v", err)
	}
	if unnamed := w.Have(vaultType, with(values{"properties": vaultInputs("", nil)["properties"]})); !strings.HasPrefix(unnamed.Str("vaultName"), "thing") {
		t.Errorf("the engine names a vault %q", unnamed.Str("vaultName"))
	}
}

func TestAVaultIsNeverLessProtectedThanItWas(t *testing.T) {
	w := newWorld(t)
	protected := vaultInputs("keys-1", values{"enablePurgeProtection": true, "softDeleteRetentionInDays": 7.0})
	vault := w.Have(vaultType, protected)
	refused(t, "other days", w.Update(vault, vaultInputs("keys-1", values{"enablePurgeProtection": true, "softDeleteRetentionInDays": 90.0})), "BadRequest")
	refused(t, "no protection", w.Update(vault, vaultInputs("keys-1", values{"softDeleteRetentionInDays": 7.0})), "BadRequest")
	_, err := w.Create(vaultType, vaultInputs("keys-2", values{"enablePurgeProtection": false}))
	refused(t, "protection that is off by name", err, "BadRequest")
	_, err = w.Create(vaultType, vaultInputs("keys--2", nil))
	refused(t, "hyphens in a row", err, "VaultNameNotValid")
	_, err = w.Create(vaultType, vaultInputs("keys-2", values{"tenantId": "00000000-0000-4000-a000-000000000000"}))
	refused(t, "another tenant", err, "BadRequest")
	_, err = w.Create(vaultType, vaultInputs("keys-2", values{"enableRbacAuthorization": false}))
	refused(t, "neither roles nor policies", err, "BadRequest")
	_, err = w.Create(vaultType, vaultInputs("a-name-that-is-too-long-1", nil))
	if err == nil || !strings.Contains(err.Error(), "allowed are 24") {
		t.Errorf("a long name: %v", err)
	}
}

func TestAKeyThatIsThereDoesNotChange(t *testing.T) {
	w := newWorld(t)
	w.Have(vaultType, vaultInputs("keys-1", nil))
	key := w.Have(keyType, keyInputs("keys-1", "orders"))
	if uri, version := key.Str("keyUri"), key.Str("keyUriWithVersion"); uri != "https://keys-1.vault.azure.net/keys/orders" || !strings.HasPrefix(version, uri+"/") {
		t.Errorf("the key is at %q, its version at %q", uri, version)
	}
	refused(t, "other tags", w.Update(key, values{"tags": values{"team": "orders"}}), "KeyNotUpdated")
	hardware := keyInputs("keys-1", "hard")
	hardware["properties"] = values{"kty": "RSA-HSM", "keySize": 3072.0}
	_, err := w.Create(keyType, hardware)
	refused(t, "hardware in a standard vault", err, "BadParameter")
}

func TestARoleIsGivenToSomebodyOnSomething(t *testing.T) {
	w := newWorld(t)
	w.Have(vaultType, vaultInputs("keys-1", nil))
	key := w.Have(keyType, keyInputs("keys-1", "orders"))
	who := w.identity("orders", nil)
	principal := who.Str("principalId")
	_, err := w.Create(assignmentType, assignment("00000000-0000-4000-a000-000000000000", key.ID, keyUser))
	refused(t, "nobody", err, "PrincipalNotFound")
	_, err = w.Create(assignmentType, assignment(principal, key.ID+"x", keyUser))
	refused(t, "nothing", err, "ResourceNotFound")
	_, err = w.Create(assignmentType, assignment(principal, key.ID, "00000000-0000-4000-a000-000000000000"))
	refused(t, "a role that does not exist", err, "RoleDefinitionDoesNotExist")
	made := w.assign(who, key, keyUser)
	again := assignment(principal, key.ID, keyUser)
	again["roleAssignmentName"] = "11111111-0000-8000-8000-000000000000"
	_, err = w.Create(assignmentType, again)
	refused(t, "the same twice", err, "RoleAssignmentExists")
	refused(t, "another role", w.Update(made, assignment(principal, key.ID, blobWriter)), "RoleAssignmentUpdateNotPermitted")
}

func storeInputs(key, vault, identity *cloud.Object) values {
	return with(values{
		"accountName": "flowlogs1", "kind": "StorageV2", "sku": values{"name": "Standard_ZRS"}, "allowSharedKeyAccess": false,
		"identity": values{"type": "UserAssigned", "userAssignedIdentities": []any{identity.ID}},
		"encryption": values{
			"keySource":          "Microsoft.Keyvault",
			"keyVaultProperties": values{"keyName": key.Str("keyName"), "keyVaultUri": vault.Str("properties.vaultUri")},
			"encryptionIdentity": values{"encryptionUserAssignedIdentity": identity.ID},
		},
	})
}

func TestStorageTakesAKeyThatItMayUseFromAVaultThatCannotBePurged(t *testing.T) {
	w := newWorld(t)
	loose := w.Have(vaultType, vaultInputs("loose-1", nil))
	looseKey := w.Have(keyType, keyInputs("loose-1", "store"))
	vault := w.Have(vaultType, vaultInputs("keys-1", values{"enablePurgeProtection": true}))
	key := w.Have(keyType, keyInputs("keys-1", "flows"))
	who := w.identity("flows", nil)
	w.assign(who, looseKey, keyUser)
	_, err := w.Create(storageType, storeInputs(looseKey, loose, who))
	refused(t, "a vault that can be purged", err, "KeyVaultPropertiesNotEnabled")
	_, err = w.Create(storageType, storeInputs(key, vault, who))
	refused(t, "a key without a role", err, "KeyVaultAccessForbidden")
	w.assign(who, key, keyUser)
	store := w.Have(storageType, storeInputs(key, vault, who))
	refused(t, "an identity in use", w.Remove(who), "DependencyViolation")
	if err := w.Remove(store); err != nil {
		t.Error(err)
	}
}

func TestFlowLogsNeedAPlaceThatTheyMayWriteTo(t *testing.T) {
	w := newWorld(t)
	network := w.network("10.0.0.0/16")
	workspace := w.Have(workspaceType, with(values{"workspaceName": "logs", "sku": values{"name": "PerGB2018"}}))
	vault := w.Have(vaultType, vaultInputs("keys-1", values{"enablePurgeProtection": true}))
	key := w.Have(keyType, keyInputs("keys-1", "flows"))
	who := w.identity("flows", map[*cloud.Object]string{key: keyUser})
	store := w.Have(storageType, storeInputs(key, vault, who))
	log := func(name string, more values) values {
		out := values{
			"resourceGroupName": "NetworkWatcherRG", "networkWatcherName": "NetworkWatcher_germanywestcentral", "flowLogName": name,
			"location": "germanywestcentral", "targetResourceId": network.ID, "storageId": store.ID, "enabled": true,
			"identity": values{"type": "UserAssigned", "userAssignedIdentities": []any{who.ID}},
			"flowAnalyticsConfiguration": values{"networkWatcherFlowAnalyticsConfiguration": values{
				"enabled": true, "workspaceId": workspace.Str("customerId"), "workspaceResourceId": workspace.ID, "trafficAnalyticsInterval": 10.0,
			}},
		}
		maps.Copy(out, more)
		return out
	}
	_, err := w.Create(flowLogType, log("flows", nil))
	refused(t, "no role on an account without keys", err, "StorageAccountKeyAccessDisabled")
	w.assign(who, store, blobWriter)
	_, err = w.Create(flowLogType, log("flows", values{"networkWatcherName": "NetworkWatcher_westeurope"}))
	refused(t, "a watcher of a region without networks", err, "NotFound")
	made := w.Have(flowLogType, log("flows", nil))
	_, err = w.Create(flowLogType, log("again", nil))
	refused(t, "a second log of one network", err, "FlowLogAlreadyExists")
	refused(t, "a network with its log", w.Remove(network), "InUseVirtualNetworkCannotBeDeleted")
	refused(t, "the store of a log", w.Remove(store), "StorageAccountInUse")
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"insights:data-collection-rule", "insights:data-collection-endpoint"} {
		if found := w.All(typ); len(found) != 1 || found[0].Owner.Type != groupType {
			t.Errorf("%s: %v, want one that stays in the group", typ, found)
		}
	}
}
