package aws_test

import (
	"fmt"
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	queueType        = "aws:sqs/queue:Queue"
	queuePolicyType  = "aws:sqs/queuePolicy:QueuePolicy"
	topicType        = "aws:sns/topic:Topic"
	topicPolicyType  = "aws:sns/topicPolicy:TopicPolicy"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
)

func (w *world) queue(name string) *cloud.Object {
	w.T.Helper()
	return w.Have(queueType, map[string]any{"name": name})
}

// policy lets a role in to one resource.
func policy(role, resource string) string {
	return fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":[%q]},"Action":["sqs:ReceiveMessage"],"Resource":[%q]}]}`, role, resource)
}

func TestDeadLettersMustBeThereAndLetTheQueueIn(t *testing.T) {
	w := newWorld(t)
	dead := w.queue("dead")
	redrive := func(arn, receives string) map[string]any {
		return map[string]any{"redrivePolicy": fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%s}`, arn, receives)}
	}
	live := w.queue("live")
	for want, changes := range map[string]map[string]any{
		"does not exist":           redrive(dead.Str("arn")+"2", "5"),
		"a number from 1 to 1000":  redrive(dead.Str("arn"), `"5"`),
		"0; a number from 1 to 10": redrive(dead.Str("arn"), "0"),
	} {
		if err := w.Update(live, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
	allow := w.Have("aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", map[string]any{
		"queueUrl": dead.ID, "redriveAllowPolicy": `{"redrivePermission":"byQueue","sourceQueueArns":["arn:aws:sqs:eu-central-1:111122223333:other"]}`,
	})
	if err := w.Update(live, redrive(dead.Str("arn"), "5")); err == nil || !strings.Contains(err.Error(), "does not let this queue") {
		t.Errorf("a queue that is not let in: %v", err)
	}
	if err := w.Update(allow, map[string]any{"redriveAllowPolicy": `{"redrivePermission":"byQueue"}`}); err == nil {
		t.Error("by queue but without a queue was accepted")
	}
	if err := w.Update(allow, map[string]any{"redriveAllowPolicy": fmt.Sprintf(`{"redrivePermission":"byQueue","sourceQueueArns":[%q]}`, live.Str("arn"))}); err != nil {
		t.Fatal(err)
	}
	if err := w.Update(live, redrive(dead.Str("arn"), "5")); err != nil {
		t.Error(err)
	}
}

func TestAPolicyNamesRolesThatAreThereAndItsOwnResource(t *testing.T) {
	w := newWorld(t)
	role := w.role("payments", "pods.eks.amazonaws.com").Str("arn")
	queue := w.queue("live")
	topic := w.Have(topicType, map[string]any{"name": "events"})
	secret := w.Have("aws:secretsmanager/secret:Secret", map[string]any{"namePrefix": "api-key-"})
	for _, target := range []struct {
		typ, property, code string
		id, arn             string
	}{
		{queuePolicyType, "queueUrl", "InvalidAttributeValue", queue.ID, queue.Str("arn")},
		{topicPolicyType, "arn", "InvalidParameter", topic.ID, topic.Str("arn")},
		{"aws:secretsmanager/secretPolicy:SecretPolicy", "secretArn", "MalformedPolicyDocumentException", secret.ID, secret.ID},
	} {
		for name, text := range map[string]string{"a role that is not there": policy(role+"2", target.arn), "another resource": policy(role, target.arn+"2")} {
			if _, err := w.Create(target.typ, map[string]any{target.property: target.id, "policy": text}); !cloud.Refused(err, target.code) {
				t.Errorf("%s for %s: error is %v, want %s", target.typ, name, err, target.code)
			}
		}
		if _, err := w.Create(target.typ, map[string]any{target.property: target.id, "policy": policy(role, target.arn)}); err != nil {
			t.Errorf("%s: %v", target.typ, err)
		}
	}
}

func TestSubscriptions(t *testing.T) {
	w := newWorld(t)
	topic := w.Have(topicType, map[string]any{"name": "events"})
	subscribe := func(protocol, endpoint string) (*cloud.Object, error) {
		return w.Create(subscriptionType, map[string]any{"topic": topic.ID, "protocol": protocol, "endpoint": endpoint})
	}
	if _, err := subscribe("sqs", "arn:aws:sqs:eu-central-1:111122223333:nothing"); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("a queue that is not there: %v", err)
	}
	if _, err := subscribe("email", "nobody"); err == nil {
		t.Error("an address that is none was accepted")
	}
	if _, err := subscribe("sqs", w.queue("live").Str("arn")); err != nil {
		t.Error(err)
	}
	mail, err := subscribe("email", "orders@example.com")
	if err != nil {
		t.Fatal(err)
	}
	if !mail.Bool("pendingConfirmation") {
		t.Error("a mail address need not be confirmed")
	}
	if err := w.Remove(topic); err != nil {
		t.Fatal(err)
	}
	if left := w.All(subscriptionType); len(left) != 0 {
		t.Errorf("subscriptions outlive their topic: %v", left)
	}
}

func TestADeletedQueueTakesItsPolicies(t *testing.T) {
	w := newWorld(t)
	queue := w.queue("live")
	w.Have(queuePolicyType, map[string]any{"queueUrl": queue.ID, "policy": policy(w.role("payments", "pods.eks.amazonaws.com").Str("arn"), queue.Str("arn"))})
	if err := w.Remove(queue); err != nil {
		t.Fatal(err)
	}
	if left := w.All(queuePolicyType); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	w.queue("live") // its name is free: the delete took as long as SQS keeps it
}
