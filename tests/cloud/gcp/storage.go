package gcp

import (
	"slices"

	"platform/tests/cloud"
)

const (
	gcsBucketType   = "gcp:storage/bucket:Bucket"
	bucketGrantType = "gcp:storage/bucketIAMMember:BucketIAMMember"
	hiddenObjects   = "storage:objects"

	storageService = "storage.googleapis.com"
	storageAgent   = "gs-project-accounts"
)

var storageHooks = map[string]cloud.Hook{
	gcsBucketType: {
		Created: bucketFits, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return bucketFits(t, o) }, Deleted: bucketDeleted,
	},
	bucketGrantType: {Created: bucketGranted},
}

// storageAccount names the account as which Cloud Storage uses keys, which is made for whoever asks first
// (https://cloud.google.com/storage/docs/getting-service-agent).
func storageAccount(t *cloud.Tx, c cloud.Config, args map[string]any) (map[string]any, error) {
	project, _ := args["project"].(string)
	if project != c.Account {
		return nil, cloud.Refuse("PERMISSION_DENIED", "the credentials have no access to project %q", project)
	}
	if t.Get(projectType, project) != nil && t.Get(onType, project+"/"+storageService) == nil {
		return nil, cloud.Refuse("SERVICE_DISABLED", "%s is disabled in project %s", storageService, project)
	}
	email := agentEmail(project, storageService)
	return map[string]any{"id": email, "emailAddress": email, "member": "serviceAccount:" + email, "project": project, "userProject": ""}, nil
}

// bucketFits: a bucket and its key lie in one region (https://cloud.google.com/storage/docs/encryption/customer-managed-keys#key-locations).
func bucketFits(t *cloud.Tx, o *cloud.Object) error {
	const week = 604800
	if kept := o.Num("softDeletePolicy.retentionDurationSeconds"); kept > 0 && kept < week {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: soft delete keeps for nothing or for 7 days at least, and not for %v seconds", o, kept)
	}
	return keyServes(t, o, o.Str("encryption.defaultKmsKeyName"), o.Str("location"), storageAgent)
}

// writers are the roles with which somebody writes objects (https://cloud.google.com/storage/docs/access-control/iam-roles).
var writers = []string{"roles/storage.objectAdmin", "roles/storage.objectCreator", "roles/storage.objectUser"}

// bucketGranted: who may write does, and the bucket is not empty from then on.
func bucketGranted(t *cloud.Tx, o *cloud.Object) error {
	if err := memberCreated(t, o); err != nil {
		return err
	}
	bucket := t.Lookup([]string{gcsBucketType}, []string{"name"}, o.Str("bucket"))
	if bucket != nil && slices.Contains(writers, o.Str("role")) && len(t.Owned(bucket.Key())) == 0 {
		t.Mint(cloud.Object{Type: hiddenObjects, ID: bucket.ID + "/objects", Hidden: true, Owner: bucket.Key()})
	}
	return nil
}

// bucketDeleted refuses to delete what is not empty; the provider empties it first where the program says so
// (https://cloud.google.com/storage/docs/deleting-buckets).
func bucketDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, inside := range t.Owned(o.Key()) {
		if !o.Bool("forceDestroy") {
			return cloud.Refuse("CONFLICT", "the bucket you tried to delete is not empty: it holds %s", inside)
		}
		t.Remove(inside.Key())
	}
	removeMembers(t, bucketGrantType, "bucket", o)
	return nil
}
