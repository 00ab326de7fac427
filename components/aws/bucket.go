package aws

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// privateBucket is what a bucket needs beside its name.
type privateBucket struct {
	purpose string
	// key encrypts what is in the bucket; without one the keys of S3 do.
	key pulumi.StringInput
	// empties lets the bucket go with all that is in it.
	empties bool
	// forgets keeps no versions: what is deleted is gone.
	forgets bool
	// begins is how the bucket's name begins where the engine completes it: one that is locked keeps its name when the
	// environment goes, and the next one needs another.
	begins     string
	locked     bool
	statements func(bucket *s3.BucketV2) []statement
	tags       tags.Set
}

// bucket registers a private bucket that keeps versions unless it forgets, is encrypted, and answers over TLS only. It is ready when all
// that guards it is there.
func (d *Driver) bucket(
	ctx *pulumi.Context, logical string, asked privateBucket, parent pulumi.Resource,
) (*s3.BucketV2, []pulumi.Resource, error) {
	bucket, err := d.bareBucket(ctx, logical, asked, parent)
	if err != nil {
		return nil, nil, fmt.Errorf("bucket of %s: %w", asked.purpose, err)
	}
	block, err := s3.NewBucketPublicAccessBlock(ctx, logical+"-block", &s3.BucketPublicAccessBlockArgs{
		Bucket: bucket.ID(), BlockPublicAcls: pulumi.Bool(true), BlockPublicPolicy: pulumi.Bool(true),
		IgnorePublicAcls: pulumi.Bool(true), RestrictPublicBuckets: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("public access block: %w", err)
	}
	guards := []pulumi.Resource{block}
	if !asked.forgets {
		versions, err := d.bucketVersions(ctx, logical, bucket, parent)
		if err != nil {
			return nil, nil, err
		}
		guards = append(guards, versions)
	}
	encryption, err := s3.NewBucketServerSideEncryptionConfigurationV2(ctx, logical+"-encryption", &s3.BucketServerSideEncryptionConfigurationV2Args{
		Bucket: bucket.ID(), Rules: bucketEncryption(asked.key),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, nil, fmt.Errorf("encryption: %w", err)
	}
	statements := []statement{denyInsecure([]string{"s3:*"}, bucket.Arn, pulumi.Sprintf("%s/*", bucket.Arn))}
	if asked.statements != nil {
		statements = append(statements, asked.statements(bucket)...)
	}
	policy, err := s3.NewBucketPolicy(ctx, logical+"-policy", &s3.BucketPolicyArgs{
		Bucket: bucket.ID(), Policy: policyJSON(statements...),
		// S3 refuses two changes of a bucket's guard at once.
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{block}))
	if err != nil {
		return nil, nil, fmt.Errorf("bucket policy: %w", err)
	}
	return bucket, append(guards, encryption, policy), nil
}

func (d *Driver) bucketVersions(ctx *pulumi.Context, logical string, bucket *s3.BucketV2, parent pulumi.Resource) (pulumi.Resource, error) {
	versions, err := s3.NewBucketVersioningV2(ctx, logical+"-versions", &s3.BucketVersioningV2Args{
		Bucket:                  bucket.ID(),
		VersioningConfiguration: s3.BucketVersioningV2VersioningConfigurationArgs{Status: pulumi.String("Enabled")},
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("versioning: %w", err)
	}
	return versions, nil
}

func (d *Driver) bareBucket(ctx *pulumi.Context, logical string, asked privateBucket, parent pulumi.Resource) (*s3.BucketV2, error) {
	spec := &s3.BucketV2Args{}
	physical := d.physical(KindBucket, logical)
	if asked.begins != "" {
		logical, physical = asked.begins, asked.begins
	} else {
		spec.Bucket = pulumi.String(physical)
	}
	spec.Tags = tagMap(asked.tags, physical)
	if asked.empties {
		spec.ForceDestroy = pulumi.Bool(true)
	}
	if asked.locked {
		spec.ObjectLockEnabled = pulumi.Bool(true)
	}
	return s3.NewBucketV2(ctx, logical, spec, pulumi.Parent(parent))
}

func bucketEncryption(key pulumi.StringInput) s3.BucketServerSideEncryptionConfigurationV2RuleArray {
	if key == nil {
		return s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
			ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
				SseAlgorithm: pulumi.String("AES256"),
			},
		}}
	}
	return s3.BucketServerSideEncryptionConfigurationV2RuleArray{s3.BucketServerSideEncryptionConfigurationV2RuleArgs{
		// One data key for many objects, which KMS charges once.
		BucketKeyEnabled: pulumi.Bool(true),
		ApplyServerSideEncryptionByDefault: s3.BucketServerSideEncryptionConfigurationV2RuleApplyServerSideEncryptionByDefaultArgs{
			SseAlgorithm: pulumi.String("aws:kms"), KmsMasterKeyId: key.ToStringOutput().ToStringPtrOutput(),
		},
	}}
}
