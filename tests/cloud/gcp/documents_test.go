package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	documentType = "gcp:firestore/database:Database"
	indexType    = "gcp:firestore/index:Index"
)

func documentInputs() map[string]any {
	return map[string]any{
		"project": dataProject, "name": "reports", "locationId": "europe-west3", "type": "FIRESTORE_NATIVE",
		"cmekConfig": map[string]any{"kmsKeyName": dataKey}, "deletionPolicy": "DELETE",
	}
}

func TestDocumentsThatFirestoreRefuses(t *testing.T) {
	w := newDataWorld(t)
	for want, changes := range map[string]map[string]any{
		"like a UUID":               {"name": "a1b2c3d4-0000-4000-a000-000000000000"},
		"does not match":            {"name": "abc"},
		"must be in europe-west4":   {"locationId": "europe-west4"},
		"allowed are":               {"type": "FIRESTORE"},
		"must be set":               {"locationId": nil},
		"do not know this property": {"labels": map[string]any{}},
	} {
		if _, err := w.Create(documentType, documentInputs(), changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
}

func TestDocumentsAreKeptForAWeekOnlyIfAsked(t *testing.T) {
	w := newDataWorld(t)
	o := w.Have(documentType, documentInputs())
	if o.Str("versionRetentionPeriod") != "3600s" {
		t.Errorf("kept for %s", o.Str("versionRetentionPeriod"))
	}
	if err := w.Update(o, map[string]any{"pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED"}); err != nil {
		t.Fatal(err)
	}
	if kept := w.All(documentType)[0].Str("versionRetentionPeriod"); kept != "604800s" {
		t.Errorf("kept for %s", kept)
	}
}

func TestProtectedDocumentsAreNotDeletedAndTheirNameIsTakenAfterwards(t *testing.T) {
	w := newDataWorld(t)
	inputs := documentInputs()
	inputs["deleteProtectionState"] = "DELETE_PROTECTION_ENABLED"
	o := w.Have(documentType, inputs)
	index := map[string]any{
		"project": dataProject, "database": "reports", "collection": "documents",
		"fields": []any{map[string]any{"fieldPath": "pk", "order": "ASCENDING"}, map[string]any{"fieldPath": "sk", "order": "ASCENDING"}},
	}
	w.Have(indexType, index)
	if _, err := w.Create(indexType, index, nil); !cloud.Refused(err, "ALREADY_EXISTS") {
		t.Errorf("a second index of the same fields: %v", err)
	}
	if _, err := w.Create(indexType, index, map[string]any{"database": "none"}); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("an index of nothing: %v", err)
	}
	if err := w.Remove(o); err == nil || !strings.Contains(err.Error(), "delete protection enabled") {
		t.Errorf("error is %v", err)
	}
	if err := w.Update(o, map[string]any{"deleteProtectionState": "DELETE_PROTECTION_DISABLED"}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(o); err != nil {
		t.Fatal(err)
	}
	if left := w.All(indexType); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := w.Create(documentType, documentInputs(), nil); !cloud.Refused(err, "AlreadyExists") {
		t.Errorf("the name of a deleted database: %v", err)
	}
}

func TestDocumentsThatAreOnlyForgottenStay(t *testing.T) {
	w := newDataWorld(t)
	o, err := w.Create(documentType, documentInputs(), map[string]any{"deletionPolicy": nil})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(o); err != nil {
		t.Fatal(err)
	}
	if left := w.All("firestore:database"); len(left) != 1 {
		t.Errorf("left: %v", left)
	}
}
