package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/storage"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/objects"
)

// objectsKind is what clients call Cloud Storage.
const objectsKind = "gcs"

// CreateObjects builds a bucket and its key.
func (d *Driver) CreateObjects(
	ctx *pulumi.Context, name string, args objects.Args, parent pulumi.Resource,
) (objects.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Objects of "+args.Purpose, args.Tags, []pulumi.StringInput{d.agent(storageService)}, parent)
	if err != nil {
		return objects.Outputs{}, err
	}
	bucket, err := storage.NewBucket(ctx, name+"-bucket", d.objectsArgs(name, args, key.ID), d.under(parent, key.Ready...))
	if err != nil {
		return objects.Outputs{}, fmt.Errorf("bucket: %w", err)
	}
	return objects.Outputs{
		Name: bucket.Name, ID: bucket.Name, KeyID: key.ID, Kind: objectsKind, Ready: []pulumi.Resource{bucket},
		// Both are who the pods' account is (https://grafana.com/docs/loki/latest/configure/storage/#gcp-deployment-gcs-single-store,
		// https://grafana.com/docs/tempo/latest/configuration/hosted-storage/gcs/).
		Logs:   pulumi.Map{"type": pulumi.String(objectsKind), "bucketNames": pulumi.Map{"chunks": bucket.Name}},
		Traces: pulumi.Map{"backend": pulumi.String(objectsKind), "gcs": pulumi.Map{"bucket_name": bucket.Name}},
	}, nil
}

// objectsArgs: what is deleted is gone at once, where else it would stay and be paid for a week more
// (https://cloud.google.com/storage/docs/soft-delete).
func (d *Driver) objectsArgs(name string, args objects.Args, key pulumi.StringOutput) *storage.BucketArgs {
	return &storage.BucketArgs{
		Project: pulumi.String(d.s.Project), Name: pulumi.String(d.physical(KindBucket, name)), Location: pulumi.String(d.s.Region),
		StorageClass: pulumi.String("STANDARD"), UniformBucketLevelAccess: pulumi.Bool(true), PublicAccessPrevention: pulumi.String("enforced"),
		ForceDestroy: pulumi.Bool(!args.DeleteProtection),
		Encryption:   storage.BucketEncryptionArgs{DefaultKmsKeyName: key},
		Versioning:   storage.BucketVersioningArgs{Enabled: pulumi.Bool(false)},
		SoftDeletePolicy: storage.BucketSoftDeletePolicyArgs{
			RetentionDurationSeconds: pulumi.Int(0),
		},
		LifecycleRules: storage.BucketLifecycleRuleArray{
			expires("Delete", args.Days), expires("AbortIncompleteMultipartUpload", 1),
		},
		Labels: labelMap(args.Tags),
	}
}

// expires: https://cloud.google.com/storage/docs/lifecycle
func expires(action string, days int) storage.BucketLifecycleRuleArgs {
	return storage.BucketLifecycleRuleArgs{
		Action:    storage.BucketLifecycleRuleActionArgs{Type: pulumi.String(action)},
		Condition: storage.BucketLifecycleRuleConditionArgs{Age: pulumi.Int(days)},
	}
}

var _ objects.Driver = (*Driver)(nil)
