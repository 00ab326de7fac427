package contract

import (
	"bytes"
	"context"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/foundation"
	"platform/components/gcp"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const (
	subscription = "11111111-2222-3333-4444-555555555555"
	// azureCertificate is of the doors, and there before.
	azureCertificate = "/subscriptions/" + subscription + "/resourceGroups/dns/providers/Microsoft.KeyVault/vaults/certificates/secrets/doors"
	project          = "platform-contract"

	// planted is the value that tests give to secrets: whatever they build, it must be nowhere in plain text.
	planted = "open-sesame-1f6b"
)

// start makes an environment in a world with nothing in it.
func start(t *testing.T, p world.Place, program pulumi.RunFunc) *rehearsal.Environment {
	t.Helper()
	ctx := context.Background()
	in, err := world.Of(p)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e, err := rehearsal.Open(ctx, rehearsal.Options{
		Project: "platform", Stack: "dev-" + p.Cloud, Packages: in.Packages, Dir: t.TempDir(), Out: &out,
		Seed: in.Seed, Program: program,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		written, err := e.Written()
		if err != nil {
			t.Error(err)
		}
		written["the output"] = out.Bytes()
		for place, content := range written {
			if found := rehearsal.PlainSecrets(content, planted); len(found) > 0 {
				t.Errorf("%s holds the planted secret as %v", place, found)
			}
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Log(out.String())
		}
	})
	return e
}

// onAzure makes an environment in which build runs with the Azure driver, on its foundation.
func onAzure(t *testing.T, build func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error) *rehearsal.Environment {
	t.Helper()
	zone := "/subscriptions/" + subscription + "/resourceGroups/dns/providers/Microsoft.Network/dnsZones/example.com"
	return start(t, world.Place{
		Cloud: "azure", Account: subscription, Zone: zone, Domain: "example.com", Certificate: azureCertificate,
	}, func(ctx *pulumi.Context) error {
		d := azure.New(azure.Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: subscription, KeyDeletionDays: 7, Tags: owned})
		provider, err := d.Provider(ctx, "azure")
		if err != nil {
			return err
		}
		opts := pulumi.Providers(provider)
		if _, err := foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 30, Tags: owned}, opts); err != nil {
			return err
		}
		return build(ctx, d, opts)
	})
}

// onGCP makes an environment in which build runs with the Google Cloud driver, on its foundation.
func onGCP(t *testing.T, build func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error) *rehearsal.Environment {
	t.Helper()
	return start(t, world.Place{Cloud: "gcp", Account: project, Zone: "example-com", Domain: "example.com"}, func(ctx *pulumi.Context) error {
		d := gcp.New(gcp.Settings{Environment: "dev-gcp", Region: "europe-west3", Project: project, KeyDeletionDays: 7, Tags: owned})
		provider, err := d.Provider(ctx, "gcp")
		if err != nil {
			return err
		}
		opts := pulumi.Providers(provider)
		if _, err := foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 30, Tags: owned}, opts); err != nil {
			return err
		}
		return build(ctx, d, opts)
	})
}
