package azure

import (
	"strings"

	"platform/tests/cloud"
)

const (
	flowLogType = "azure-native:network/v20240501:FlowLog"

	watcherType    = "network:watcher"
	collectionType = "insights:data-collection-rule"
	intakeType     = "insights:data-collection-endpoint"
)

// watch makes a region's network watcher with the first network there. It is free of charge and stays for good
// (https://learn.microsoft.com/azure/network-watcher/network-watcher-create).
func watch(t *cloud.Tx, network *cloud.Object) error {
	name := "NetworkWatcher_" + network.Str("location")
	id := "/subscriptions/" + network.Account + "/resourceGroups/NetworkWatcherRG/providers/Microsoft.Network/networkWatchers/" + name
	if t.Get(watcherType, id) == nil {
		t.Mint(cloud.Object{
			Type: watcherType, ID: id, Account: network.Account, Hidden: true, Preexisting: true,
			Props: map[string]any{"name": name, "resourceGroupName": "NetworkWatcherRG", "location": network.Str("location")},
		})
	}
	return nil
}

const analytics = "flowAnalyticsConfiguration.networkWatcherFlowAnalyticsConfiguration"

// flowLogCreated: https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview
func flowLogCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := flowLogFits(t, o); err != nil {
		return err
	}
	if o.Bool(analytics + ".enabled") {
		mintAnalytics(t, o)
	}
	return nil
}

func flowLogUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if old.Str("targetResourceId") != o.Str("targetResourceId") {
		return cloud.Refuse("FlowLogTargetCannotBeUpdated", "%s: its target cannot be changed", o)
	}
	if err := flowLogFits(t, o); err != nil {
		return err
	}
	if o.Bool(analytics+".enabled") && !old.Bool(analytics+".enabled") {
		mintAnalytics(t, o)
	}
	return nil
}

func flowLogFits(t *cloud.Tx, o *cloud.Object) error {
	others := t.Find(flowLogType, func(f *cloud.Object) bool {
		return f.ID != o.ID && f.Str("targetResourceId") == o.Str("targetResourceId")
	})
	if len(others) > 0 {
		return cloud.Refuse("FlowLogAlreadyExists", "%s: %s is already that of the target", o, others[0])
	}
	store := t.Get(storageType, o.Str("storageId"))
	switch {
	case store.Str("location") != o.Str("location"):
		return cloud.Refuse("StorageAccountLocationMismatch", "%s: %s is in another region", o, store)
	case !strings.HasPrefix(store.Str("sku.name"), "Standard_"):
		return cloud.Refuse("StorageAccountSkuNotSupported", "%s: %s is not of the standard tier", o, store)
	case store.Str("networkRuleSet.defaultAction") == "Deny" && !strings.Contains(store.Str("networkRuleSet.bypass"), "AzureServices"):
		return cloud.Refuse("StorageAccountNotReachable", "%s: %s lets none of Azure's services by", o, store)
	case store.Value("allowSharedKeyAccess") == false && !writesBlobs(t, o, store):
		// https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-managed-identity
		return cloud.Refuse("StorageAccountKeyAccessDisabled", "%s: %s has no keys, and no identity of the flow log may write blobs there", o, store)
	}
	return nil
}

func writesBlobs(t *cloud.Tx, o, store *cloud.Object) bool {
	for _, id := range o.List("identity.userAssignedIdentities") {
		if may(t, t.Get(identityType, id).Str("principalId"), store.ID, blobDataContributorRole, blobDataOwnerRole) {
			return true
		}
	}
	return false
}

// mintAnalytics makes what traffic analytics uses to bring traffic into the workspace. It stays in the workspace's
// resource group when the flow log goes (https://learn.microsoft.com/azure/network-watcher/traffic-analytics).
func mintAnalytics(t *cloud.Tx, o *cloud.Object) {
	workspace := t.Get("azure-native:operationalinsights:Workspace", o.Str(analytics+".workspaceResourceId"))
	if workspace == nil {
		return
	}
	group := owningGroup(t, workspace)
	made := func(typ, noun string) {
		id := groupID(workspace) + "/providers/Microsoft.Insights/" + noun + "/NWTA-" + workspace.Str("customerId")
		if t.Get(typ, id) == nil {
			t.Mint(cloud.Object{Type: typ, ID: id, Hidden: true, Owner: group.Key(), Props: map[string]any{"workspace": workspace.ID}})
		}
	}
	made(intakeType, "dataCollectionEndpoints")
	made(collectionType, "dataCollectionRules")
}
