package gcp

import (
	"fmt"
	"strings"

	"platform/tests/cloud"
)

const (
	logBucketType = "gcp:logging/projectBucketConfig:ProjectBucketConfig"
	sinkType      = "gcp:logging/projectSink:ProjectSink"
)

var loggingHooks = map[string]cloud.Hook{
	logBucketType: {Created: logBucketCreated, Updated: logBucketUpdated, Deleted: logBucketDeleted},
	sinkType:      {Created: sinkCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return sinkCreated(t, o) }},
}

func logAccountOf(project string) string {
	return "cmek-p" + number(project) + "@gcp-sa-logging.iam.gserviceaccount.com"
}

// logAccount names the account as which Logging uses keys
// (https://cloud.google.com/logging/docs/routing/managed-encryption-storage).
func logAccount(t *cloud.Tx, c cloud.Config, args map[string]any) (map[string]any, error) {
	project, _ := args["project"].(string)
	if project != c.Account {
		return nil, cloud.Refuse("PERMISSION_DENIED", "the credentials have no access to project %q", project)
	}
	if t.Get(projectType, project) != nil && t.Get(onType, project+"/logging.googleapis.com") == nil {
		return nil, cloud.Refuse("SERVICE_DISABLED", "logging.googleapis.com is disabled in project %s", project)
	}
	return map[string]any{
		"id": "projects/" + project + "/cmekSettings", "name": "projects/" + project + "/cmekSettings", "project": project,
		"kmsKeyVersionName": "", "serviceAccountId": logAccountOf(project),
	}, nil
}

// logBucketCreated: a bucket and its key lie in one region, and Logging must be allowed to use the key
// (https://cloud.google.com/logging/docs/routing/managed-encryption-storage#limitations).
func logBucketCreated(t *cloud.Tx, o *cloud.Object) error {
	key := o.Str("cmekSettings.kmsKeyName")
	if key == "" {
		return nil
	}
	if !strings.Contains(key, "/locations/"+o.Str("location")+"/") {
		return cloud.Refuse("INVALID_ARGUMENT", "the key %s is not in the bucket's location %s", key, o.Str("location"))
	}
	return mayUse(t, key, "serviceAccount:"+logAccountOf(o.Account))
}

// logBucketUpdated: a key can be changed for another but neither added nor taken away.
func logBucketUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if (old.Str("cmekSettings.kmsKeyName") == "") != (o.Str("cmekSettings.kmsKeyName") == "") {
		return cloud.Refuse("INVALID_ARGUMENT", "cmekSettings of %s: a key is given when the bucket is made, and stays", o.ID)
	}
	if old.Bool("locked") && old.Num("retentionDays") != o.Num("retentionDays") {
		return cloud.Refuse("FAILED_PRECONDITION", "%s is locked: its retention cannot be changed", o.ID)
	}
	return logBucketCreated(t, o)
}

func logBucketDeleted(t *cloud.Tx, o *cloud.Object) error {
	if o.Bool("locked") {
		return cloud.Refuse("FAILED_PRECONDITION", "%s is locked: it can only be deleted when it is empty", o.ID)
	}
	return takesOwned(t, o)
}

// sinkCreated: a sink to a bucket that is not there loses what it is given
// (https://cloud.google.com/logging/docs/export/configure_export_v2).
func sinkCreated(t *cloud.Tx, o *cloud.Object) error {
	bucket, ok := strings.CutPrefix(o.Str("destination"), "logging.googleapis.com/")
	if ok && strings.Contains(bucket, "/buckets/") && t.Get(logBucketType, bucket) == nil {
		return cloud.Refuse("NOT_FOUND", "the destination %s does not exist", o.Str("destination"))
	}
	if ok && strings.Contains(o.Str("filter"), "cloudaudit.googleapis.com\"") && !strings.Contains(o.Str("filter"), "log_id") {
		writeAudit(t, t.Get(logBucketType, bucket))
	}
	return nil
}

// writeAudit brings the first entries, of the sink's own making at least. What is in a locked bucket stays for its days,
// and so does the bucket (https://cloud.google.com/logging/docs/buckets#locking-logs-buckets).
func writeAudit(t *cloud.Tx, bucket *cloud.Object) {
	if len(t.Owned(bucket.Key())) > 0 {
		return
	}
	entries := cloud.Object{Type: "logging:entries", ID: bucket.ID + "/entries", Hidden: true, Owner: bucket.Key()}
	if bucket.Bool("locked") {
		entries.Locked = fmt.Sprintf("its bucket is locked and keeps it for %v days", bucket.Num("retentionDays"))
		bucket.Locked = "it is locked and not empty"
	}
	t.Mint(entries)
}

// mayUse refuses a key that the account may not use
// (https://cloud.google.com/kms/docs/cmek#requirements).
func mayUse(t *cloud.Tx, key, member string) error {
	grants := t.Find("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", func(g *cloud.Object) bool {
		return g.Str("cryptoKeyId") == key && g.Str("member") == member && g.Str("role") == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
	})
	if len(grants) == 0 {
		return cloud.Refuse("PERMISSION_DENIED", "%s may not use the key %s: it needs roles/cloudkms.cryptoKeyEncrypterDecrypter", member, key)
	}
	return nil
}
