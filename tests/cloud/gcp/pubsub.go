package gcp

import (
	"strings"
	"time"

	"platform/tests/cloud"
)

const (
	topicType        = "gcp:pubsub/topic:Topic"
	subscriptionType = "gcp:pubsub/subscription:Subscription"
	topicMemberType  = "gcp:pubsub/topicIAMMember:TopicIAMMember"
	subMemberType    = "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"

	pubsubAgent = "gcp-sa-pubsub"
	// deletedTopic is what a subscription tells when its topic is gone
	// (https://cloud.google.com/pubsub/docs/delete-topic).
	deletedTopic = "_deleted-topic_"
)

var pubsubHooks = map[string]cloud.Hook{
	topicType: {
		Created: topicFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return topicFits(t, o) },
		Deleted: topicDeleted,
	},
	subscriptionType: {
		Created: subscriptionFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return subscriptionFits(t, o) },
		Deleted: subscriptionDeleted,
	},
}

const day = 24 * time.Hour

func topicFits(t *cloud.Tx, o *cloud.Object) error {
	if strings.HasPrefix(o.Str("name"), "goog") {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: names that begin with goog are Google's", o)
	}
	if err := within(o, "messageRetentionDuration", 10*time.Minute, 31*day); err != nil {
		return err
	}
	if key := o.Str("kmsKeyName"); key != "" {
		// A key serves topics of any region; that it is near its messages is checked here all the same.
		return keyServes(t, o, key, o.Region, pubsubAgent)
	}
	return nil
}

// topicDeleted: its policy goes with a topic, subscriptions stay and tell what happened.
func topicDeleted(t *cloud.Tx, o *cloud.Object) error {
	removeMembers(t, topicMemberType, "topic", o)
	for _, s := range t.Find(subscriptionType, func(s *cloud.Object) bool { return names(s.Str("topic"), o.ID) }) {
		s.Outputs["topic"] = deletedTopic
	}
	return nil
}

func subscriptionDeleted(t *cloud.Tx, o *cloud.Object) error {
	removeMembers(t, subMemberType, "subscription", o)
	return nil
}

func removeMembers(t *cloud.Tx, typ, property string, o *cloud.Object) {
	for _, member := range t.Find(typ, func(m *cloud.Object) bool { return m.Str(property) == o.ID || m.Str(property) == o.Str("name") }) {
		t.Remove(member.Key())
	}
}

// subscriptionFits: https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
func subscriptionFits(_ *cloud.Tx, o *cloud.Object) error {
	if strings.HasPrefix(o.Str("name"), "goog") {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: names that begin with goog are Google's", o)
	}
	const retention, ttl = "messageRetentionDuration", "expirationPolicy.ttl"
	if err := within(o, retention, 10*time.Minute, 7*day); err != nil {
		return err
	}
	for _, backoff := range []string{"minimumBackoff", "maximumBackoff"} {
		if err := within(o, "retryPolicy."+backoff, 0, 10*time.Minute); err != nil {
			return err
		}
	}
	if least, most := o.Str("retryPolicy.minimumBackoff"), o.Str("retryPolicy.maximumBackoff"); least != "" && seconds(least) > seconds(most) {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: the minimum backoff %s is more than the maximum %s", o, least, most)
	}
	if o.Str(ttl) == "" {
		return nil
	}
	if err := within(o, ttl, day, 365*day); err != nil {
		return err
	}
	if seconds(o.Str(ttl)) <= seconds(o.Str(retention)) {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: it would expire after %s, before its messages, which are kept for %s", o, o.Str(ttl), o.Str(retention))
	}
	return nil
}

// within refuses a duration outside its bounds; one that is not set is the service's own.
func within(o *cloud.Object, path string, least, most time.Duration) error {
	value := o.Str(path)
	if value == "" {
		return nil
	}
	if d := seconds(value); d < least || d > most {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: %s: %s; %gs to %gs are allowed", o, path, value, least.Seconds(), most.Seconds())
	}
	return nil
}

// seconds reads a duration as the API writes it; the rules have checked its form.
func seconds(text string) time.Duration {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0
	}
	return d
}
