package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/tags"
	"platform/components/trail"
)

func recordTrail(t *testing.T, lock bool) record.Resources {
	t.Helper()
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := trail.New(ctx, "trail", d, trail.Args{Days: 30, Lock: lock, Tags: tags.Set{tags.Team: "platform"}})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestTheTrailIsOfAllRegionsEncryptedAndProvable(t *testing.T) {
	got := recordTrail(t, false)["aws:cloudtrail/trail:Trail trail"]
	for property, want := range map[resource.PropertyKey]resource.PropertyValue{
		"name": resource.NewProperty("dev-aws-trail"), "kmsKeyId": resource.NewProperty("arn:trail-store-key"),
		"isMultiRegionTrail": resource.NewProperty(true), "includeGlobalServiceEvents": resource.NewProperty(true),
		"enableLogFileValidation": resource.NewProperty(true), "enableLogging": resource.NewProperty(true),
	} {
		if !got[property].DeepEquals(want) {
			t.Errorf("%s is %v, want %v", property, got[property], want)
		}
	}
}

func TestOnlyThisTrailMayWriteIntoTheBucketAndUseTheKey(t *testing.T) {
	const own = `"aws:SourceArn":["arn:aws:cloudtrail:eu-central-1:111122223333:trail/dev-aws-trail"]`
	resources := recordTrail(t, false)
	bucket := resources["aws:s3/bucketPolicy:BucketPolicy trail-store-policy"]["policy"].StringValue()
	key := resources["aws:kms/key:Key trail-store-key"]["policy"].StringValue()
	if n := strings.Count(bucket, own); n != 2 {
		t.Errorf("%d statements of the bucket are of this trail alone, want 2: %s", n, bucket)
	}
	if n := strings.Count(key, own); n != 2 {
		t.Errorf("%d statements of the key are of this trail alone, want 2: %s", n, key)
	}
	for _, want := range []string{"/AWSLogs/111122223333/*", `"s3:x-amz-acl":["bucket-owner-full-control"]`, `"aws:SecureTransport":["false"]`} {
		if !strings.Contains(bucket, want) {
			t.Errorf("the bucket's policy lacks %s: %s", want, bucket)
		}
	}
}

func TestOnlyALockedStoreKeepsItsFilesFromEverybody(t *testing.T) {
	const lock, bucket = "aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2 trail-store-lock", "aws:s3/bucketV2:BucketV2 dev-aws-trail-111122223333-eu-central-1"
	open, locked := recordTrail(t, false), recordTrail(t, true)
	if _, made := open[lock]; made || !open[bucket]["forceDestroy"].DeepEquals(resource.NewProperty(true)) {
		t.Errorf("a store that is not locked could not be taken away: %v", open[bucket])
	}
	record.Exactly(t, locked, lock, map[string]any{
		"bucket": "id-" + "dev-aws-trail-111122223333-eu-central-1", "rule": map[string]any{"defaultRetention": map[string]any{"mode": "COMPLIANCE", "days": 30.0}},
	})
	if emptied, given := locked[bucket]["forceDestroy"]; given {
		t.Errorf("forceDestroy of the locked bucket is %v", emptied)
	}
	if !locked[bucket]["objectLockEnabled"].DeepEquals(resource.NewProperty(true)) {
		t.Errorf("objectLockEnabled of the locked bucket is %v", locked[bucket]["objectLockEnabled"])
	}
}
