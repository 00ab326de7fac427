package azure

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
	"platform/components/queue"
)

// The types of Service Bus.
const (
	namespaceToken    = "azure-native:servicebus:Namespace"
	topicToken        = "azure-native:servicebus:Topic"
	queueToken        = "azure-native:servicebus:Queue"
	subscriptionToken = "azure-native:servicebus:Subscription"
)

// The kinds of namespace. Only the dear one is reached without the internet, has units and zones of its own,
// and takes a key of ours (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-premium-messaging).
const (
	namespaceStandard = "Standard"
	namespacePremium  = "Premium"
)

const (
	// topicMegabytes is the largest that a topic or queue can be in both kinds of namespace
	// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas).
	topicMegabytes = 5120
	// forwardAttempts is how often a message is handed on to its queue before it stays in the subscription.
	forwardAttempts = 10
)

// premium tells whether only the dear kind of namespace does what is asked.
func premium(args queue.BrokerArgs) bool {
	return args.ZoneRedundant || args.Network.Has(network.EndpointQueues)
}

// CreateBroker builds the namespace in which all topics and queues lie.
func (d *Driver) CreateBroker(
	ctx *pulumi.Context, name string, args queue.BrokerArgs, parent pulumi.Resource,
) (queue.Broker, error) {
	spec := d.namespaceArgs(args)
	var opts []pulumi.ResourceOption
	if premium(args) {
		crypt, err := d.encryption(ctx, name, "Messages", args.Tags, parent)
		if err != nil {
			return queue.Broker{}, err
		}
		spec["identity"] = pulumi.Map{"type": pulumi.String("UserAssigned"), "userAssignedIdentities": pulumi.Array{crypt.identity}}
		spec["encryption"] = pulumi.Map{
			"keySource": pulumi.String("Microsoft.KeyVault"),
			"keyVaultProperties": pulumi.Array{pulumi.Map{
				"keyName": crypt.key.Name, "keyVaultUri": d.ground.keyVaultURI,
				"identity": pulumi.Map{"userAssignedIdentity": crypt.identity},
			}},
		}
		opts = append(opts, pulumi.DependsOn([]pulumi.Resource{crypt.ready}))
	}
	namespace, err := native(ctx, namespaceToken, name+"-namespace", spec, parent, opts...)
	if err != nil {
		return queue.Broker{}, err
	}
	broker := queue.Broker{ID: namespace.ID().ToStringOutput(), Name: namespace.Name, Ready: []pulumi.Resource{namespace}}
	if _, err := d.logsOf(ctx, name, namespace.ID().ToStringOutput(), parent, "OperationalLogs"); err != nil {
		return queue.Broker{}, err
	}
	if args.Network.Has(network.EndpointQueues) {
		endpoint, err := d.privateEndpoint(ctx, name+"-endpoint", namespace.ID().ToStringOutput(), "namespace",
			args.Network.Details["endpoints-subnet"], args.Network.Details["zone-queues"], args.Tags, parent)
		if err != nil {
			return queue.Broker{}, err
		}
		broker.Ready = append(broker.Ready, endpoint)
	}
	return broker, nil
}

// namespaceArgs admits identities only, over TLS 1.2 at least. A namespace of the Standard kind stays open to
// the internet: firewalls are of the Premium kind
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-ip-filtering).
func (d *Driver) namespaceArgs(args queue.BrokerArgs) pulumi.Map {
	kind, access := namespaceStandard, "Enabled"
	if premium(args) {
		kind = namespacePremium
	}
	if args.Network.Has(network.EndpointQueues) {
		access = "Disabled"
	}
	sku := pulumi.Map{"name": pulumi.String(kind), "tier": pulumi.String(kind)}
	if kind == namespacePremium {
		sku["capacity"] = pulumi.Int(1)
	}
	return pulumi.Map{
		"resourceGroupName":   d.ground.group,
		"namespaceName":       pulumi.String(d.physical(KindNamespace)),
		"location":            pulumi.String(d.s.Region),
		"sku":                 sku,
		"disableLocalAuth":    pulumi.Bool(true),
		"minimumTlsVersion":   pulumi.String("1.2"),
		"publicNetworkAccess": pulumi.String(access),
		"zoneRedundant":       pulumi.Bool(args.ZoneRedundant),
		"tags":                tagMap(args.Tags),
	}
}

