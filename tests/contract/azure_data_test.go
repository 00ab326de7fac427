package contract

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// onAzureNetwork makes an environment with a network, and then what needs it.
func onAzureNetwork(
	t *testing.T, build func(*pulumi.Context, *azure.Driver, network.Outputs, ...pulumi.ResourceOption) error, endpoints ...network.Endpoint,
) *rehearsal.Environment {
	t.Helper()
	return onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, azureNetworkArgs(network.NATNone, endpoints...), opts...)
		if err != nil {
			return err
		}
		return build(ctx, d, n.Outputs, opts...)
	})
}

func onAzureDatabase(t *testing.T, change func(*database.Args)) *rehearsal.Environment {
	t.Helper()
	return onAzureNetwork(t, func(ctx *pulumi.Context, d *azure.Driver, n network.Outputs, opts ...pulumi.ResourceOption) error {
		args := database.Args{
			Service: "payments", Size: cluster.Small, Version: "16", StorageGiB: 20, BackupDays: 7, MaxPods: 3, ConnectionsPerPod: 10,
			Network: n, Tags: owned,
		}
		change(&args)
		_, err := database.New(ctx, "payments", d, args, opts...)
		return err
	})
}

// counts compares how many of each type there are.
func counts(t *testing.T, objects []*cloud.Object, want map[string]int) {
	t.Helper()
	for typ, n := range want {
		if got := count(objects, typ); got != n {
			t.Errorf("%s: %d exist, want %d", typ, got, n)
		}
	}
}

func TestAnAzureDatabaseIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	const server, parameter = "azure-native:dbforpostgresql/v20240801:Server", "azure-native:dbforpostgresql/v20240801:Configuration"
	for _, test := range []struct {
		name   string
		change func(*database.Args)
		want   map[string]int
	}{
		{"direct", func(*database.Args) {}, map[string]int{server: 1, parameter: 1, "network:private-address": 2, "network:private-record": 1}},
		{"pooled, with a standby", func(a *database.Args) { a.MaxPods, a.MultiZone = 100, true },
			map[string]int{server: 1, parameter: 4, "network:private-address": 4, "azure-native:insights:DiagnosticSetting": 2}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := onAzureDatabase(t, test.change)
			// Nothing is known yet, not even the identity that uses the key.
			if _, err := e.Preview(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := lifecycle(t, e)
			counts(t, built, test.want)
			for _, o := range built {
				if _, ok := o.Outputs["administratorLoginPassword"]; ok {
					t.Errorf("%s tells a password", o)
				}
			}
			// The first build's, which a second teardown must not meet.
			if _, err := e.Destroy(t.Context()); err != nil {
				t.Errorf("the second teardown: %v", err)
			}
			if got := count(e.Cloud.Inventory(), "dbforpostgresql:dropped-server"); got != 2 {
				t.Errorf("the backups of %d deleted servers are kept, want 2", got)
			}
		})
	}
}

// Neither the program nor a person at the portal deletes a protected database, until the file says otherwise.
func TestAProtectedAzureDatabaseIsNotDeleted(t *testing.T) {
	t.Parallel()
	const server = "azure-native:dbforpostgresql/v20240801:Server"
	protect := true
	e := onAzureDatabase(t, func(a *database.Args) { a.DeleteProtection = protect })
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "protect") {
		t.Errorf("error of the destroy is %v", err)
	}
	counts(t, e.Cloud.Inventory(), map[string]int{server: 1, "azure-native:authorization:ManagementLockByScope": 1})

	protect = false
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}

