package contract

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/azure"
	"platform/components/gateway"
	"platform/components/network"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

const (
	azureZone  = "/subscriptions/" + subscription + "/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
	azureGroup = "/subscriptions/" + subscription + "/resourceGroups/dev-azure/providers/"
	// What alarms watch is built elsewhere: here it is there before.
	watchedServer = azureGroup + "Microsoft.DBforPostgreSQL/flexibleServers/payments"
	watchedBroker = azureGroup + "Microsoft.ServiceBus/namespaces/broker"
)

func azureDoorArgs(t *testing.T) gateway.Args {
	t.Helper()
	return gateway.Args{
		Domain: "example.com", Zone: azureZone, Certificate: azureCertificate, LogDays: 30, Tags: owned,
		Audiences: map[string]gateway.Audience{
			"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
			"partner": {Auth: gateway.MutualTLS, TrustStore: authority(t)},
		},
		Routes: []gateway.Route{
			{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "partner"}, Rate: 200, Burst: 400},
			{Service: "ledger", Path: "/ledger/entries", Audiences: []string{"partner"}, Rate: 5, Burst: 5},
		},
	}
}

// onAzureWithDoors builds a network, the gateway in it and alarms of both and of what is there before.
func onAzureWithDoors(t *testing.T, args gateway.Args) *rehearsal.Environment {
	t.Helper()
	e := onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, azureNetworkArgs(network.NATNone), opts...)
		if err != nil {
			return err
		}
		args.Network = n.Outputs
		doors, err := gateway.New(ctx, "gateway", d, args, opts...)
		if err != nil {
			return err
		}
		queue := pulumi.String(watchedBroker + "/queues/order-placed-payments").ToStringOutput()
		_, err = alarms.New(ctx, "alarms", d, alarms.Args{
			Tags: owned, Bounds: alarms.Bounds{}.Complete(),
			Teams:     map[string]alarms.Team{"orders": {Email: "orders@example.com", Tags: owned}, "platform": {Tags: owned}},
			Databases: map[string]alarms.Database{"payments": {Team: "orders", Name: pulumi.String(watchedServer).ToStringOutput(), ConnectionLimit: 400, StorageGiB: 32, BurstCredits: 576, Tags: owned}},
			Queues: map[string]alarms.Queue{"order-placed-payments": {
				Team: "orders", Name: queue, DeadLetterName: pulumi.Sprintf("%s/$deadletterqueue", queue), Tags: owned,
			}},
			APIs: map[string]alarms.API{"mobile": {Team: "platform", ID: doors.Outputs.APIs["mobile"], Tags: owned}},
		}, opts...)
		return err
	})
	if err := e.Cloud.Seed(
		cloud.Object{Type: "azure-native:dbforpostgresql/v20240801:Server", ID: watchedServer, Account: subscription, Inputs: map[string]any{"sku": map[string]any{"tier": "Burstable"}}},
		cloud.Object{Type: "azure-native:servicebus:Namespace", ID: watchedBroker, Account: subscription},
	); err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDoorsAndAlarmsOnAzureAreBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name      string
		redundant bool
		addresses int
	}{{"one zone", false, 1}, {"survives a zone", true, 4}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := azureDoorArgs(t)
			args.ZoneRedundant = test.redundant
			e := onAzureWithDoors(t, args)
			if _, err := e.Preview(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := lifecycle(t, e)
			for typ, want := range map[string]int{
				"azure-native:apimanagement:ApiManagementService": 1, "azure-native:apimanagement:Api": 2, "azure-native:apimanagement:ApiPolicy": 2,
				"azure-native:apimanagement:Policy": 1, "azure-native:apimanagement:Backend": 1, "azure-native:network:RecordSet": 2,
				"azure-native:network:PrivateRecordSet": 1, "azure-native:insights:DiagnosticSetting": 2, "azure-native:insights:ActionGroup": 2,
				"azure-native:insights:MetricAlert": 7, "azure-native:insights:ScheduledQueryRule": 2,
				// What API Management makes by itself: the operations of two documents, samples, and its addresses.
				"apimanagement:operation": 28, "apimanagement:sample": 3, "apimanagement:address": test.addresses,
			} {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			kept := 0
			for _, o := range e.Cloud.Inventory() {
				if o.Retained != "" && o.Type == "azure-native:apimanagement:ApiManagementService" {
					kept++
				}
			}
			if kept != 1 {
				t.Errorf("%d deleted services can be had back, want that of the first build", kept)
			}
			for _, o := range built {
				switch o.Type {
				case "azure-native:apimanagement:Api":
					if o.Bool("subscriptionRequired") {
						t.Errorf("%s asks for a key", o)
					}
				case "azure-native:apimanagement:Policy":
					if policy := o.Str("value"); !strings.Contains(policy, "<validate-jwt") || !strings.Contains(policy, "<validate-client-certificate") {
						t.Errorf("%s lets callers in without proof:\n%s", o, policy)
					}
				}
			}
		})
	}
}

func TestDoorsOnAzureThatCannotBe(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*gateway.Args)
		want   string
	}{
		{"a host that the certificate is not for", func(a *gateway.Args) { a.Domain = "dev.example.com" }, "not for mobile.dev.example.com"},
		{"a certificate that is not there", func(a *gateway.Args) {
			a.Certificate = strings.Replace(a.Certificate, "secrets/doors", "secrets/gone", 1)
		}, "gone"},
		{"a zone that is not there", func(a *gateway.Args) { a.Zone = strings.Replace(a.Zone, "Groups/dns/", "Groups/gone/", 1) }, "is not there"},
		{"no certificate", func(a *gateway.Args) { a.Certificate = "" }, "this cloud issues none for them"},
		{"a path that API Management's sample has", func(a *gateway.Args) { a.Routes[0].Path = "/echo" }, `an API with the path "echo" is there already`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			args := azureDoorArgs(t)
			test.change(&args)
			if _, err := onAzureWithDoors(t, args).Up(t.Context()); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
		})
	}
}

// In the wrong order a teardown fails, as on the real cloud: what the gateway stands on is in use.
func TestWhatTheDoorsOnAzureStandOnIsInUse(t *testing.T) {
	t.Parallel()
	e := onAzureWithDoors(t, azureDoorArgs(t))
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	service := ""
	for _, o := range e.Cloud.Inventory() {
		if o.Type == "azure-native:apimanagement:ApiManagementService" {
			service = o.ID
		}
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		held := map[string]bool{}
		for _, k := range tx.Get("azure-native:apimanagement:ApiManagementService", service).Holds {
			held[k.Type] = true
		}
		for _, typ := range []string{
			"azure-native:network:Subnet", "azure-native:network:PublicIPAddress", "azure-native:managedidentity:UserAssignedIdentity",
		} {
			if !held[typ] {
				t.Errorf("the service does not hold its %s", typ)
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	changes, err := e.Refresh(t.Context())
	if err != nil || len(changes) != 0 {
		t.Errorf("a refresh found %v, %v", changes, err)
	}
}
