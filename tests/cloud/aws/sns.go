package aws

import (
	"net/mail"
	"strings"

	"platform/tests/cloud"
)

const (
	topicType        = "aws:sns/topic:Topic"
	topicPolicyType  = "aws:sns/topicPolicy:TopicPolicy"
	subscriptionType = "aws:sns/topicSubscription:TopicSubscription"
)

var snsHooks = map[string]cloud.Hook{
	topicType: {
		Created: topicFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return topicFits(t, o) },
		Deleted: topicDeleted,
	},
	topicPolicyType: {
		Created: topicPolicyFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return topicPolicyFits(t, o) },
	},
	subscriptionType: {Created: subscriptionCreated},
}

const invalidParameter = "InvalidParameter"

func topicFits(t *cloud.Tx, o *cloud.Object) error {
	if fifo := strings.HasSuffix(o.Str("name"), ".fifo"); fifo != o.Bool("fifoTopic") {
		return cloud.Refuse(invalidParameter, "%s: the name of a FIFO topic, and of no other, ends in .fifo", o)
	}
	return principalsExist(t, invalidParameter, o.Str("policy"))
}

func topicPolicyFits(t *cloud.Tx, o *cloud.Object) error {
	if err := principalsExist(t, invalidParameter, o.Str("policy")); err != nil {
		return err
	}
	return policyIsOf(invalidParameter, o.Str("policy"), o.Str("arn"))
}

// topicDeleted: a topic's subscriptions go with it
// (https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html).
func topicDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, s := range t.Find(subscriptionType, func(s *cloud.Object) bool { return s.Str("topic") == o.ID }) {
		t.Remove(s.Key())
	}
	t.Remove(cloud.Key{Type: topicPolicyType, ID: o.ID})
	return nil
}

// subscriptionCreated: a queue is there or the subscription is refused; a mail address has to be
// confirmed by its owner, which nobody here does
// (https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html).
func subscriptionCreated(t *cloud.Tx, o *cloud.Object) error {
	endpoint := o.Str("endpoint")
	switch protocol := o.Str("protocol"); protocol {
	case "sqs":
		queue := t.Lookup([]string{queueType}, []string{"arn"}, endpoint)
		if queue == nil {
			return cloud.Refuse(invalidParameter, "%s: the SQS endpoint %s does not exist", o, endpoint)
		}
		if topic := t.Get(topicType, o.Str("topic")); queue.Bool("fifoQueue") && !topic.Bool("fifoTopic") {
			return cloud.Refuse(invalidParameter, "%s: a FIFO queue cannot take the messages of %s", o, topic.ID)
		}
	case "email", "email-json":
		if _, err := mail.ParseAddress(endpoint); err != nil {
			return cloud.Refuse(invalidParameter, "%s: invalid email address %q", o, endpoint)
		}
		if o.Bool("rawMessageDelivery") {
			return cloud.Refuse(invalidParameter, "%s: raw delivery is not for %s", o, protocol)
		}
		o.Outputs["pendingConfirmation"], o.Outputs["confirmationWasAuthenticated"] = true, false
	}
	return nil
}