// buildMessagesAndDocuments builds what lies outside of the data tier's subnet.
func buildMessagesAndDocuments(zones bool) func(*pulumi.Context, *azure.Driver, network.Outputs, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *azure.Driver, n network.Outputs, opts ...pulumi.ResourceOption) error {
		consumer := identity.Outputs{Principal: pulumi.String("cccccccc-1111-4222-8333-444444444444").ToStringOutput()}
		broker, err := queue.NewBroker(ctx, "broker", d, queue.BrokerArgs{Network: n, ZoneRedundant: zones, Tags: owned}, opts...)
		if err != nil {
			return err
		}
		if _, err := queue.New(ctx, "order-placed", d, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Broker: broker.Broker, Tags: owned,
			Publisher: consumer, Consumers: map[string]queue.Consumer{"payments": {Identity: consumer, Tags: owned}, "reports": {Identity: consumer, Tags: owned}},
		}, opts...); err != nil {
			return err
		}
		if _, err := documents.New(ctx, "reports", d, documents.Args{Service: "reports", Network: n, Tags: owned}, opts...); err != nil {
			return err
		}
		for name, filled := range map[string]bool{"api-key": true, "licence": false} {
			if _, err := secret.New(ctx, "payments-"+name, d, secret.Args{
				Service: "payments", Name: name, Identity: consumer, Network: n, Tags: owned,
				HasValue: filled, Value: pulumi.String(planted).ToStringOutput(),
			}, opts...); err != nil {
				return err
			}
		}
		return nil
	}
}

func TestAzureMessagingDocumentsAndSecretsAreBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		zones     bool
		endpoints []network.Endpoint
		kind      string
		access    string
		want      map[string]int
	}{
		{"by their public names", false, nil, "Standard", "Enabled", map[string]int{"azure-native:network:PrivateEndpoint": 0}},
		{
			"from the network only", true, []network.Endpoint{network.EndpointDocuments, network.EndpointSecrets, network.EndpointQueues}, "Premium", "Disabled",
			map[string]int{"azure-native:network:PrivateEndpoint": 4, "network:interface": 4, "network:private-record": 4},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := onAzureNetwork(t, buildMessagesAndDocuments(test.zones), test.endpoints...)
			built := lifecycle(t, e)
			counts(t, built, map[string]int{
				"azure-native:servicebus:Namespace": 1, "azure-native:servicebus:Topic": 1, "azure-native:servicebus:Queue": 2,
				"azure-native:servicebus:Subscription": 2, "servicebus:rule": 2, "servicebus:authorization-rule": 1,
				"azure-native:documentdb:DatabaseAccount": 1, "azure-native:documentdb:SqlResourceSqlContainer": 1,
				// the one of the keys, and those of two secrets, one of which has a value
				"azure-native:keyvault:Vault": 3, "azure-native:keyvault:Secret": 1,
			})
			counts(t, built, test.want)
			for _, o := range built {
				if _, taggable := o.Inputs["tags"]; taggable && len(o.Tags) < len(owned) {
					t.Errorf("%s has the tags %v", o, o.Tags)
				}
				switch o.Type {
				case "azure-native:servicebus:Namespace":
					if o.Str("sku.name") != test.kind || o.Str("publicNetworkAccess") != test.access || !o.Bool("disableLocalAuth") {
						t.Errorf("%s is %s, its public access %s", o, o.Str("sku.name"), o.Str("publicNetworkAccess"))
					}
				case "azure-native:documentdb:DatabaseAccount":
					if o.Str("publicNetworkAccess") != test.access || !o.Bool("disableLocalAuth") {
						t.Errorf("%s has the public access %s", o, o.Str("publicNetworkAccess"))
					}
				}
			}
			if _, err := e.Destroy(t.Context()); err != nil {
				t.Errorf("the second teardown: %v", err)
			}
			if got := count(e.Cloud.Inventory(), "documentdb:restorable-account"); got != 2 {
				t.Errorf("%d deleted accounts are restorable, want 2", got)
			}
		})
	}
}

// A queue of nobody's namespace cannot be; nor can a topic whose name a queue has.
func TestAnAzureEventWithoutItsBrokerIsRefused(t *testing.T) {
	t.Parallel()
	e := onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		_, err := queue.New(ctx, "order-placed", d, queue.Args{
			Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: owned,
			Broker: queue.Broker{Name: pulumi.String("nowhere").ToStringOutput()},
		}, opts...)
		return err
	})
	if _, err := e.Up(t.Context()); err == nil || !strings.Contains(err.Error(), `"nowhere" does not exist`) {
		t.Errorf("error is %v", err)
	}
}
