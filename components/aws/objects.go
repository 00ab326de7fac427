package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/objects"
)

// objectsKind is what clients call S3.
const objectsKind = "s3"

// CreateObjects builds a bucket and its key.
func (d *Driver) CreateObjects(
	ctx *pulumi.Context, name string, args objects.Args, parent pulumi.Resource,
) (objects.Outputs, error) {
	key, err := d.key(ctx, name+"-key", "Objects of "+args.Purpose, args.Tags, nil, parent)
	if err != nil {
		return objects.Outputs{}, err
	}
	bucket, ready, err := d.bucket(ctx, name, privateBucket{
		purpose: args.Purpose, key: key.Arn, empties: !args.DeleteProtection, forgets: true, tags: args.Tags,
	}, parent)
	if err != nil {
		return objects.Outputs{}, err
	}
	expiry, err := s3.NewBucketLifecycleConfigurationV2(ctx, name+"-expiry", objectsExpiry(bucket.ID(), args.Days),
		pulumi.Parent(parent), pulumi.DependsOn(ready))
	if err != nil {
		return objects.Outputs{}, fmt.Errorf("expiry: %w", err)
	}
	return objects.Outputs{
		Name: bucket.Bucket, ID: bucket.Arn, KeyID: key.Arn, Kind: objectsKind, Ready: append(ready, expiry),
		// Both find the pods' credentials by themselves (https://grafana.com/docs/loki/latest/configure/storage/#aws-deployment-s3-single-store,
		// https://grafana.com/docs/tempo/latest/configuration/hosted-storage/s3/#amazon-s3-permissions).
		Logs: pulumi.Map{
			"type": pulumi.String(objectsKind), "bucketNames": pulumi.Map{"chunks": bucket.Bucket},
			"s3": pulumi.Map{"region": pulumi.String(d.s.Region), "endpoint": pulumi.String(d.objectsEndpoint())},
		},
		Traces: pulumi.Map{
			"backend": pulumi.String(objectsKind), "s3": pulumi.Map{
				"bucket": bucket.Bucket, "region": pulumi.String(d.s.Region), "endpoint": pulumi.String(d.objectsEndpoint()),
			},
		},
	}, nil
}

// objectsEndpoint is where S3 answers in the region (https://docs.aws.amazon.com/general/latest/gr/s3.html).
func (d *Driver) objectsEndpoint() string { return "s3." + d.s.Region + ".amazonaws.com" }

// objectsExpiry takes away what was left behind, and what never became an object
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/mpu-abort-incomplete-mpu-lifecycle-config.html).
func objectsExpiry(bucket pulumi.StringInput, days int) *s3.BucketLifecycleConfigurationV2Args {
	return &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket,
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String("expiry"), Status: pulumi.String("Enabled"), Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration:                     s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(days)},
			AbortIncompleteMultipartUpload: s3.BucketLifecycleConfigurationV2RuleAbortIncompleteMultipartUploadArgs{DaysAfterInitiation: pulumi.Int(1)},
		}},
	}
}

var _ objects.Driver = (*Driver)(nil)
