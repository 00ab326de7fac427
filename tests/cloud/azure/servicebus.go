package azure

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	namespaceType    = "azure-native:servicebus:Namespace"
	topicType        = "azure-native:servicebus:Topic"
	queueType        = "azure-native:servicebus:Queue"
	subscriptionType = "azure-native:servicebus:Subscription"

	accessRuleType = "servicebus:authorization-rule"
	filterType     = "servicebus:rule"
)

var servicebusHooks = map[string]cloud.Hook{
	namespaceType: {Created: namespaceCreated, Updated: namespaceUpdated, Deleted: namespaceDeleted},
	topicType: {
		Created: entityFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return entityFits(t, o) },
		Deleted: func(t *cloud.Tx, o *cloud.Object) error {
			if err := unlocked(t, o); err != nil {
				return err
			}
			return removeWithin(t, o, subscriptionType)
		},
	},
	queueType: {
		Created: entityFits, Deleted: unlocked,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return entityFits(t, o) },
	},
	subscriptionType: {
		Created: subscriptionCreated, Deleted: subscriptionDeleted,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return entityFits(t, o) },
	},
}

// namespaceCreated makes the rule of all access that every namespace has
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas).
func namespaceCreated(t *cloud.Tx, o *cloud.Object) error {
	// https://learn.microsoft.com/rest/api/servicebus/create-namespace
	if name := o.Str("namespaceName"); strings.HasSuffix(name, "-sb") || strings.HasSuffix(name, "-mgmt") {
		return cloud.Refuse("InvalidNamespaceName", "%s: a name cannot end with -sb or -mgmt", o)
	}
	if err := namespaceFits(t, o); err != nil {
		return err
	}
	t.Mint(cloud.Object{Type: accessRuleType, ID: o.ID + "/AuthorizationRules/RootManageSharedAccessKey", Hidden: true, Owner: o.Key()})
	return nil
}

// namespaceFits refuses what only the Premium kind of namespace can do
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-premium-messaging).
func namespaceFits(t *cloud.Tx, o *cloud.Object) error {
	kind := o.Str("sku.name")
	if tier := o.Str("sku.tier"); tier != "" && tier != kind {
		return cloud.Refuse("BadRequest", "%s: tier %s is not that of %s", o, tier, kind)
	}
	premium := kind == "Premium"
	for _, feature := range []struct {
		name  string
		asked bool
	}{
		{"units of capacity", o.Value("sku.capacity") != nil}, {"zone redundancy", o.Bool("zoneRedundant")},
		{"an own key", o.Inputs["encryption"] != nil}, {"no public access", o.Str("publicNetworkAccess") != "Enabled"},
	} {
		if feature.asked && !premium {
			return cloud.Refuse("BadRequest", "%s: %s is for Premium namespaces, not for %s ones", o, feature.name, kind)
		}
	}
	return namespaceKeyFits(t, o)
}

// namespaceKeyFits: https://learn.microsoft.com/azure/service-bus-messaging/configure-customer-managed-key
func namespaceKeyFits(t *cloud.Tx, o *cloud.Object) error {
	keys, _ := o.Value("encryption.keyVaultProperties").([]any)
	for _, entry := range keys {
		key, _ := entry.(map[string]any)
		name, _ := key["keyName"].(string)
		vault, _ := key["keyVaultUri"].(string)
		as, _ := key["identity"].(map[string]any)
		identity, _ := as["userAssignedIdentity"].(string)
		if !slices.Contains(o.List("identity.userAssignedIdentities"), identity) {
			return cloud.Refuse("BadRequest", "%s: the identity %q of its encryption is not among its own", o, identity)
		}
		if err := usesKey(t, o, identity, strings.TrimSuffix(vault, "/")+"/keys/"+name); err != nil {
			return err
		}
	}
	return nil
}

// linkable refuses a private endpoint of a resource whose kind has none
// (https://learn.microsoft.com/azure/service-bus-messaging/private-link-service).
func linkable(endpoint, target *cloud.Object) error {
	if kind := target.Str("sku.name"); target.Type == namespaceType && kind != "Premium" {
		return cloud.Refuse("PrivateLinkNotSupported", "%s: private endpoints are for Premium namespaces, and %s is %s", endpoint, target, kind)
	}
	return nil
}

func namespaceUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if before, after := old.Str("sku.name"), o.Str("sku.name"); before != after {
		// https://learn.microsoft.com/azure/service-bus-messaging/service-bus-migrate-standard-premium
		return cloud.Refuse("BadRequest", "%s: it cannot become %s from %s: only a migration to another namespace does that", o, after, before)
	}
	if old.Inputs["encryption"] != nil && o.Inputs["encryption"] == nil {
		return cloud.Refuse("BadRequest", "%s: it cannot go back from an own key", o)
	}
	return namespaceFits(t, o)
}

func namespaceDeleted(t *cloud.Tx, o *cloud.Object) error {
	if err := unlocked(t, o); err != nil {
		return err
	}
	return removeWithin(t, o, subscriptionType, topicType, queueType)
}

// standardMegabytes is the most that a topic or queue can hold outside of a Premium namespace
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas).
const standardMegabytes = 5120

// entityFits checks a topic, queue or subscription against its namespace.
func entityFits(t *cloud.Tx, o *cloud.Object) error {
	namespace := t.Lookup([]string{namespaceType}, []string{"namespaceName"}, o.Str("namespaceName"))
	kind := namespace.Str("sku.name")
	switch {
	case kind == "Basic" && o.Type != queueType:
		return cloud.Refuse("BadRequest", "%s: a Basic namespace has queues only", o)
	case kind != "Premium" && o.Num("maxSizeInMegabytes") > standardMegabytes:
		return cloud.Refuse("BadRequest", "%s: more than %d megabytes are for Premium namespaces", o, standardMegabytes)
	case kind != "Premium" && o.Value("maxMessageSizeInKilobytes") != nil:
		return cloud.Refuse("BadRequest", "%s: the size of messages can be set in Premium namespaces only", o)
	case kind == "Premium" && (o.Bool("enablePartitioning") || o.Bool("enableExpress")):
		return cloud.Refuse("BadRequest", "%s: a Premium namespace has neither partitioned nor express entities", o)
	}
	if lock := o.Str("lockDuration"); lock != "" && !shortLock(lock) {
		return cloud.Refuse("BadRequest", "%s: a lock of %s: five seconds to five minutes are allowed", o, lock)
	}
	// Topics and queues share their names.
	for other, name := range map[string]string{topicType: "queueName", queueType: "topicName"} {
		if taken := o.Str(name); o.Type != other && o.Type != subscriptionType &&
			t.Get(other, namespace.ID+"/"+map[string]string{topicType: "topics", queueType: "queues"}[other]+"/"+taken) != nil {
			return cloud.Refuse("AlreadyExists", "%s: the namespace has an entity called %q", o, taken)
		}
	}
	for _, property := range []string{"forwardTo", "forwardDeadLetteredMessagesTo"} {
		if to := o.Str(property); to != "" && t.Get(queueType, namespace.ID+"/queues/"+to) == nil && t.Get(topicType, namespace.ID+"/topics/"+to) == nil {
			return cloud.Refuse("NotFound", "%s: the namespace has no queue or topic %q to forward to", o, to)
		}
	}
	return nil
}

// shortLock says whether a lock lasts from five seconds to five minutes
// (https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement#peeklock).
func shortLock(text string) bool {
	clock, ok := strings.CutPrefix(text, "PT")
	if !ok || strings.Contains(clock, "H") {
		return false
	}
	seconds, rest := 0, clock
	for _, unit := range []struct {
		letter string
		worth  int
	}{{"M", 60}, {"S", 1}} {
		if n, after, found := strings.Cut(rest, unit.letter); found {
			count := 0
			for _, digit := range n {
				count = count*10 + int(digit-'0')
			}
			seconds, rest = seconds+count*unit.worth, after
		}
	}
	return seconds >= 5 && seconds <= 300
}

// subscriptionCreated makes the filter that lets every message through
// (https://learn.microsoft.com/azure/service-bus-messaging/topic-filters).
func subscriptionCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := entityFits(t, o); err != nil {
		return err
	}
	if topic := o.ID[:strings.LastIndex(o.ID, "/subscriptions/")]; t.Get(topicType, topic) == nil {
		return cloud.Refuse("NotFound", "%s: the namespace has no topic %q", o, o.Str("topicName"))
	}
	t.Mint(cloud.Object{Type: filterType, ID: o.ID + "/rules/$Default", Hidden: true, Owner: o.Key(), Props: map[string]any{"filter": "1=1"}})
	return nil
}

func subscriptionDeleted(t *cloud.Tx, o *cloud.Object) error {
	if err := unlocked(t, o); err != nil {
		return err
	}
	return takesOwned(t, o)
}
