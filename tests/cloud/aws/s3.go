package aws

import (
	"encoding/json"
	"slices"

	"platform/tests/cloud"
)

const (
	objectType     = "aws:s3/bucketObjectv2:BucketObjectv2"
	versioningType = "aws:s3/bucketVersioningV2:BucketVersioningV2"
	bucketType     = "aws:s3/bucketV2:BucketV2"
	lockType       = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2"
	blockType      = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
)

var s3Hooks = map[string]cloud.Hook{
	"aws:s3/bucketPolicy:BucketPolicy": {
		Created: bucketPolicySet,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return bucketPolicySet(t, o) },
	},
	objectType:     {Created: objectWritten, Updated: objectUpdated},
	bucketType:     {Deleted: bucketDeleted},
	lockType:       {Created: lockCreated},
	versioningType: {Deleted: versioningDeleted},
}

// bucketPolicySet refuses a public policy where the bucket's block says so
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html).
func bucketPolicySet(t *cloud.Tx, o *cloud.Object) error {
	block := t.Get(blockType, o.Str("bucket"))
	if block == nil || !block.Bool("blockPublicPolicy") {
		return nil
	}
	var document struct {
		Statement []struct {
			Effect               string
			Principal, Condition any
		}
	}
	if err := json.Unmarshal([]byte(o.Str("policy")), &document); err != nil {
		return cloud.Refuse("MalformedPolicy", "the policy is no JSON document: %v", err)
	}
	for _, s := range document.Statement {
		named, _ := s.Principal.(map[string]any)
		everyone := s.Principal == "*" || slices.Contains(list(named["AWS"]), "*")
		if s.Effect == "Allow" && everyone && s.Condition == nil {
			return cloud.Refuse("AccessDenied", "public policies are blocked by the BlockPublicPolicy block public access setting of %s", o.Str("bucket"))
		}
	}
	return nil
}

// bucketDeleted refuses to delete what is not empty; the provider empties it first where the program says so
// (https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html).
func bucketDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, inside := range t.Owned(o.Key()) {
		if inside.Locked != "" || !o.Bool("forceDestroy") {
			return cloud.Refuse("BucketNotEmpty", "the bucket you tried to delete is not empty: it holds %s", inside)
		}
		t.Remove(inside.Key())
	}
	return nil
}

// lockCreated: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
func lockCreated(t *cloud.Tx, o *cloud.Object) error {
	versioning := t.Get(versioningType, o.Str("bucket"))
	kept := versioning != nil && versioning.Str("versioningConfiguration.status") == "Enabled"
	if !t.Get(bucketType, o.Str("bucket")).Bool("objectLockEnabled") && !kept {
		return cloud.Refuse("InvalidBucketState", "versioning must be 'Enabled' on the bucket to apply an Object Lock configuration")
	}
	return nil
}

// versioningDeleted: the provider suspends it, which is refused where there is a lock
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html).
func versioningDeleted(t *cloud.Tx, o *cloud.Object) error {
	if t.Get(lockType, o.Str("bucket")) != nil {
		return cloud.Refuse("InvalidBucketState", "an Object Lock configuration is present on this bucket, so the versioning state cannot be changed")
	}
	return nil
}

// objectWritten gives what is written a version where the bucket keeps versions.
func objectWritten(t *cloud.Tx, o *cloud.Object) error {
	versioning := t.Get(versioningType, o.Str("bucket"))
	if versioning == nil || versioning.Str("versioningConfiguration.status") != "Enabled" {
		o.Outputs["versionId"] = "null"
		return nil
	}
	o.Outputs["versionId"] = t.Random(32)
	return nil
}

func objectUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if old.Str("content") == o.Str("content") {
		return nil
	}
	return objectWritten(t, o)
}