// CreateQueue builds an event's topic, and for each consumer a queue to which a subscription of the topic hands
// on every message. Who may publish and who may receive is a role at the topic or queue itself, which grants
// give; neither bears tags, which are the namespace's.
func (d *Driver) CreateQueue(
	ctx *pulumi.Context, name string, args queue.Args, parent pulumi.Resource,
) (queue.Outputs, error) {
	if args.Broker.Name.OutputState == nil {
		return queue.Outputs{}, errors.New("broker: none is given: topics and queues lie in a namespace on Azure")
	}
	topic, err := native(ctx, topicToken, name+"-topic", d.topicArgs(args), parent)
	if err != nil {
		return queue.Outputs{}, err
	}
	// The key is the namespace's, and Service Bus uses it: who publishes or receives needs none.
	outputs := queue.Outputs{
		TopicID: topic.ID().ToStringOutput(), KeyID: pulumi.String("").ToStringOutput(), Queues: map[string]queue.Queue{},
	}
	for _, consumer := range slices.Sorted(maps.Keys(args.Consumers)) {
		built, err := d.consumerQueue(ctx, name, consumer, args, topic, parent)
		if err != nil {
			return queue.Outputs{}, fmt.Errorf("queue of %s: %w", consumer, err)
		}
		outputs.Queues[consumer] = built
	}
	return outputs, nil
}

// consumerQueue registers one consumer's queue and the subscription that fills it. Every queue has its dead
// letters within itself, under a path of their own, and they never expire
// (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-dead-letter-queues).
func (d *Driver) consumerQueue(
	ctx *pulumi.Context, name, consumer string, args queue.Args, topic *resource, parent pulumi.Resource,
) (queue.Queue, error) {
	live, err := native(ctx, queueToken, name+"-queue-"+consumer, d.queueArgs(args, consumer), parent)
	if err != nil {
		return queue.Queue{}, err
	}
	if _, err := native(ctx, subscriptionToken, name+"-subscription-"+consumer,
		d.subscriptionArgs(args, consumer, topic.Name, live.Name), parent); err != nil {
		return queue.Queue{}, err
	}
	id := live.ID().ToStringOutput()
	dead := pulumi.Sprintf("%s/$deadletterqueue", id)
	return queue.Queue{
		Name: id, ID: id, URL: pulumi.Sprintf("sb://%s.servicebus.windows.net/%s", args.Broker.Name, live.Name),
		DeadLetterName: dead, DeadLetterID: dead, Scaler: queueScaler(args.Broker.Name, live.Name),
	}, nil
}

// queueScaler asks the namespace for the active messages of the queue, in which one that is locked stays until it is settled
// (https://keda.sh/docs/2.20/scalers/azure-service-bus/,
// https://learn.microsoft.com/azure/service-bus-messaging/message-transfers-locks-settlement).
func queueScaler(namespace, name pulumi.StringInput) queue.Scaler {
	return queue.Scaler{
		Type: "azure-servicebus", Metadata: pulumi.StringMap{"namespace": namespace, "queueName": name},
		Depth: "messageCount", Identity: "azure-workload",
	}
}

func (d *Driver) topicArgs(args queue.Args) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": d.ground.group, "namespaceName": args.Broker.Name,
		"topicName":                pulumi.String(d.physical(KindTopic, args.Event)),
		"defaultMessageTimeToLive": pulumi.String(retention(args)),
		"maxSizeInMegabytes":       pulumi.Int(topicMegabytes),
	}
}

// queueArgs: what nobody took in time is a dead letter too, as what failed too often is.
func (d *Driver) queueArgs(args queue.Args, consumer string) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": d.ground.group, "namespaceName": args.Broker.Name,
		"queueName":                        pulumi.String(d.physical(KindQueue, args.Event, consumer)),
		"defaultMessageTimeToLive":         pulumi.String(retention(args)),
		"deadLetteringOnMessageExpiration": pulumi.Bool(true),
		"lockDuration":                     pulumi.String(timespan(time.Duration(args.VisibilitySec) * time.Second)),
		"maxDeliveryCount":                 pulumi.Int(args.MaxReceives),
		"maxSizeInMegabytes":               pulumi.Int(topicMegabytes),
	}
}

// subscriptionArgs: a message that cannot be handed on, or that no filter could judge, is kept as a dead letter
// of the subscription (https://learn.microsoft.com/azure/service-bus-messaging/service-bus-auto-forwarding).
func (d *Driver) subscriptionArgs(args queue.Args, consumer string, topic, to pulumi.StringInput) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": d.ground.group, "namespaceName": args.Broker.Name, "topicName": topic,
		"subscriptionName":                          pulumi.String(d.physical(KindSubscription, consumer)),
		"forwardTo":                                 to,
		"defaultMessageTimeToLive":                  pulumi.String(retention(args)),
		"deadLetteringOnMessageExpiration":          pulumi.Bool(true),
		"deadLetteringOnFilterEvaluationExceptions": pulumi.Bool(true),
		"maxDeliveryCount":                          pulumi.Int(forwardAttempts),
	}
}

func retention(args queue.Args) string {
	return timespan(time.Duration(args.RetentionDays) * 24 * time.Hour)
}

var _ queue.Driver = (*Driver)(nil)
