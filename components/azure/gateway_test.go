package azure

import (
	"net/netip"
	"strings"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

const (
	testZone        = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
	testCertificate = "/subscriptions/11111111-2222-3333-4444-555555555555/resourceGroups/dns/providers/Microsoft.KeyVault/vaults/doors/secrets/dev"
)

func recordGateway(t *testing.T, change func(*gateway.Args)) (record.Resources, gateway.Outputs, error) {
	t.Helper()
	args := doors()
	args.Zone, args.Certificate, args.LogDays, args.Tags = testZone, testCertificate, 7, tags.Set{tags.Team: "platform"}
	args.Audiences["partner"] = gateway.Audience{Auth: gateway.MutualTLS, TrustStore: authority(t, "partners")}
	args.Network = network.Outputs{
		ID: text("network"), PublicSubnets: []network.Subnet{{Zone: network.AllZones, ID: text("public")}},
		PublicRanges: []string{"10.0.0.0/20"}, Details: map[string]pulumi.StringOutput{detailIngressAddress: text("10.0.63.254")},
	}
	if change != nil {
		change(&args)
	}
	var out gateway.Outputs
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := gateway.New(ctx, "gateway", d, args)
		if err == nil {
			out = made.Outputs
		}
		return err
	})
	return resources, out, err
}

func value(t *testing.T, v any) engine.PropertyValue {
	t.Helper()
	return engine.NewPropertyValue(v)
}

func TestEachAudienceHasAHostNameOfItsOwn(t *testing.T) {
	resources, _, err := recordGateway(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	service := resources[serviceType+" gateway-service"]
	host := func(name string, negotiate, first bool) map[string]any {
		return map[string]any{
			"type": "Proxy", "hostName": name, "certificateSource": "KeyVault", "keyVaultId": "https://doors.vault.azure.net/secrets/dev",
			"identityClientId": "client-gateway-identity", "negotiateClientCertificate": negotiate, "defaultSslBinding": first,
		}
	}
	want := value(t, []any{host("mobile.dev.example.com", false, true), host("partner.dev.example.com", true, false)})
	if got := service["hostnameConfigurations"]; !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := service["certificates"].ArrayValue(); len(got) != 1 || got[0].ObjectValue()["storeName"].StringValue() != "Root" {
		t.Errorf("the service trusts %v", got)
	}
	record.Exactly(t, resources, "azure-native:network:RecordSet gateway-partner-record", map[string]any{
		"resourceGroupName": "dns", "zoneName": "example.com", "recordType": "CNAME", "relativeRecordSetName": "partner.dev",
		"ttl": 300.0, "cnameRecord": map[string]any{"cname": "gateway-service.azure-api.net"},
	})
}

func TestTheServiceStandsInTheNetworkAndSpeaksModernTLS(t *testing.T) {
	for _, test := range []struct {
		name      string
		redundant bool
		sku       map[string]any
		zones     any
	}{
		{"one zone", false, map[string]any{"name": "Developer", "capacity": 1.0}, nil},
		{"survives a zone", true, map[string]any{"name": "Premium", "capacity": 2.0}, []any{"1", "2"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			resources, _, err := recordGateway(t, func(a *gateway.Args) { a.ZoneRedundant = test.redundant })
			if err != nil {
				t.Fatal(err)
			}
			service := resources[serviceType+" gateway-service"]
			for name, want := range map[string]any{
				"sku": test.sku, "zones": test.zones, "virtualNetworkType": "External", "publisherEmail": "gateway@dev.example.com",
				"publisherName": "dev-azure", "location": "germanywestcentral", "publicIpAddressId": "id-gateway-address",
				"virtualNetworkConfiguration": map[string]any{"subnetResourceId": "public"},
				"identity":                    map[string]any{"type": "UserAssigned", "userAssignedIdentities": []any{"id-gateway-identity"}},
				"apiVersionConstraint":        map[string]any{"minApiVersion": "2021-08-01"},
			} {
				if got := service[engine.PropertyKey(name)]; !got.DeepEquals(value(t, want)) {
					t.Errorf("%s is %v, want %v", name, got, want)
				}
			}
			if _, named := service["serviceName"]; named {
				t.Error("the service is named, and so would not be rebuilt within two days")
			}
			for name, switched := range service["customProperties"].ObjectValue() {
				want := "False"
				if strings.HasSuffix(string(name), "Http2") {
					want = "True"
				}
				if switched.StringValue() != want {
					t.Errorf("%s is %v, want %s", name, switched, want)
				}
			}
		})
	}
}

func TestARouteIsAnAPIWithoutKeysBehindWhichLiesTheIngress(t *testing.T) {
	resources, _, err := recordGateway(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	for logical, path := range map[string]string{"gateway-route-payments": "payments", "gateway-route-ledger-entries": "ledger/entries"} {
		api := resources[apiType+" "+logical]
		if api["path"].StringValue() != path || api["subscriptionRequired"].BoolValue() || !api["protocols"].DeepEquals(value(t, []any{"https"})) {
			t.Errorf("%s is %v", logical, api)
		}
	}
	backend := resources[backendType+" gateway-backend"]
	if backend["url"].StringValue() != "https://origin.dev.example.com" {
		t.Errorf("behind the doors lies %v", backend["url"])
	}
	record := resources["azure-native:network:PrivateRecordSet gateway-origin-record"]
	if want := value(t, []any{map[string]any{"ipv4Address": "10.0.63.254"}}); !record["aRecords"].DeepEquals(want) {
		t.Errorf("the ingress is at %v, want %v", record["aRecords"], want)
	}
}

func TestFaultsOfTheArgumentsComeBeforeAnythingIsRegistered(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*gateway.Args)
		want   string
	}{
		{"a zone of another subscription", func(a *gateway.Args) {
			a.Zone = strings.Replace(testZone, "11111111", "99999999", 1)
		}, "a zone of the environment's own subscription"},
		{"not a zone", func(a *gateway.Args) { a.Zone = "Z0123" }, "the resource id of a DNS zone is needed"},
		{"not a certificate", func(a *gateway.Args) { a.Certificate = "doors" }, "the resource id of a certificate's secret in a Key Vault is needed"},
		{"a host outside the zone", func(a *gateway.Args) { a.Domain = "dev.example.org" }, "does not lie in zone example.com"},
		{"a network without a place for the ingress", func(a *gateway.Args) { a.Network.Details = nil }, "the network keeps no address for the ingress"},
	} {
		t.Run(test.name, func(t *testing.T) {
			resources, _, err := recordGateway(t, test.change)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want %q", err, test.want)
			}
			for name := range resources {
				if !strings.HasPrefix(name, "platform:") && !strings.HasPrefix(name, "pulumi:") {
					t.Errorf("%s was registered", name)
				}
			}
		})
	}
}

func TestTheIngressHasTheLastAddressThatAzureLeaves(t *testing.T) {
	for block, want := range map[string]string{"10.16.0.0/18": "10.16.63.254", "10.0.128.0/20": "10.0.143.254"} {
		if got := ingressAddress(netip.MustParsePrefix(block)).String(); got != want {
			t.Errorf("of %s it is %s, want %s", block, got, want)
		}
	}
}
