package aws

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/queue"
	"platform/components/tags"
)

func recordQueue(t *testing.T) record.Resources { return recordObserved(t, identity.Outputs{}) }

func recordObserved(t *testing.T, observer identity.Outputs) record.Resources {
	t.Helper()
	set := tags.Set{tags.Team: "orders", tags.Service: "orders"}
	resources, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		_, err := queue.New(ctx, "order-placed", driver, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: set, Observer: observer,
			Publisher: identity.Outputs{Principal: pulumi.String("arn:role/orders").ToStringOutput()},
			Consumers: map[string]queue.Consumer{"payments": {
				Identity: identity.Outputs{Principal: pulumi.String("arn:role/payments").ToStringOutput()},
				Tags:     set.With(tags.Service, "payments"),
			}},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func TestQueuePolicyAdmitsExactlyTheTopicAndTheConsumer(t *testing.T) {
	got := recordQueue(t)["aws:sqs/queuePolicy:QueuePolicy order-placed-queue-policy-payments"]["policy"].StringValue()
	want := `{"Version":"2012-10-17","Statement":[
		{"Sid":"Deliver","Effect":"Allow","Principal":{"Service":["sns.amazonaws.com"]},"Action":["sqs:SendMessage"],
		 "Resource":["arn:order-placed-queue-payments"],"Condition":{"ArnEquals":{"aws:SourceArn":["arn:order-placed-topic"]}}},
		{"Sid":"Consume","Effect":"Allow","Principal":{"AWS":["arn:role/payments"]},
		 "Action":["sqs:ChangeMessageVisibility","sqs:DeleteMessage","sqs:GetQueueAttributes","sqs:ReceiveMessage"],
		 "Resource":["arn:order-placed-queue-payments"]},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["sqs:*"],
		 "Resource":["arn:order-placed-queue-payments"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`
	record.SameDocument(t, got, want)
}

func TestAnObserverMayAskHowDeepTheQueueIsAndNothingElse(t *testing.T) {
	resources := recordObserved(t, identity.Outputs{Principal: text("arn:role/keda")})
	got := resources["aws:sqs/queuePolicy:QueuePolicy order-placed-queue-policy-payments"]["policy"].StringValue()
	want := `{"Sid":"Observe","Effect":"Allow","Principal":{"AWS":["arn:role/keda"]},"Action":["sqs:GetQueueAttributes"],"Resource":["arn:order-placed-queue-payments"]}`
	if strings.Count(got, "arn:role/keda") != 1 || !strings.Contains(got, want) {
		t.Errorf("the policy %s does not say once %s", got, want)
	}
	for key, r := range resources {
		if policy := r["policy"]; key != "aws:sqs/queuePolicy:QueuePolicy order-placed-queue-policy-payments" && policy.IsString() &&
			strings.Contains(policy.StringValue(), "arn:role/keda") {
			t.Errorf("%s names the observer: %s", key, policy.StringValue())
		}
	}
}

func TestTheScalerReadsTheQueueByItsURL(t *testing.T) {
	var got map[string]string
	if _, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		made, err := queue.New(ctx, "order-placed", driver, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60,
			Publisher: identity.Outputs{Principal: text("arn:role/orders")},
			Consumers: map[string]queue.Consumer{"payments": {Identity: identity.Outputs{Principal: text("arn:role/payments")}}},
		})
		if err != nil {
			return err
		}
		scaler := made.Outputs.Queues["payments"].Scaler
		if scaler.Type != "aws-sqs-queue" || scaler.Depth != "queueLength" || scaler.Identity != "aws" {
			t.Errorf("the scaler is %+v", scaler)
		}
		scaler.Metadata.ToStringMapOutput().ApplyT(func(m map[string]string) int { got = m; return 0 })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := map[string]string{"queueURL": "https://order-placed-queue-payments", "awsRegion": "eu-central-1"}; !maps.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTopicPolicyAdmitsExactlyThePublisher(t *testing.T) {
	got := recordQueue(t)["aws:sns/topicPolicy:TopicPolicy order-placed-topic-policy"]["policy"].StringValue()
	want := `{"Version":"2012-10-17","Statement":[
		{"Sid":"Publish","Effect":"Allow","Principal":{"AWS":["arn:role/orders"]},"Action":["sns:Publish"],"Resource":["arn:order-placed-topic"]},
		{"Sid":"DenyInsecureTransport","Effect":"Deny","Principal":{"AWS":["*"]},"Action":["sns:Publish"],
		 "Resource":["arn:order-placed-topic"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}}}]}`
	record.SameDocument(t, got, want)
}

func TestQueueIsEncryptedTaggedAndRedrives(t *testing.T) {
	live := recordQueue(t)["aws:sqs/queue:Queue order-placed-queue-payments"]
	want := resource.PropertyMap{
		"name":                     resource.NewProperty("dev-aws-order-placed-payments"),
		"kmsMasterKeyId":           resource.NewProperty("arn:order-placed-key"),
		"messageRetentionSeconds":  resource.NewProperty(345600.0),
		"visibilityTimeoutSeconds": resource.NewProperty(60.0),
		"receiveWaitTimeSeconds":   resource.NewProperty(20.0),
		"redrivePolicy":            resource.NewProperty(`{"deadLetterTargetArn":"arn:order-placed-dead-letters-payments","maxReceiveCount":5}`),
		"tags": resource.NewProperty(resource.PropertyMap{
			"Name":    resource.NewProperty("dev-aws-order-placed-payments"),
			"team":    resource.NewProperty("orders"),
			"service": resource.NewProperty("payments"),
		}),
	}
	if !live.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", live, want)
	}
}

func TestKeyIsForExactlyThoseWhoUseTheMessages(t *testing.T) {
	key := recordQueue(t)["aws:kms/key:Key order-placed-key"]
	if !key["enableKeyRotation"].BoolValue() {
		t.Error("the key does not rotate")
	}
	policy := key["policy"].StringValue()
	want := `{"Version":"2012-10-17","Statement":[
		{"Sid":"Administration","Effect":"Allow","Principal":{"AWS":["arn:aws:iam::111122223333:root"]},"Action":["kms:*"],"Resource":["*"]},
		{"Sid":"Deliver","Effect":"Allow","Principal":{"Service":["sns.amazonaws.com"]},"Action":["kms:Decrypt","kms:GenerateDataKey"],
		 "Resource":["*"],"Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]}}},
		{"Sid":"Publish","Effect":"Allow","Principal":{"AWS":["arn:role/orders"]},"Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":["*"]},
		{"Sid":"Consume","Effect":"Allow","Principal":{"AWS":["arn:role/payments"]},"Action":["kms:Decrypt"],"Resource":["*"]}]}`
	record.SameDocument(t, policy, want)
}

func TestInvalidArgumentsRegisterNothing(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		_, err := queue.New(ctx, "order-placed", driver, queue.Args{Event: "order-placed"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "retentionDays: value 0: 1 to 14 is allowed") {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}
