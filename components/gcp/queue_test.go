package gcp

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

func recordQueue(t *testing.T) record.Resources {
	t.Helper()
	set := tags.Set{tags.Team: "orders", tags.Service: "orders"}
	resources, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		_, err := queue.New(ctx, "order-placed", driver, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: set,
			Publisher: identity.Outputs{Principal: pulumi.String("serviceAccount:orders").ToStringOutput()},
			Consumers: map[string]queue.Consumer{"payments": {
				Identity: identity.Outputs{Principal: pulumi.String("serviceAccount:payments").ToStringOutput()},
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

func TestTopicsAreEncryptedAndStayInTheRegion(t *testing.T) {
	resources := recordQueue(t)
	for name, want := range map[string]map[string]any{
		"order-placed-topic":                      {"name": "dev-gcp-order-placed", "labels": map[string]any{"team": "orders", "service": "orders"}},
		"order-placed-dead-letter-topic-payments": {"name": "dev-gcp-order-placed-payments-dead", "labels": map[string]any{"team": "orders", "service": "payments"}},
	} {
		got := resources["gcp:pubsub/topic:Topic "+name].Copy()
		if key := got["kmsKeyName"]; !key.IsString() || !strings.Contains(key.StringValue(), "order-placed-key") {
			t.Errorf("the key of %s is %v", name, key)
		}
		delete(got, "kmsKeyName")
		want["project"] = "platform-dev"
		want["messageStoragePolicy"] = map[string]any{"allowedPersistenceRegions": []any{"europe-west3"}}
		if all := resource.NewPropertyMapFromMap(want); !got.DeepEquals(all) {
			t.Errorf("got  %v\nwant %v", got, all)
		}
	}
}

func TestAConsumersMessagesAreKeptAndItsDeadOnesLonger(t *testing.T) {
	resources := recordQueue(t)
	labels := map[string]any{"team": "orders", "service": "payments"}
	for name, want := range map[string]map[string]any{
		"order-placed-subscription-payments": {
			"name": "dev-gcp-order-placed-payments", "topic": "id-order-placed-topic", "messageRetentionDuration": "345600s",
			"deadLetterPolicy": map[string]any{"deadLetterTopic": "id-order-placed-dead-letter-topic-payments", "maxDeliveryAttempts": 5.0},
			"retryPolicy":      map[string]any{"minimumBackoff": "10s", "maximumBackoff": "600s"},
		},
		"order-placed-dead-letters-payments": {
			"name": "dev-gcp-order-placed-payments-dead", "topic": "id-order-placed-dead-letter-topic-payments", "messageRetentionDuration": "604800s",
		},
	} {
		want["project"], want["ackDeadlineSeconds"], want["labels"] = "platform-dev", 60.0, labels
		want["expirationPolicy"] = map[string]any{"ttl": ""}
		record.Exactly(t, resources, "gcp:pubsub/subscription:Subscription "+name, want)
	}
}

func TestPubSubMayMoveDeadMessagesAndNothingElse(t *testing.T) {
	resources := recordQueue(t)
	var grants int
	for name, want := range map[string]map[string]any{
		"gcp:pubsub/topicIAMMember:TopicIAMMember order-placed-dead-letter-sender-payments": {
			"topic": "dev-gcp-order-placed-payments-dead", "role": "roles/pubsub.publisher",
		},
		"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember order-placed-forwarder-payments": {
			"subscription": "dev-gcp-order-placed-payments", "role": "roles/pubsub.subscriber",
		},
	} {
		got := resources[name].Copy()
		if member := got["member"]; !member.IsString() || !strings.Contains(member.StringValue(), "pubsub") {
			t.Errorf("%s is for %v", name, member)
		}
		delete(got, "member")
		want["project"] = "platform-dev"
		if all := resource.NewPropertyMapFromMap(want); !got.DeepEquals(all) {
			t.Errorf("got  %v\nwant %v", got, all)
		}
	}
	for name := range resources {
		if strings.HasPrefix(name, "gcp:pubsub/") && strings.Contains(name, "IAM") {
			grants++
		}
	}
	if grants != 2 {
		t.Errorf("%d grants, want 2: the service's own are not the queue's", grants)
	}
}

func TestWhatPubSubDoesNotAllowRegistersNothing(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		_, err := queue.New(ctx, "order-placed", driver, queue.Args{
			Event: "order-placed", RetentionDays: 14, MaxReceives: 3, VisibilitySec: 900,
		})
		return err
	})
	want := "retentionDays: value 14: 1 to 7 is allowed\nmaxReceives: value 3: 5 to 100 is allowed\nvisibilitySec: value 900: 10 to 600 is allowed"
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}

func TestTheScalerAsksForTheSubscriptionsMetric(t *testing.T) {
	var got map[string]string
	if _, err := recorded(t, func(ctx *pulumi.Context, driver *Driver) error {
		made, err := queue.New(ctx, "order-placed", driver, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Consumers: map[string]queue.Consumer{"payments": {}},
		})
		if err != nil {
			return err
		}
		scaler := made.Outputs.Queues["payments"].Scaler
		if scaler.Type != "prometheus" || scaler.Depth != "threshold" || scaler.Identity != "gcp" {
			t.Errorf("the scaler is %+v", scaler)
		}
		scaler.Metadata.ToStringMapOutput().ApplyT(func(m map[string]string) int { got = m; return 0 })
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"serverAddress": "https://monitoring.googleapis.com/v1/projects/platform-dev/location/global/prometheus",
		"query": `sum(pubsub_googleapis_com:subscription_num_undelivered_messages{monitored_resource="pubsub_subscription",` +
			`subscription_id="dev-gcp-order-placed-payments"})`,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
