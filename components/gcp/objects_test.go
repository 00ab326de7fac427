package gcp

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

func TestABucketOfObjectsIsExactlyThis(t *testing.T) {
	got, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := objects.New(ctx, "objects-logs", d, objects.Args{Purpose: "logs", Days: 37, DeleteProtection: true, Tags: objectTags})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{}
	for key, value := range objectTags {
		labels[key] = value
	}
	bucket := got["gcp:storage/bucket:Bucket objects-logs-bucket"].Mappable()
	if bucket["encryption"] == nil {
		t.Error("it has no key of its own")
	}
	delete(bucket, "encryption")
	rule := func(action string, days float64) map[string]any {
		return map[string]any{"action": map[string]any{"type": action}, "condition": map[string]any{"age": days}}
	}
	record.Same(t, bucket, map[string]any{
		"project": "platform-dev", "name": "dev-gcp-objects-logs-platform-dev", "location": "europe-west3", "storageClass": "STANDARD",
		"uniformBucketLevelAccess": true, "publicAccessPrevention": "enforced", "forceDestroy": false,
		"versioning": map[string]any{"enabled": false}, "softDeletePolicy": map[string]any{"retentionDurationSeconds": 0.0},
		"lifecycleRules": []any{rule("Delete", 37), rule("AbortIncompleteMultipartUpload", 1)}, "labels": labels,
	})
}
