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
	logical := d.physical(KindTrailBucket, "trail")
	spec := &s3.BucketV2Args{ForceDestroy: pulumi.Bool(!args.Lock), Tags: tagMap(args.Tags, logical)}
	if args.Lock {
		spec.ObjectLockEnabled = pulumi.Bool(true)
	}
	bucket, err := s3.NewBucketV2(ctx, logical, spec, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("bucket: %w", err)
	}
	block, err := s3.NewBucketPublicAccessBlock(ctx, name+"-block", &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.ID(), BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("public access block: %w", err)
	}
	versions, err := s3.NewBucketVersioningV2(ctx, name+"-versions", &s3.BucketVersioningV2Args{
		Bucket:                  bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("versioning: %w", err)
	}
	encryption, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, name+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: key.Arn,
			},
		}},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("encryption: %w", err)
	}
	policy, err := s3.NewBucketPolicy(ctx, name+"-policy", &s3.BucketPolicyArgs{
		Bucket: bucket.ID(), Policy: policyJSON(d.trailStatements(name, bucket.Arn)...),
		// S3 refuses two changes of a bucket's guard at once.
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{block}))
	if err != nil {
		return nil, nil, fmt.Errorf("bucket policy: %w", err)
	}
	retention, err := d.trailRetention(ctx, name, args, bucket, versions, parent)
	return bucket, append([]pulumi.Resource{block, versions, encryption, policy}, retention...), err
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
		denyInsecure([]string{"s3:*"}, bucket, pulumi.Sprintf("%s/*", bucket)),
	}
}

// trailRetention locks each version for its days where that is asked for, and takes it away afterwards.
func (d *Driver) trailRetention(
	ctx *pulumi.Context, name string, args trail.Args, bucket *s3.BucketV2, versions pulumi.Resource, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	expiry, err := s3.NewBucketLifecycleConfigurationV2(ctx, name+"-expiry", &s3.BucketLifecycleConfigurationV2Args{
		Bucket: bucket.ID(),
		Rules: s3.BucketLifecycleConfigurationV2RuleArray{s3.BucketLifecycleConfigurationV2RuleArgs{
			Id: pulumi.String("expiry"), Status: pulumi.String("Enabled"), Filter: s3.BucketLifecycleConfigurationV2RuleFilterArgs{Prefix: pulumi.String("")},
			Expiration:                  s3.BucketLifecycleConfigurationV2RuleExpirationArgs{Days: pulumi.Int(args.Days)},
			NoncurrentVersionExpiration: s3.BucketLifecycleConfigurationV2RuleNoncurrentVersionExpirationArgs{NoncurrentDays: pulumi.Int(1)},
		}},
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{versions}))
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
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{versions}))
	if err != nil {
		return nil, fmt.Errorf("object lock: %w", err)
	}
	return []pulumi.Resource{expiry, lock}, nil
}
