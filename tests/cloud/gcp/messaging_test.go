package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

const (
	topicType        = "gcp:pubsub/topic:Topic"
	subscriptionType = "gcp:pubsub/subscription:Subscription"
	topicMember      = "gcp:pubsub/topicIAMMember:TopicIAMMember"
	subMember        = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"
)

func topicInputs(name string) map[string]any {
	return map[string]any{
		"project": dataProject, "name": name, "kmsKeyName": dataKey,
		"messageStoragePolicy": map[string]any{"allowedPersistenceRegions": []any{"europe-west3"}},
	}
}

func TestSubscriptionsThatPubSubRefuses(t *testing.T) {
	w := newDataWorld(t)
	topic := w.Have(topicType, topicInputs("orders"))
	inputs := map[string]any{"project": dataProject, "name": "payments", "topic": topic.ID}
	for want, changes := range map[string]map[string]any{
		"does not exist":                          {"topic": topic.ID + "2"},
		"there is no gcp:pubsub/topic:Topic":      {"deadLetterPolicy": map[string]any{"deadLetterTopic": "projects/platform-dev/topics/none"}},
		"at least 5":                              {"deadLetterPolicy": map[string]any{"deadLetterTopic": topic.ID, "maxDeliveryAttempts": 4.0}},
		"at most 600":                             {"ackDeadlineSeconds": 601.0},
		"600s to 604800s are allowed":             {"messageRetentionDuration": "604801s"},
		"86400s to":                               {"expirationPolicy": map[string]any{"ttl": "3600s"}},
		"before its messages":                     {"expirationPolicy": map[string]any{"ttl": "604800s"}},
		"0s to 600s are allowed":                  {"retryPolicy": map[string]any{"maximumBackoff": "601s"}},
		"the minimum backoff 20s is more than":    {"retryPolicy": map[string]any{"minimumBackoff": "20s", "maximumBackoff": "10s"}},
		"names that begin with goog are Google's": {"name": "google-payments"},
		"does not match":                          {"name": "1payments"},
		"do not know this property":               {"pushConfig": map[string]any{}},
	} {
		if _, err := w.Create(subscriptionType, inputs, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
	if o := w.Have(subscriptionType, inputs); o.Str("expirationPolicy.ttl") != "2678400s" {
		t.Errorf("without a policy it expires after %s", o.Str("expirationPolicy.ttl"))
	}
}

func TestDeadLettersAreForwardedOnlyWithBothGrantsAndAKeeper(t *testing.T) {
	w := newDataWorld(t)
	topic, dead := w.Have(topicType, topicInputs("orders")), w.Have(topicType, topicInputs("orders-dead"))
	live := w.Have(subscriptionType, map[string]any{
		"project": dataProject, "name": "payments", "topic": topic.ID, "deadLetterPolicy": map[string]any{"deadLetterTopic": dead.ID},
	})
	unforwarded := func() []gcp.Lost {
		return gcp.Unforwarded(append(append(w.All(subscriptionType), w.All(topicMember)...), w.All(subMember)...))
	}
	agent := agentMember("gcp-sa-pubsub")
	for _, step := range []struct {
		make func()
		left int
	}{
		{func() {}, 3},
		{func() {
			w.Have(topicMember, map[string]any{"topic": dead.Str("name"), "role": "roles/pubsub.publisher", "member": agentMember("gcp-sa-other")})
		}, 3},
		{func() {
			w.Have(topicMember, map[string]any{"topic": dead.Str("name"), "role": "roles/pubsub.publisher", "member": agent})
		}, 2},
		{func() {
			w.Have(subMember, map[string]any{"subscription": live.ID, "role": "roles/pubsub.subscriber", "member": agent})
		}, 1},
		{func() {
			w.Have(subscriptionType, map[string]any{"project": dataProject, "name": "payments-dead", "topic": dead.ID})
		}, 0},
	} {
		step.make()
		if got := unforwarded(); len(got) != step.left {
			t.Errorf("%d faults, want %d: %q", len(got), step.left, got)
		}
	}
}

func TestASubscriptionOutlivesItsTopicAndGrantsDoNot(t *testing.T) {
	w := newDataWorld(t)
	topic := w.Have(topicType, topicInputs("orders"))
	w.Have(subscriptionType, map[string]any{"project": dataProject, "name": "payments", "topic": topic.ID})
	w.Have(topicMember, map[string]any{"topic": topic.ID, "role": "roles/pubsub.publisher", "member": "serviceAccount:payments@platform-dev.iam.gserviceaccount.com"})
	if err := w.Remove(topic); err != nil {
		t.Fatal(err)
	}
	if left := w.All(topicMember); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if left := w.All(subscriptionType); len(left) != 1 || left[0].Str("topic") != "_deleted-topic_" {
		t.Errorf("subscriptions are %v", left)
	}
}

func TestEveryoneIsNoMember(t *testing.T) {
	w := newDataWorld(t)
	topic := w.Have(topicType, topicInputs("orders"))
	if _, err := w.Create(topicMember, map[string]any{"topic": topic.ID, "role": "roles/pubsub.publisher", "member": "allUsers"}, nil); err == nil {
		t.Error("everyone may publish")
	}
}

func TestATopicStaysInOneKeysRegion(t *testing.T) {
	w := newDataWorld(t)
	elsewhere := strings.Replace(dataKey, "europe-west3", "us-east1", 1)
	w.mint("gcp:kms/cryptoKey:CryptoKey", elsewhere, nil)
	if _, err := w.Create(topicType, topicInputs("orders"), map[string]any{"kmsKeyName": elsewhere}); !cloud.Refused(err, "INVALID_ARGUMENT") {
		t.Errorf("error is %v", err)
	}
}
