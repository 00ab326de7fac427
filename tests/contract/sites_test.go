package contract

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
	"platform/stacks/catalog"
	"platform/stacks/config"
	"platform/stacks/platform"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

// site is where contracts are proven on one cloud, and how that cloud writes what the arguments name.
type site struct {
	cloud, account, region, dnsZone string
	certificate                     string // of the doors, where the cloud issues none
	zones                           []string
	admin, viewer                   string
	team                            string // the people of the team orders
}

// domain is that of the doors.
const domain = "example.com"

var sites = []site{
	{
		cloud: "aws", account: "111122223333", region: "eu-central-1", dnsZone: "Z0123456789CONTRACT0",
		zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
		admin: "arn:aws:iam::111122223333:role/pipeline", viewer: "arn:aws:iam::111122223333:role/engineers", team: "team-orders",
	},
	{
		cloud: "azure", account: "11111111-2222-4333-8444-555555555555", region: "germanywestcentral",
		dnsZone:     "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com",
		certificate: "/subscriptions/11111111-2222-4333-8444-555555555555/resourceGroups/dns/providers/Microsoft.KeyVault/vaults/certificates/secrets/doors",
		zones:       []string{"1", "2", "3"},
		admin:       "0a0a0a0a-0000-4000-8000-000000000001", viewer: "0a0a0a0a-0000-4000-8000-000000000002",
		team: "0a0a0a0a-0000-4000-8000-000000000003",
	},
	{
		cloud: "gcp", account: "platform-contract", region: "europe-west3", dnsZone: "example-com",
		zones: []string{"europe-west3-a", "europe-west3-b", "europe-west3-c"},
		admin: "group:pipeline@example.com", viewer: "group:engineers@example.com", team: "team-orders@example.com",
	},
}

// program builds with a cloud's driver, on its foundation.
type program func(ctx *pulumi.Context, d platform.Driver, opts ...pulumi.ResourceOption) error

// open makes an environment of a program in a world with nothing in it but a DNS zone.
func (s site) open(t *testing.T, build program) *rehearsal.Environment {
	t.Helper()
	return start(t, world.Place{Cloud: s.cloud, Account: s.account, Zone: s.dnsZone, Domain: domain, Certificate: s.certificate, Catalog: company, Folder: "contract"},
		func(ctx *pulumi.Context) error { return s.run(ctx, build) })
}

// run is the program of an environment: driver, provider, foundation, and then what is built.
func (s site) run(ctx *pulumi.Context, build program) error {
	d, err := platform.DriverOf(config.Settings{
		Environment: "dev", Cloud: s.cloud, Region: s.region, Landing: catalog.LandingZone{Account: s.account}, CostCentre: "1000", Keys: config.Keys{DeletionDays: 7},
	})
	if err != nil {
		return err
	}
	provider, err := d.Provider(ctx, s.cloud)
	if err != nil {
		return err
	}
	opts := pulumi.Providers(provider)
	if _, err := foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 30, Tags: owned}, opts); err != nil {
		return err
	}
	return build(ctx, d, opts)
}
