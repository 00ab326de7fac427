package aws_test

import (
	"testing"

	"platform/tests/cloud"
)

// recording is a recorder with a channel to a bucket, which is full from then on.
func recording(w *world) (bucket, channel, running *cloud.Object) {
	bucket = w.Have("aws:s3/bucketV2:BucketV2", map[string]any{"bucket": "records"})
	w.Have("aws:s3/bucketPolicy:BucketPolicy", map[string]any{
		"bucket": "records",
		"policy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":["config.amazonaws.com"]},"Action":"s3:PutObject","Resource":"arn:aws:s3:::records/AWSLogs/` + account + `/Config/*"}]}`,
	})
	role := w.Have("aws:iam/serviceLinkedRole:ServiceLinkedRole", map[string]any{"awsServiceName": "config.amazonaws.com"})
	w.Have("aws:cfg/recorder:Recorder", map[string]any{"name": "all", "roleArn": role.Str("arn")})
	channel = w.Have("aws:cfg/deliveryChannel:DeliveryChannel", map[string]any{"name": "all", "s3BucketName": "records"})
	running = w.Have("aws:cfg/recorderStatus:RecorderStatus", map[string]any{"name": "all", "isEnabled": true})
	return bucket, channel, running
}

func refusedAs(t *testing.T, what string, err error, code string) {
	t.Helper()
	if !cloud.Refused(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}

func TestARecorderIsStoppedBeforeItsChannelGoes(t *testing.T) {
	w := newWorld(t)
	_, channel, running := recording(w)
	refusedAs(t, "the channel of a running recorder", w.Remove(channel), "LastDeliveryChannelDeleteFailedException")
	if err := w.Remove(running); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(channel); err != nil {
		t.Error(err)
	}
}

func TestABucketOfRecordsIsEmptiedWhenItIsToldTo(t *testing.T) {
	w := newWorld(t)
	bucket, _, _ := recording(w)
	refusedAs(t, "a bucket that is not empty", w.Remove(bucket), "BucketNotEmpty")
	if err := w.Update(bucket, map[string]any{"forceDestroy": true}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(w.All("aws:s3/bucketV2:BucketV2")[0]); err != nil {
		t.Error(err)
	}
}

func TestAPackNeedsARecorderAndMakesItsRules(t *testing.T) {
	const pack = "aws:cfg/conformancePack:ConformancePack"
	template := map[string]any{"name": "promises", "templateBody": `{"Resources":{"A":{"Type":"AWS::Config::ConfigRule","Properties":{"ConfigRuleName":"a","Source":{"Owner":"AWS","SourceIdentifier":"A"}}}}}`}
	w := newWorld(t)
	_, err := w.Create(pack, template)
	refusedAs(t, "a pack without a recorder", err, "NoAvailableConfigurationRecorderException")
	recording(w)
	made := w.Have(pack, template)
	w.Want("rules of the pack", len(w.All("config:rule")), 1)
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	w.Want("rules after the pack", len(w.All("config:rule")), 0)
}

func TestAnAccountHasOneRecorderInARegion(t *testing.T) {
	w := newWorld(t)
	recording(w)
	role := w.role("other", "config.amazonaws.com")
	_, err := w.Create("aws:cfg/recorder:Recorder", map[string]any{"name": "second", "roleArn": role.Str("arn")})
	if err == nil {
		t.Error("a second recorder was made")
	}
}
