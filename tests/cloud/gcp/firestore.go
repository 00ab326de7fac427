package gcp

import (
	"regexp"

	"platform/tests/cloud"
)

const (
	documentsType    = "gcp:firestore/database:Database"
	indexType        = "gcp:firestore/index:Index"
	hiddenDocuments  = "firestore:database"
	firestoreAgent   = "gcp-sa-firestore"
	singlePITRPeriod = "604800s" // with point-in-time recovery
	shortPeriod      = "3600s"
)

var firestoreHooks = map[string]cloud.Hook{
	documentsType: {
		Created: documentsCreated,
		Updated: func(_ *cloud.Tx, _, o *cloud.Object) error { versionsKept(o); return nil },
		Deleted: documentsDeleted,
	},
	indexType: {Created: indexCreated},
}

// likeUUID is what a database's name may not be
// (https://cloud.google.com/firestore/docs/reference/rest/v1/projects.databases/create).
var likeUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

func documentsCreated(t *cloud.Tx, o *cloud.Object) error {
	if likeUUID.MatchString(o.Str("name")) {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: a name may not be like a UUID", o)
	}
	versionsKept(o)
	return keyServes(t, o, o.Str("cmekConfig.kmsKeyName"), o.Str("locationId"), firestoreAgent)
}

// versionsKept: https://cloud.google.com/firestore/docs/pitr
func versionsKept(o *cloud.Object) {
	o.Outputs["versionRetentionPeriod"] = shortPeriod
	if o.Str("pointInTimeRecoveryEnablement") == "POINT_IN_TIME_RECOVERY_ENABLED" {
		o.Outputs["versionRetentionPeriod"] = singlePITRPeriod
	}
}

// documentsDeleted: indexes go with their database, and a database that the provider is not told to delete stays.
func documentsDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, index := range t.Find(indexType, func(i *cloud.Object) bool { return i.Str("database") == o.Str("name") }) {
		t.Remove(index.Key())
	}
	if o.Str("deletionPolicy") != "DELETE" {
		t.Mint(cloud.Object{Type: hiddenDocuments, Hidden: true, Account: o.Account, Region: o.Region, Props: map[string]any{"name": o.Str("name")}})
	}
	return nil
}

// indexCreated refuses a second index of the same fields, and tells the index's name.
func indexCreated(t *cloud.Tx, o *cloud.Object) error {
	same := t.Find(indexType, func(i *cloud.Object) bool {
		return i.ID != o.ID && i.Str("database") == o.Str("database") && i.Str("collection") == o.Str("collection") &&
			i.Str("queryScope") == o.Str("queryScope") && fieldsOf(i) == fieldsOf(o)
	})
	if len(same) > 0 {
		return cloud.Refuse("ALREADY_EXISTS", "%s: index already exists: %s", o, same[0].ID)
	}
	return nil
}

func fieldsOf(o *cloud.Object) string {
	text := ""
	list, _ := o.Value("fields").([]any)
	for _, e := range list {
		field, _ := e.(map[string]any)
		for _, part := range []string{"fieldPath", "order", "arrayConfig"} {
			if s, ok := field[part].(string); ok {
				text += part + "=" + s + ";"
			}
		}
	}
	return text
}
