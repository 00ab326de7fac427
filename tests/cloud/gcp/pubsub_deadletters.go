package gcp

import (
	"fmt"
	"slices"

	"platform/tests/cloud"
)

// Lost is a subscription whose dead letters never arrive, and why.
type Lost struct {
	Subscription *cloud.Object
	Lack         string
}

func (l Lost) String() string { return fmt.Sprintf("%s: %s", l.Subscription, l.Lack) }

// Unforwarded tells, for every subscription that gives up messages, why they would not reach its dead letters. Pub/Sub
// itself accepts all of this and says nothing: messages go on being delivered, or are lost
// (https://cloud.google.com/pubsub/docs/handling-failures#grant_forwarding_permissions).
func Unforwarded(objects []*cloud.Object) []Lost {
	var lost []Lost
	for _, s := range objects {
		topic := s.Str("deadLetterPolicy.deadLetterTopic")
		if s.Type != subscriptionType || topic == "" || s.Retained != "" {
			continue
		}
		for _, need := range []struct{ typ, property, id, role, lack string }{
			{topicMemberType, "topic", topic, "roles/pubsub.publisher", "may not publish to " + topic},
			{subMemberType, "subscription", s.ID, "roles/pubsub.subscriber", "may not take messages out of it"},
		} {
			if !slices.ContainsFunc(objects, func(m *cloud.Object) bool {
				return m.Type == need.typ && names(m.Str(need.property), need.id) && m.Str("role") == need.role && isAgent(m.Str("member"), pubsubAgent)
			}) {
				lost = append(lost, Lost{s, "Pub/Sub " + need.lack})
			}
		}
		if !slices.ContainsFunc(objects, func(k *cloud.Object) bool {
			return k.Type == subscriptionType && k.ID != s.ID && names(k.Str("topic"), topic)
		}) {
			lost = append(lost, Lost{s, topic + " has no subscription that keeps what is sent there"})
		}
	}
	return lost
}

// names says whether a reference, which is an id or a name, is to the object of an id.
func names(reference, id string) bool {
	return reference == id || len(id) > len(reference) && id[len(id)-len(reference)-1:] == "/"+reference
}
