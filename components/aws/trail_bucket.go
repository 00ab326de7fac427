package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/trail"
)

// trailBucket registers the bucket of the trail, which the engine names: one that is locked keeps its name. What is
// not locked is emptied when the environment goes.
func (d *Driver) trailBucket(
	ctx *pulumi.Context, name string, args trail.Args, key *kms.Key, parent pulumi.Resource,
) (*s3.BucketV2, []pulumi.Resource, error) {
	bucket, ready, err := d.bucket(ctx, name, privateBucket{
		purpose: "the audit trail", key: key.Arn, empties: !args.Lock, begins: d.physical(KindTrailBucket, "trail"), locked: args.Lock, tags: args.Tags,
		statements: func(bucket *s3.BucketV2) []statement { return d.trailStatements(name, bucket.Arn) },
	}, parent)
	if err != nil {
		return nil, nil, err
	}
	retention, err := d.trailRetention(ctx, name, args, bucket, ready, parent)
	return bucket, append(ready, retention...), err
}

// trailStatements are what CloudTrail asks for, with the trail as the only one for which it may write
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-s3-bucket-policy-for-cloudtrail.html).
func (d *Driver) trailStatements(name string, bucket pulumi.StringOutput) []statement {
	service := map[string][]pulumi.StringInput{principalService: texts(cloudTrail)}
	own := condition{Operator: "StringEquals", Key: "aws:SourceArn", Values: texts(d.trailARN(name))}
	return []statement{
		{
			Sid: "AWSCloudTrailAclCheck20150319", Actions: []string{"s3:GetBucketAcl"}, Resources: []pulumi.StringInput{bucket},
			Principals: service, Conditions: []condition{own},
		},
		{
			Sid: "AWSCloudTrailWrite20150319", Actions: []string{"s3:PutObject"},
			Resources: []pulumi.StringInput{pulumi.Sprintf("%s/AWSLogs/%s/*", bucket, d.s.Account)}, Principals: service,
			Conditions: []condition{{Operator: "StringEquals", Key: "s3:x-amz-acl", Values: texts("bucket-owner-full-control")}, own},
		},
	}
}

// trailRetention locks each version for its days where that is asked for, and takes it away afterwards.
func (d *Driver) trailRetention(
	ctx *pulumi.Context, name string, args trail.Args, bucket *s3.BucketV2, guarded []pulumi.Resource, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	expiry, err := s3.NewBucketLifecycleConfigurationV2(ctx, name+"-expiry", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String("expiry"), Status: pulumi.String("Enabled"), Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration:                  s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.Days)},
			NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(1)},
		}},
	}, pulumi.Parent(parent), pulumi.DependsOn(guarded))
	if err != nil {
		return nil, fmt.Errorf("expiry: %w", err)
	}
	if !args.Lock {
		return []pulumi.Resource{expiry}, nil
	}
	// In compliance mode nobody can shorten it, the account's root user neither
	// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html#object-lock-retention-modes).
	lock, err := s3.NewBucketObjectLockConfigurationV2(ctx, name+"-lock", &s3.BucketObjectLockConfigurationV2Args{
		Bucket: bucket.ID(),
		Rule: s3.BucketObjectLockConfigurationV2RuleArgs{DefaultRetention: s3.BucketObjectLockConfigurationV2RuleDefaultRetentionArgs{
			Mode: pulumi.String("COMPLIANCE"), Days: pulumi.Int(args.Days),
		}},
	}, pulumi.Parent(parent), pulumi.DependsOn(guarded))
	if err != nil {
		return nil, fmt.Errorf("object lock: %w", err)
	}
	return []pulumi.Resource{expiry, lock}, nil
}
