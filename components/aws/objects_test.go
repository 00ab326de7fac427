package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/objects"
	"platform/components/tags"
)

var objectTags = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "telemetry", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// What is deleted in such a bucket is gone, what is left behind goes after its days, and a protected one is not emptied.
func TestABucketOfObjectsForgetsAndIsProtectedAsAsked(t *testing.T) {
	for _, protected := range []bool{true, false} {
		got, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
			_, err := objects.New(ctx, "objects-logs", d, objects.Args{Purpose: "logs", Days: 37, DeleteProtection: protected, Tags: objectTags})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if n := record.Count(got, "aws:s3/bucketVersioningV2:BucketVersioningV2"); n != 0 {
			t.Errorf("versions are kept")
		}
		bucket := got["aws:s3/bucketV2:BucketV2 objects-logs"].Mappable()
		if emptied, _ := bucket["forceDestroy"].(bool); emptied == protected {
			t.Errorf("protected %v, and emptied with all that is in it: %v", protected, emptied)
		}
		expiry := got["aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2 objects-logs-expiry"].Mappable()
		record.Same(t, map[string]any{"rules": expiry["rules"]}, map[string]any{"rules": []any{map[string]any{
			"id": "expiry", "status": "Enabled", "filter": map[string]any{"prefix": ""}, "expiration": map[string]any{"days": 37.0},
			"abortIncompleteMultipartUpload": map[string]any{"daysAfterInitiation": 1.0},
		}}})
		block := got["aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock objects-logs-block"].Mappable()
		for _, each := range []string{"blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"} {
			if block[each] != true {
				t.Errorf("%s is %v", each, block[each])
			}
		}
	}
}
