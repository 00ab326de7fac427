package contract

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/cluster"
	"platform/components/documents"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
)

// TestAnAzureServiceMayDoWhatItsGrantsSay gives a service one grant of each kind; Azure itself says whether the
// roles and the things exist.
func TestAnAzureServiceMayDoWhatItsGrantsSay(t *testing.T) {
	t.Parallel()
	built := lifecycle(t, onAzureNetwork(t, func(ctx *pulumi.Context, d *azure.Driver, n network.Outputs, opts ...pulumi.ResourceOption) error {
		who, err := identity.New(ctx, "payments", d, identity.Args{
			Service: "payments", Namespace: "payments", ServiceAccount: "payments", Tags: owned,
			Rights: identity.Rights{
				"topic-order-placed": identity.Publish, "queue-order-placed": identity.Consume, "documents": identity.ReadWrite, "secret-api-key": identity.Read,
			},
			Cluster: cluster.Outputs{WorkloadIssuer: pulumi.String("https://issuer.example.com/").ToStringOutput()},
		}, opts...)
		if err != nil {
			return err
		}
		broker, err := queue.NewBroker(ctx, "broker", d, queue.BrokerArgs{Network: n, Tags: owned}, opts...)
		if err != nil {
			return err
		}
		event, err := queue.New(ctx, "order-placed", d, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Broker: broker.Broker, Tags: owned,
			Publisher: who.Outputs, Consumers: map[string]queue.Consumer{"payments": {Identity: who.Outputs, Tags: owned}},
		}, opts...)
		if err != nil {
			return err
		}
		table, err := documents.New(ctx, "payments-documents", d, documents.Args{Service: "payments", Network: n, Tags: owned}, opts...)
		if err != nil {
			return err
		}
		key, err := secret.New(ctx, "payments-api-key", d, secret.Args{
			Service: "payments", Name: "api-key", Identity: who.Outputs, Network: n, Tags: owned,
		}, opts...)
		if err != nil {
			return err
		}
		return who.Give(ctx,
			identity.On{Role: "topic-order-placed", Resource: event.Outputs.TopicID},
			identity.On{Role: "queue-order-placed", Resource: event.Outputs.Queues["payments"].ID},
			identity.On{Role: "documents", Resource: table.Outputs.ID},
			identity.On{Role: "secret-api-key", Resource: key.Outputs.ID},
		)
	}))
	var principal string
	for _, o := range built {
		if strings.HasSuffix(o.URN, "::payments-identity") {
			principal = o.Str("principalId")
		}
	}
	var scopes []string
	for _, o := range built {
		if strings.Contains(o.URN, identity.Type+"$") && o.Str("scope") != "" {
			scopes = append(scopes, typeOf(o.Str("scope")))
			if o.Str("principalId") != principal {
				t.Errorf("%s is of %q, want the service's %q", o, o.Str("principalId"), principal)
			}
		}
	}
	counts(t, built, map[string]int{"azure-native:documentdb:SqlResourceSqlRoleAssignment": 1})
	for _, want := range []string{"topics", "queues", "databaseAccounts", "vaults"} {
		if !strings.Contains(strings.Join(scopes, " "), want) {
			t.Errorf("the scopes are of %v, want one of %s", scopes, want)
		}
	}
}

// typeOf is the last type in a resource id.
func typeOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 2 {
		return id
	}
	return parts[len(parts)-2]
}
