package aws

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	recorderType = "aws:cfg/recorder:Recorder"
	channelType  = "aws:cfg/deliveryChannel:DeliveryChannel"
	runningType  = "aws:cfg/recorderStatus:RecorderStatus"
	// configRuleType is a rule that a pack made; it goes with the pack alone.
	configRuleType = "config:rule"
	// deliveredType is what a service wrote into a bucket.
	deliveredType = "s3:delivered"
)

// packRules is how many rules a pack may hold
// (https://docs.aws.amazon.com/config/latest/developerguide/configlimits.html).
const packRules = 130

var configHooks = map[string]cloud.Hook{
	channelType: {Created: channelCreated, Deleted: channelDeleted},
	runningType: {
		Created: recorderStarted,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return recorderStarted(t, o) },
	},
	"aws:cfg/conformancePack:ConformancePack": {
		Created: packCreated,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error {
			if err := takesOwned(t, o); err != nil {
				return err
			}
			return packCreated(t, o)
		},
		Deleted: takesOwned,
	},
}

// channelCreated writes a file into the bucket to see whether it may
// (https://docs.aws.amazon.com/config/latest/APIReference/API_PutDeliveryChannel.html).
func channelCreated(t *cloud.Tx, o *cloud.Object) error {
	if t.Count(recorderType, func(r *cloud.Object) bool { return r.Region == o.Region }) == 0 {
		return cloud.Refuse("NoAvailableConfigurationRecorderException", "there is no configuration recorder in %s", o.Region)
	}
	bucket := o.Str("s3BucketName")
	policy := t.Get("aws:s3/bucketPolicy:BucketPolicy", bucket)
	place := "/AWSLogs/" + o.Account + "/Config/"
	if policy == nil || !strings.Contains(policy.Str("policy"), "config.amazonaws.com") || !strings.Contains(policy.Str("policy"), bucket+place) {
		return cloud.Refuse("InsufficientDeliveryPolicyException", "AWS Config may not write to s3://%s%s", bucket, place)
	}
	if key := t.Lookup([]string{"aws:kms/key:Key"}, []string{"arn"}, o.Str("s3KmsKeyArn")); key != nil && !strings.Contains(key.Str("policy"), "config.amazonaws.com") {
		return cloud.Refuse("InsufficientDeliveryPolicyException", "AWS Config may not use the key %s", key.Str("arn"))
	}
	t.Mint(cloud.Object{
		Type: deliveredType, ID: bucket + place + "ConfigWritabilityCheckFile", Owner: cloud.Key{Type: bucketType, ID: bucket}, Hidden: true,
	})
	return nil
}

// channelDeleted: a running recorder needs its channel
// (https://docs.aws.amazon.com/config/latest/APIReference/API_DeleteDeliveryChannel.html).
func channelDeleted(t *cloud.Tx, o *cloud.Object) error {
	for range t.Find(runningType, func(r *cloud.Object) bool { return r.Region == o.Region && r.Bool("isEnabled") }) {
		return cloud.Refuse("LastDeliveryChannelDeleteFailedException", "the delivery channel %s cannot be deleted while the recorder runs", o.ID)
	}
	return nil
}

// recorderStarted: without a channel it does not start, and when it does it takes a first snapshot
// (https://docs.aws.amazon.com/config/latest/APIReference/API_StartConfigurationRecorder.html).
func recorderStarted(t *cloud.Tx, o *cloud.Object) error {
	if !o.Bool("isEnabled") {
		return nil
	}
	channels := t.Find(channelType, func(c *cloud.Object) bool { return c.Region == o.Region })
	if len(channels) == 0 {
		return cloud.Refuse("NoAvailableDeliveryChannelException", "there is no delivery channel in %s", o.Region)
	}
	bucket := channels[0].Str("s3BucketName")
	id := bucket + "/AWSLogs/" + o.Account + "/Config/" + o.Region + "/snapshot"
	if t.Get(deliveredType, id) == nil {
		t.Mint(cloud.Object{Type: deliveredType, ID: id, Owner: cloud.Key{Type: bucketType, ID: bucket}, Hidden: true})
	}
	return nil
}

// packCreated makes the pack's rules
// (https://docs.aws.amazon.com/config/latest/APIReference/API_PutConformancePack.html).
func packCreated(t *cloud.Tx, o *cloud.Object) error {
	if t.Count(recorderType, func(r *cloud.Object) bool { return r.Region == o.Region }) == 0 {
		return cloud.Refuse("NoAvailableConfigurationRecorderException", "there is no configuration recorder in %s", o.Region)
	}
	var template struct {
		Resources map[string]struct {
			Type       string
			Properties struct {
				ConfigRuleName  string
				InputParameters map[string]string
				Source          struct{ Owner, SourceIdentifier string }
			}
		}
	}
	if err := json.Unmarshal([]byte(o.Str("templateBody")), &template); err != nil {
		return cloud.Refuse("ConformancePackTemplateValidationException", "the template cannot be read: %v", err)
	}
	if n := len(template.Resources); n == 0 || n > packRules {
		return cloud.Refuse("ConformancePackTemplateValidationException", "the template has %d rules: 1 to %d are allowed", n, packRules)
	}
	for _, name := range slices.Sorted(maps.Keys(template.Resources)) {
		r := template.Resources[name]
		if r.Type != "AWS::Config::ConfigRule" || r.Properties.ConfigRuleName == "" || r.Properties.Source.Owner != "AWS" || r.Properties.Source.SourceIdentifier == "" {
			return cloud.Refuse("ConformancePackTemplateValidationException", "%s is no managed rule with a name", name)
		}
		t.Mint(cloud.Object{
			Type: configRuleType, ID: r.Properties.ConfigRuleName + "-" + o.ID, Owner: o.Key(), Hidden: true,
			Props: map[string]any{"identifier": r.Properties.Source.SourceIdentifier},
		})
	}
	return nil
}
