package aws

import (
	"fmt"
	"strings"

	"platform/tests/cloud"
)

const (
	trailType    = "aws:cloudtrail/trail:Trail"
	detectorType = "aws:guardduty/detector:Detector"
	featureType  = "aws:guardduty/detectorFeature:DetectorFeature"
	policyType   = "aws:s3/bucketPolicy:BucketPolicy"
	keyType      = "aws:kms/key:Key"
	// logFileType is what CloudTrail writes.
	logFileType = "s3:object"
)

var cloudtrailHooks = map[string]cloud.Hook{
	trailType:    {Created: trailCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return trailFits(t, o) }},
	detectorType: {Created: detectorCreated, Deleted: detectorDeleted},
	featureType:  {Created: featureCreated},
}

// trailFits refuses a bucket and a key whose policies do not let the trail write
// (https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_CreateTrail.html).
func trailFits(t *cloud.Tx, o *cloud.Object) error {
	bucket := o.Str("s3BucketName")
	policy := t.Get(policyType, bucket)
	if policy == nil || !letsTrail(policy.Str("policy"), o.ID) {
		return cloud.Refuse("InsufficientS3BucketPolicyException", "incorrect S3 bucket policy is detected for bucket: %s", bucket)
	}
	if arn := o.Str("kmsKeyId"); arn != "" {
		key := t.Lookup([]string{keyType}, []string{"arn"}, arn)
		if !letsTrail(key.Str("policy"), o.ID) {
			return cloud.Refuse("InsufficientEncryptionPolicyException", "insufficient permissions to access S3 bucket %s or KMS key %s", bucket, arn)
		}
	}
	if o.Bool("isMultiRegionTrail") && !o.Bool("includeGlobalServiceEvents") {
		return cloud.Refuse("InvalidParameterCombinationException", "multi-region trail must include global service events")
	}
	return nil
}

// letsTrail says whether a policy names the service, and the trail as that for which it may come.
func letsTrail(policy, trail string) bool {
	return strings.Contains(policy, `"cloudtrail.amazonaws.com"`) && strings.Contains(policy, `"`+trail+`"`)
}

// trailCreated writes the first file, in which at least its own making is told. Where the bucket has a default
// retention in compliance mode nobody deletes the file before its time, and by that not the bucket
// (https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html).
func trailCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := trailFits(t, o); err != nil || !o.Bool("enableLogging") {
		return err
	}
	name := o.Str("s3BucketName")
	bucket := t.Get(bucketType, name)
	file := cloud.Object{
		Type: logFileType, ID: fmt.Sprintf("%s/AWSLogs/%s/CloudTrail/%s/%s.json.gz", name, o.Account, o.Region, o.Str("name")),
		Hidden: true, Owner: bucket.Key(), Props: map[string]any{"kmsKeyId": o.Str("kmsKeyId")},
	}
	if t.Get(logFileType, file.ID) != nil {
		return nil
	}
	if lock := t.Get(lockType, name); lock != nil && lock.Str("rule.defaultRetention.mode") == "COMPLIANCE" {
		file.Locked = fmt.Sprintf("Object Lock keeps it for %v days", lock.Num("rule.defaultRetention.days"))
		bucket.Locked = "it holds versions that Object Lock keeps"
	}
	t.Mint(file)
	return nil
}

// detectorCreated makes the role as which GuardDuty looks, once for an account; it stays
// (https://docs.aws.amazon.com/guardduty/latest/ug/slr-permissions.html).
func detectorCreated(t *cloud.Tx, o *cloud.Object) error {
	const role = "AWSServiceRoleForAmazonGuardDuty"
	if t.Get("iam:service-linked-role", role) == nil {
		t.Mint(cloud.Object{Type: "iam:service-linked-role", ID: role, Account: o.Account, Hidden: true, Preexisting: true})
	}
	return nil
}

// detectorDeleted takes the features, which are settings of it.
func detectorDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, feature := range t.Find(featureType, func(f *cloud.Object) bool { return f.Str("detectorId") == o.ID }) {
		t.Remove(feature.Key())
	}
	return nil
}

// featureCreated: https://docs.aws.amazon.com/guardduty/latest/APIReference/API_DetectorFeatureConfiguration.html
func featureCreated(t *cloud.Tx, o *cloud.Object) error {
	other := map[string]string{"EKS_RUNTIME_MONITORING": "RUNTIME_MONITORING", "RUNTIME_MONITORING": "EKS_RUNTIME_MONITORING"}[o.Str("name")]
	if other != "" && t.Get(featureType, o.Str("detectorId")+"/"+other) != nil {
		return cloud.Refuse("BadRequestException", "%s and %s cannot be on together", o.Str("name"), other)
	}
	return nil
}
