package azure

import (
	"strings"

	"platform/tests/cloud"
)

const (
	containerType    = "azure-native:storage:BlobContainer"
	immutabilityType = "azure-native:storage:BlobContainerImmutabilityPolicy"
	blobType         = "storage:blob"
	// madeContainerType is a container that Azure Monitor makes where there is none.
	madeContainerType = "storage:container"
	// activityContainer is where Azure Monitor writes the Activity Log
	// (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log#send-to-azure-storage).
	activityContainer = "insights-activity-logs"
)

var activityHooks = map[string]cloud.Hook{
	containerType:    {Deleted: takesOwned},
	immutabilityType: {Created: immutabilityCreated, Deleted: immutabilityDeleted},
}

// activityCategories are those of the Activity Log
// (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log-schema#categories).
var activityCategories = []string{
	"Administrative", "Alert", "Autoscale", "Policy", "Recommendation", "ResourceHealth", "Security", "ServiceHealth",
}

// ofSubscription says whether a diagnostic setting is of a whole subscription.
func ofSubscription(o *cloud.Object) bool { return o.Str("resourceUri") == "/subscriptions/"+o.Account }

// containerOf is a container of an account, by the account's id and its own name.
func containerOf(t *cloud.Tx, account, name string) *cloud.Object {
	return t.Get(containerType, account+"/blobServices/default/containers/"+name)
}

// exportActivity writes the first blob of the Activity Log, in which at least the setting's own making is told.
func exportActivity(t *cloud.Tx, o *cloud.Object) {
	account := t.Get(storageType, o.Str("storageAccountId"))
	if account == nil || !ofSubscription(o) {
		return
	}
	container := containerOf(t, account.ID, activityContainer)
	if container == nil {
		container = t.Mint(cloud.Object{
			Type: madeContainerType, ID: account.ID + "/blobServices/default/containers/" + activityContainer, Hidden: true, Owner: account.Key(),
		})
	}
	id := container.ID + "/PT1H.json"
	if t.Get(blobType, id) == nil {
		t.Mint(cloud.Object{Type: blobType, ID: id, Hidden: true, Owner: container.Key()})
	}
	seal(t, container)
}

// seal keeps a container with a policy from being deleted before it is empty, and its blobs before their time; that the
// policy is not locked changes nothing while it is there
// (https://learn.microsoft.com/azure/storage/blobs/immutable-container-level-worm-policies#deletion).
func seal(t *cloud.Tx, container *cloud.Object) {
	blobs := t.Owned(container.Key())
	if len(blobs) == 0 || t.Get(immutabilityType, container.ID+"/immutabilityPolicies/default") == nil {
		return
	}
	container.Locked = "it has a policy of immutability and is not empty"
	for _, blob := range blobs {
		blob.Locked = "a policy of immutability keeps it"
	}
}

// immutabilityCreated: https://learn.microsoft.com/azure/storage/blobs/immutable-policy-configure-container-scope
func immutabilityCreated(t *cloud.Tx, o *cloud.Object) error {
	id, _, _ := strings.Cut(o.ID, "/immutabilityPolicies/")
	container := t.Get(containerType, id)
	if container == nil {
		return cloud.Refuse("ContainerNotFound", "the container %q does not exist", o.Str("containerName"))
	}
	seal(t, container)
	return nil
}

// immutabilityDeleted: a policy that is not locked can be taken away, and with it what it keeps
// (https://learn.microsoft.com/rest/api/storagerp/blob-containers/delete-immutability-policy).
func immutabilityDeleted(t *cloud.Tx, o *cloud.Object) error {
	id, _, _ := strings.Cut(o.ID, "/immutabilityPolicies/")
	if container := t.Get(containerType, id); container != nil {
		container.Locked = ""
		for _, blob := range t.Owned(container.Key()) {
			blob.Locked = ""
		}
	}
	return nil
}
