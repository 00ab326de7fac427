package azure

import (
	"reflect"
	"strings"

	"platform/tests/cloud"
)

const (
	cosmosType          = "azure-native:documentdb:DatabaseAccount"
	cosmosBaseType      = "azure-native:documentdb:SqlResourceSqlDatabase"
	cosmosContainerType = "azure-native:documentdb:SqlResourceSqlContainer"

	restorableAccountType = "documentdb:restorable-account"
)

var documentdbHooks = map[string]cloud.Hook{
	cosmosType: {Created: cosmosFits, Updated: cosmosUpdated, Deleted: cosmosDeleted},
	cosmosBaseType: {
		Created: func(t *cloud.Tx, o *cloud.Object) error { return cosmosPartFits(t, o, o.Str("databaseName")) },
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return cosmosPartFits(t, o, o.Str("databaseName")) },
		Deleted: func(t *cloud.Tx, o *cloud.Object) error {
			if err := unlocked(t, o); err != nil {
				return err
			}
			return removeWithin(t, o, cosmosContainerType)
		},
	},
	cosmosContainerType: {Created: containerCreated, Updated: containerUpdated, Deleted: unlocked},
}

// cosmosFits checks what properties say together
// (https://learn.microsoft.com/azure/cosmos-db/serverless#use-serverless-resources,
// https://learn.microsoft.com/azure/cosmos-db/how-to-setup-customer-managed-keys).
func cosmosFits(t *cloud.Tx, o *cloud.Object) error {
	locations, _ := o.Value("locations").([]any)
	if serverless(o) && (len(locations) > 1 || o.Bool("enableMultipleWriteLocations")) {
		return cloud.Refuse("BadRequest", "%s: a serverless account is in one region", o)
	}
	kind := o.Str("backupPolicy.type")
	if kind == "Continuous" && o.Value("backupPolicy.periodicModeProperties") != nil || kind == "Periodic" && o.Value("backupPolicy.continuousModeProperties") != nil {
		return cloud.Refuse("BadRequest", "%s: the properties of its backups are not those of %s ones", o, kind)
	}
	if kind == "Continuous" && o.Bool("enableMultipleWriteLocations") {
		return cloud.Refuse("BadRequest", "%s: continuous backups are not for accounts that write in several regions", o)
	}
	if o.Str("keyVaultKeyUri") == "" {
		return nil
	}
	identity, ours := strings.CutPrefix(o.Str("defaultIdentity"), "UserAssignedIdentity=")
	if !ours {
		if kind == "Continuous" {
			return cloud.Refuse("BadRequest", "%s: an own key and continuous backups need an identity of the account", o)
		}
		return nil
	}
	assigned := false
	for _, id := range o.List("identity.userAssignedIdentities") {
		assigned = assigned || id == identity
	}
	if !assigned {
		return cloud.Refuse("BadRequest", "%s: the identity %q of its encryption is not among its own", o, identity)
	}
	return usesKey(t, o, identity, o.Str("keyVaultKeyUri"))
}

func serverless(o *cloud.Object) bool {
	list, _ := o.Value("capabilities").([]any)
	for _, entry := range list {
		if capability, _ := entry.(map[string]any); capability["name"] == "EnableServerless" {
			return true
		}
	}
	return false
}

// cosmosUpdated refuses what an account is for its whole life.
func cosmosUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	switch {
	case serverless(old) != serverless(o):
		return cloud.Refuse("BadRequest", "%s: an account is serverless from its creation or never", o)
	case !reflect.DeepEqual(zonesOf(old), zonesOf(o)):
		return cloud.Refuse("BadRequest", "%s: zone redundancy of a region that it has cannot change", o)
	case old.Str("kind") != o.Str("kind"):
		return cloud.Refuse("BadRequest", "%s: its kind cannot change", o)
	case old.Str("backupPolicy.type") == "Continuous" && o.Str("backupPolicy.type") != "Continuous":
		return cloud.Refuse("BadRequest", "%s: it cannot go back from continuous backups", o)
	case old.Str("keyVaultKeyUri") != "" && o.Str("keyVaultKeyUri") == "":
		return cloud.Refuse("BadRequest", "%s: it cannot go back from an own key", o)
	}
	return cosmosFits(t, o)
}

// zonesOf tells by region whether an account is spread over the zones.
func zonesOf(o *cloud.Object) map[any]any {
	out := map[any]any{}
	list, _ := o.Value("locations").([]any)
	for _, entry := range list {
		location, _ := entry.(map[string]any)
		out[location["locationName"]] = location["isZoneRedundant"]
	}
	return out
}

// cosmosDeleted leaves an account with continuous backups restorable, under a name of Azure's own
// (https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction).
func cosmosDeleted(t *cloud.Tx, o *cloud.Object) error {
	if err := unlocked(t, o); err != nil {
		return err
	}
	if err := removeWithin(t, o, cosmosBaseType, cosmosContainerType); err != nil {
		return err
	}
	if o.Str("backupPolicy.type") == "Continuous" {
		days := 30
		if o.Str("backupPolicy.continuousModeProperties.tier") == "Continuous7Days" {
			days = 7
		}
		t.Mint(cloud.Object{
			Type: restorableAccountType, ID: o.Str("instanceId"), Hidden: true, Owner: o.Key(), Retained: "restorable", Tags: o.Tags,
			Props: map[string]any{"accountName": o.Str("accountName"), "retainedDays": days},
		})
	}
	return nil
}

// cosmosPartFits checks a database or container against the account that it lies in.
func cosmosPartFits(t *cloud.Tx, o *cloud.Object, name string) error {
	if id := o.Str("resource.id"); id != name {
		return cloud.Refuse("BadRequest", "%s: its resource is called %q", o, id)
	}
	account := t.Lookup([]string{cosmosType}, []string{"accountName"}, o.Str("accountName"))
	if o.Value("options") != nil && serverless(account) {
		return cloud.Refuse("BadRequest", "%s: throughput cannot be set in a serverless account", o)
	}
	return nil
}

func containerCreated(t *cloud.Tx, o *cloud.Object) error {
	base, _, _ := strings.Cut(o.ID, "/containers/")
	if t.Get(cosmosBaseType, base) == nil {
		return cloud.Refuse("NotFound", "%s: the account has no database %q", o, o.Str("databaseName"))
	}
	if paths := o.List("resource.partitionKey.paths"); len(paths) > 1 && o.Str("resource.partitionKey.kind") != "MultiHash" {
		return cloud.Refuse("BadRequest", "%s: several paths of a partition key are for the kind MultiHash", o)
	}
	return cosmosPartFits(t, o, o.Str("containerName"))
}

// containerUpdated: a partition key is for a container's whole life
// (https://learn.microsoft.com/azure/cosmos-db/partitioning-overview).
func containerUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if !reflect.DeepEqual(old.Value("resource.partitionKey"), o.Value("resource.partitionKey")) {
		return cloud.Refuse("BadRequest", "%s: a partition key cannot change", o)
	}
	return cosmosPartFits(t, o, o.Str("containerName"))
}
