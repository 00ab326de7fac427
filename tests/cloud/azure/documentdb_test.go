package azure_test

import (
	"maps"
	"testing"

	"platform/tests/cloud"
)

const (
	accountType   = "azure-native:documentdb:DatabaseAccount"
	accountBase   = "azure-native:documentdb:SqlResourceSqlDatabase"
	containerType = "azure-native:documentdb:SqlResourceSqlContainer"
)

func (w *encrypted) account(changes values) values {
	inputs := with(values{
		"accountName": "env-reports", "databaseAccountOfferType": "Standard", "capabilities": []any{values{"name": "EnableServerless"}},
		"locations":      []any{values{"locationName": "germanywestcentral", "failoverPriority": 0.0, "isZoneRedundant": true}},
		"backupPolicy":   values{"type": "Continuous", "continuousModeProperties": values{"tier": "Continuous30Days"}},
		"identity":       values{"type": "UserAssigned", "userAssignedIdentities": []any{w.identity.ID}},
		"keyVaultKeyUri": w.key.Str("keyUri"), "defaultIdentity": "UserAssignedIdentity=" + w.identity.ID,
	})
	maps.Copy(inputs, changes)
	return inputs
}

func TestAnAccountIsWhatItIsForLife(t *testing.T) {
	w := newEncrypted(t)
	_, err := w.Create(accountType, w.account(values{"locations": []any{
		values{"locationName": "germanywestcentral", "failoverPriority": 0.0}, values{"locationName": "germanynorth", "failoverPriority": 1.0},
	}}))
	refused(t, "a serverless account in two regions", err, "BadRequest")
	_, err = w.Create(accountType, w.account(values{"defaultIdentity": "FirstPartyIdentity"}))
	refused(t, "a key and continuous backups without an identity", err, "BadRequest")
	nobody := w.world.identity("nobody", nil)
	_, err = w.Create(accountType, w.account(values{
		"identity": values{"type": "UserAssigned", "userAssignedIdentities": []any{nobody.ID}}, "defaultIdentity": "UserAssignedIdentity=" + nobody.ID,
	}))
	refused(t, "a key that the account may not use", err, "KeyVaultAccessForbidden")

	account := w.Have(accountType, w.account(nil))
	refused(t, "no longer serverless", w.Update(account, values{"capabilities": []any{}}), "BadRequest")
	refused(t, "no longer over zones", w.Update(account, values{
		"locations": []any{values{"locationName": "germanywestcentral", "failoverPriority": 0.0, "isZoneRedundant": false}},
	}), "BadRequest")
	refused(t, "other backups", w.Update(account, values{"backupPolicy": values{"type": "Periodic"}}), "BadRequest")

	in := func(more values) values {
		inputs := values{"resourceGroupName": "env", "accountName": "env-reports", "databaseName": "app"}
		maps.Copy(inputs, more)
		return inputs
	}
	_, err = w.Create(accountBase, in(values{"resource": values{"id": "app"}, "options": values{"throughput": 400.0}}))
	refused(t, "throughput without servers", err, "BadRequest")
	w.Have(accountBase, in(values{"resource": values{"id": "app"}}))
	key := func(path string) values {
		return values{"id": "documents", "partitionKey": values{"kind": "Hash", "paths": []any{path}}}
	}
	container := w.Have(containerType, in(values{"containerName": "documents", "resource": key("/pk")}))
	refused(t, "another partition key", w.Update(container, values{"resource": key("/id")}), "BadRequest")
	if err := w.Remove(account); err != nil {
		t.Fatal(err)
	}
	if n := len(w.All(containerType)); n != 0 {
		t.Errorf("%d containers outlive their account", n)
	}
	kept := 0
	if err := w.Store.View(func(t *cloud.Tx) error {
		if o := t.Kept("documentdb:restorable-account", account.Str("instanceId")); o != nil {
			kept++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if kept != 1 {
		t.Error("the deleted account cannot be restored")
	}
	// The name is free at once.
	w.Have(accountType, w.account(nil))
}
