package azure

import (
	"maps"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/tags"
)

func recordBroker(t *testing.T, args queue.BrokerArgs) record.Resources {
	t.Helper()
	args.Tags = tags.Set{tags.Service: "platform"}
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := queue.NewBroker(ctx, "broker", d, args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

const busNamespace = "azure-native:servicebus:Namespace broker-namespace"

func wantNamespace() map[string]any {
	return map[string]any{
		"resourceGroupName": "group", "namespaceName": "dev-azure-" + subscriptionHash, "location": "germanywestcentral",
		"sku":              map[string]any{"name": "Standard", "tier": "Standard"},
		"disableLocalAuth": true, "minimumTlsVersion": "1.2", "publicNetworkAccess": "Enabled", "zoneRedundant": false,
		"tags": map[string]any{"service": "platform"},
	}
}

func TestANamespaceThatNeedsNothingDearIsStandard(t *testing.T) {
	resources := recordBroker(t, queue.BrokerArgs{})
	record.Exactly(t, resources, busNamespace, wantNamespace())
	record.Exactly(t, resources, "azure-native:insights:DiagnosticSetting broker-logs", map[string]any{
		"name": "workspace", "resourceUri": "id-broker-namespace", "workspaceId": "workspace", "logAnalyticsDestinationType": "Dedicated",
		"logs": []any{map[string]any{"category": "OperationalLogs", "enabled": true}},
	})
}

func TestAPrivateNamespaceIsPremiumAndHasAnOwnKey(t *testing.T) {
	resources := recordBroker(t, queue.BrokerArgs{Network: dataNetwork(network.EndpointQueues)})
	want := wantNamespace()
	maps.Copy(want, map[string]any{
		"sku":                 map[string]any{"name": "Premium", "tier": "Premium", "capacity": 1.0},
		"publicNetworkAccess": "Disabled",
		"identity":            map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{"id-broker-encryption"}},
		"encryption": map[string]any{
			"keySource": "Microsoft.KeyVault",
			"keyVaultProperties": []any{map[string]any{
				"keyName": "broker-key", "keyVaultUri": "https://vault.example/", "identity": map[string]any{"userAssignedIdentity": "id-broker-encryption"},
			}},
		},
	})
	record.Exactly(t, resources, busNamespace, want)
	if _, ok := resources["azure-native:network:PrivateEndpoint broker-endpoint"]; !ok {
		t.Error("there is no endpoint")
	}
}

func TestANamespaceThatSurvivesAZoneIsPremium(t *testing.T) {
	got := recordBroker(t, queue.BrokerArgs{ZoneRedundant: true})[busNamespace]
	if sku := got["sku"].ObjectValue()["name"].StringValue(); sku != "Premium" || !got["zoneRedundant"].BoolValue() {
		t.Errorf("the namespace is %s, over zones: %v", sku, got["zoneRedundant"])
	}
}

func placedEvent() queue.Args {
	return queue.Args{
		Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 90,
		Broker:    queue.Broker{Name: pulumi.String("bus").ToStringOutput()},
		Consumers: map[string]queue.Consumer{"payments": {}},
	}
}

func TestATopicHandsOnToAQueueForEachConsumer(t *testing.T) {
	heard, scaler := map[string]string{}, queue.Scaler{}
	var metadata map[string]string
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := queue.New(ctx, "order-placed", d, placedEvent())
		if err != nil {
			return err
		}
		q := made.Outputs.Queues["payments"]
		scaler = q.Scaler
		scaler.Metadata.ToStringMapOutput().ApplyT(func(m map[string]string) int { metadata = m; return 0 })
		pulumi.All(made.Outputs.TopicID, made.Outputs.KeyID, q.Name, q.ID, q.URL, q.DeadLetterName, q.DeadLetterID).ApplyT(func(values []any) int {
			for i, name := range []string{"topic", "key", "name", "id", "url", "dead", "dead id"} {
				heard[name] = values[i].(string)
			}
			return 0
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:servicebus:Topic order-placed-topic", map[string]any{
		"resourceGroupName": "group", "namespaceName": "bus", "topicName": "dev-azure-order-placed",
		"defaultMessageTimeToLive": "P4D", "maxSizeInMegabytes": 5120.0,
	})
	record.Exactly(t, resources, "azure-native:servicebus:Queue order-placed-queue-payments", map[string]any{
		"resourceGroupName": "group", "namespaceName": "bus", "queueName": "dev-azure-order-placed-payments",
		"defaultMessageTimeToLive": "P4D", "deadLetteringOnMessageExpiration": true, "lockDuration": "PT1M30S",
		"maxDeliveryCount": 5.0, "maxSizeInMegabytes": 5120.0,
	})
	record.Exactly(t, resources, "azure-native:servicebus:Subscription order-placed-subscription-payments", map[string]any{
		"resourceGroupName": "group", "namespaceName": "bus", "topicName": "order-placed-topic", "subscriptionName": "dev-azure-payments",
		"forwardTo": "order-placed-queue-payments", "defaultMessageTimeToLive": "P4D", "deadLetteringOnMessageExpiration": true,
		"deadLetteringOnFilterEvaluationExceptions": true, "maxDeliveryCount": 10.0,
	})
	want := map[string]string{
		"topic": "id-order-placed-topic", "key": "", "name": "id-order-placed-queue-payments", "id": "id-order-placed-queue-payments",
		"url":  "sb://bus.servicebus.windows.net/order-placed-queue-payments",
		"dead": "id-order-placed-queue-payments/$deadletterqueue", "dead id": "id-order-placed-queue-payments/$deadletterqueue",
	}
	if !maps.Equal(heard, want) {
		t.Errorf("got  %v\nwant %v", heard, want)
	}
	if scaler.Type != "azure-servicebus" || scaler.Depth != "messageCount" || scaler.Identity != "azure-workload" {
		t.Errorf("the scaler is %+v", scaler)
	}
	if want := map[string]string{"namespace": "bus", "queueName": "order-placed-queue-payments"}; !maps.Equal(metadata, want) {
		t.Errorf("got %v, want %v", metadata, want)
	}
}

func TestAnEventWithoutABrokerIsRefused(t *testing.T) {
	args := placedEvent()
	args.Broker = queue.Broker{}
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := queue.New(ctx, "order-placed", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "broker: none is given") {
		t.Errorf("error is %v", err)
	}
}

func TestALockLongerThanFiveMinutesIsRefused(t *testing.T) {
	args := placedEvent()
	args.VisibilitySec = 301
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := queue.New(ctx, "order-placed", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "visibilitySec: value 301: 5 to 300 is allowed") {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}
