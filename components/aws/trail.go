package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudtrail"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/guardduty"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/trail"
)

// cloudTrail is the service that writes.
const cloudTrail = "cloudtrail.amazonaws.com"

// TrailOffer is what Object Lock allows for a bucket's default, 100 years
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html).
func (d *Driver) TrailOffer() trail.Offer {
	return trail.Offer{Days: limit.Range{Least: 1, Most: 36500}, Lock: trail.LockedByProgram, Detection: trail.DetectionOn}
}

// trailName is the trail's, by which the store's name of it begins.
func (d *Driver) trailName(store string) string {
	return d.physical(KindTrail, strings.TrimSuffix(store, "-store"))
}

// trailARN is known before the trail is there, which the policies of its bucket and key name.
func (d *Driver) trailARN(store string) string {
	return fmt.Sprintf("arn:%s:cloudtrail:%s:%s:trail/%s", d.s.Partition, d.s.Region, d.s.Account, d.trailName(store))
}

// CreateStore builds a private bucket and its key. The key has no alias here: a name would be taken for the next store.
func (d *Driver) CreateStore(ctx *pulumi.Context, name string, args trail.Args, parent pulumi.Resource) (trail.Store, error) {
	key, err := kms.NewKey(ctx, name+"-key", d.keyArgs(name+"-key", "Audit trail", args.Tags, d.trailKeyStatements(name)), pulumi.Parent(parent))
	if err != nil {
		return trail.Store{}, fmt.Errorf("key: %w", err)
	}
	bucket, ready, err := d.trailBucket(ctx, name, args, key, parent)
	if err != nil {
		return trail.Store{}, err
	}
	return trail.Store{Name: bucket.Bucket, ID: bucket.Arn, Key: key.Arn, Ready: ready}, nil
}

// trailKeyStatements let CloudTrail encrypt for this one trail, and the account read what it wrote
// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/create-kms-key-policy-for-cloudtrail.html).
func (d *Driver) trailKeyStatements(name string) []statement {
	service := map[string][]pulumi.StringInput{principalService: texts(cloudTrail)}
	own := condition{Operator: "StringEquals", Key: "aws:SourceArn", Values: texts(d.trailARN(name))}
	return []statement{
		{
			Sid: "Encrypt", Actions: []string{"kms:GenerateDataKey*"}, Resources: texts("*"), Principals: service,
			Conditions: []condition{own, {
				Operator: "StringLike", Key: "kms:EncryptionContext:aws:cloudtrail:arn",
				Values: texts(fmt.Sprintf("arn:%s:cloudtrail:*:%s:trail/*", d.s.Partition, d.s.Account)),
			}},
		},
		{Sid: "Describe", Actions: []string{"kms:DescribeKey"}, Resources: texts("*"), Principals: service, Conditions: []condition{own}},
	}
}

// CreateTrail builds the trail of all regions, and a detector of the region.
func (d *Driver) CreateTrail(
	ctx *pulumi.Context, name string, args trail.Args, store trail.Store, parent pulumi.Resource,
) (trail.Outputs, error) {
	keyID := store.Key.ApplyT(func(arn string) string { return arn[strings.LastIndex(arn, "/")+1:] }).(pulumi.StringOutput)
	if err := d.keyAlias(ctx, name+"-key", keyID, parent); err != nil {
		return trail.Outputs{}, err
	}
	physical := d.physical(KindTrail, name)
	made, err := cloudtrail.NewTrail(ctx, name, &cloudtrail.TrailArgs{
		Name: pulumi.String(physical), S3BucketName: store.Name, KmsKeyId: store.Key,
		EnableLogging: pulumi.Bool(true), IsMultiRegionTrail: pulumi.Bool(true), IncludeGlobalServiceEvents: pulumi.Bool(true),
		// Digests by which a reader proves that no file was changed or taken away
		// (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-intro.html).
		EnableLogFileValidation: pulumi.Bool(true), Tags: tagMap(args.Tags, physical),
		// The policies must be there: CloudTrail tries to write at once.
	}, pulumi.Parent(parent), pulumi.DependsOn(store.Ready))
	if err != nil {
		return trail.Outputs{}, fmt.Errorf("trail: %w", err)
	}
	if err := d.detector(ctx, name+"-detector", args, parent); err != nil {
		return trail.Outputs{}, err
	}
	return trail.Outputs{Store: store.Name, Trail: made.Arn, Detection: trail.DetectionOn}, nil
}

// detections are the features of GuardDuty for what an environment uses, and LAMBDA_NETWORK_LOGS, which is on in a new
// detector and finds nothing here. Runtime monitoring is not among them: it puts agents on nodes and endpoints into
// the network, which no program then takes away
// (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html,
// https://docs.aws.amazon.com/guardduty/latest/ug/runtime-monitoring.html).
var detections = []struct{ name, status string }{
	{"EBS_MALWARE_PROTECTION", "ENABLED"},
	{"EKS_AUDIT_LOGS", "ENABLED"},
	{"LAMBDA_NETWORK_LOGS", "DISABLED"},
	{"RDS_LOGIN_EVENTS", "ENABLED"},
	{"S3_DATA_EVENTS", "ENABLED"},
}

// detector registers the one detector that the account may have in the region
// (https://docs.aws.amazon.com/guardduty/latest/APIReference/API_CreateDetector.html).
func (d *Driver) detector(ctx *pulumi.Context, name string, args trail.Args, parent pulumi.Resource) error {
	made, err := guardduty.NewDetector(ctx, name, &guardduty.DetectorArgs{
		Enable: pulumi.Bool(true), FindingPublishingFrequency: pulumi.String("FIFTEEN_MINUTES"), Tags: tagMap(args.Tags, name),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("detector: %w", err)
	}
	for _, feature := range detections {
		logical := name + "-" + strings.ReplaceAll(strings.ToLower(feature.name), "_", "-")
		if _, err := guardduty.NewDetectorFeature(ctx, logical, &guardduty.DetectorFeatureArgs{
			DetectorId: made.ID(), Name: pulumi.String(feature.name), Status: pulumi.String(feature.status),
		}, pulumi.Parent(parent)); err != nil {
			return fmt.Errorf("feature %s of the detector: %w", feature.name, err)
		}
	}
	return nil
}

var _ trail.Driver = (*Driver)(nil)
