package azure_test

import (
	"testing"

	"platform/tests/cloud"
)

const (
	busType          = "azure-native:servicebus:Namespace"
	topicType        = "azure-native:servicebus:Topic"
	queueType        = "azure-native:servicebus:Queue"
	subscriptionType = "azure-native:servicebus:Subscription"
)

func bus(kind string, more values) values {
	inputs := with(values{"namespaceName": "env-bus", "sku": values{"name": kind, "tier": kind}})
	for k, v := range more {
		inputs[k] = v
	}
	return inputs
}

func onBus(more values) values {
	inputs := values{"resourceGroupName": "env", "namespaceName": "env-bus"}
	for k, v := range more {
		inputs[k] = v
	}
	return inputs
}

func TestOnlyAPremiumNamespaceIsPrivateAndTakesAKey(t *testing.T) {
	w := newEncrypted(t)
	nobody := w.world.identity("nobody", nil)
	key := func(identity *cloud.Object) values {
		return values{
			"identity": values{"type": "UserAssigned", "userAssignedIdentities": []any{identity.ID}},
			"encryption": values{"keyVaultProperties": []any{values{
				"keyName": "data", "keyVaultUri": "https://keys.vault.azure.net/", "identity": values{"userAssignedIdentity": identity.ID},
			}}},
		}
	}
	for what, more := range map[string]values{
		"without public access": {"publicNetworkAccess": "Disabled"}, "over zones": {"zoneRedundant": true}, "with a key": key(w.identity),
		"with units": {"sku": values{"name": "Standard", "capacity": 1.0}}, "with a name for others": {"namespaceName": "orders-mgmt"},
	} {
		if _, err := w.Create(busType, bus("Standard", more)); err == nil {
			t.Errorf("a Standard namespace %s was made", what)
		}
	}
	_, err := w.Create(busType, bus("Premium", key(nobody)))
	refused(t, "a key that the namespace may not use", err, "KeyVaultAccessForbidden")
	made := w.Have(busType, bus("Premium", key(w.identity)))
	if n := len(w.All("servicebus:authorization-rule")); n != 1 {
		t.Errorf("%d rules of access were made with it, want 1", n)
	}
	refused(t, "another kind", w.Update(made, values{"sku": values{"name": "Standard", "tier": "Standard"}}), "BadRequest")
}

func TestAStandardNamespaceHasNoPrivateEndpoint(t *testing.T) {
	w := newWorld(t)
	w.network("10.0.0.0/16")
	subnet := w.Have(subnetType, subnetInputs("endpoints", "10.0.0.0/24", nil))
	namespace := w.Have(busType, bus("Standard", nil))
	_, err := w.Create(endpointType, with(values{
		"privateEndpointName": "bus", "subnet": values{"id": subnet.ID},
		"privateLinkServiceConnections": []any{values{"name": "namespace", "privateLinkServiceId": namespace.ID, "groupIds": []any{"namespace"}}},
	}))
	refused(t, "an endpoint of a Standard namespace", err, "PrivateLinkNotSupported")
}

func TestATopicHandsOnWithinItsNamespace(t *testing.T) {
	w := newWorld(t)
	namespace := w.Have(busType, bus("Standard", nil))
	w.Have(topicType, onBus(values{"topicName": "order-placed"}))
	_, err := w.Create(queueType, onBus(values{"queueName": "order-placed"}))
	refused(t, "a queue named as a topic", err, "AlreadyExists")
	_, err = w.Create(queueType, onBus(values{"queueName": "payments", "lockDuration": "PT5M1S"}))
	refused(t, "a lock for too long", err, "BadRequest")
	_, err = w.Create(queueType, onBus(values{"queueName": "payments", "maxSizeInMegabytes": 10240.0}))
	refused(t, "a queue too large", err, "BadRequest")
	if _, err = w.Create(queueType, onBus(values{"queueName": "payments", "lockDuration": "PT90S"})); err == nil {
		t.Error("a duration that Azure gives back in another form was taken")
	}
	queue := w.Have(queueType, onBus(values{"queueName": "payments", "lockDuration": "PT5M", "defaultMessageTimeToLive": "P4D"}))
	to := func(queue string) values {
		return onBus(values{"topicName": "order-placed", "subscriptionName": "payments", "forwardTo": queue})
	}
	if _, err := w.Create(subscriptionType, to("nowhere")); err == nil {
		t.Error("messages are handed on to nowhere")
	}
	w.Have(subscriptionType, to("payments"))
	if n := len(w.All("servicebus:rule")); n != 1 {
		t.Errorf("%d filters were made with the subscription, want 1", n)
	}
	refused(t, "a queue that a subscription fills", w.Remove(queue), "DependencyViolation")
	if err := w.Remove(namespace); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{topicType, queueType, subscriptionType, "servicebus:rule", "servicebus:authorization-rule"} {
		if n := len(w.All(typ)); n != 0 {
			t.Errorf("%d of %s outlive their namespace", n, typ)
		}
	}
}
