package contract

import (
	"context"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/foundation"
	"platform/components/network"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const (
	azureVault = "azure-native:keyvault:Vault"
	azureKey   = "azure-native:keyvault:Key"
)

// step runs one of the engine's operations.
func step(t *testing.T, run func(context.Context) (rehearsal.Changes, error)) {
	t.Helper()
	if _, err := run(context.Background()); err != nil {
		t.Fatal(err)
	}
}

func TestAnAzureKeyOutlivesItsUserAndGoesWithItsVault(t *testing.T) {
	t.Parallel()
	wanted := true
	e := onAzure(t, func(ctx *pulumi.Context, d *azure.Driver, opts ...pulumi.ResourceOption) error {
		if !wanted {
			return nil
		}
		_, err := network.New(ctx, "network", d, azureNetworkArgs(network.NATNone), opts...)
		return err
	})
	step(t, e.Up)
	wanted = false
	step(t, e.Up)
	now := e.Cloud.Inventory()
	if keys, networks := count(now, azureKey), count(now, "azure-native:network:VirtualNetwork"); keys != 1 || networks != 0 {
		t.Errorf("%d keys and %d networks exist, want the key alone", keys, networks)
	}
	// What comes back gets a key of its own: the old one's name is taken.
	wanted = true
	step(t, e.Up)
	if keys := count(e.Cloud.Inventory(), azureKey); keys != 2 {
		t.Errorf("%d keys exist, want 2", keys)
	}
	step(t, e.Destroy)
	left := e.Cloud.Inventory()
	for _, o := range cloud.Left(left) {
		t.Errorf("left: %s", o)
	}
	if keys := count(left, azureKey); keys != 0 {
		t.Errorf("%d keys exist without their vault", keys)
	}
}

func TestADeletedAzureVaultKeepsItsNameAndTheNextHasAnother(t *testing.T) {
	t.Parallel()
	e := onAzure(t, func(*pulumi.Context, *azure.Driver, ...pulumi.ResourceOption) error { return nil })
	for range 2 {
		step(t, e.Up)
		step(t, e.Destroy)
	}
	names := map[string]bool{}
	for _, o := range e.Cloud.Inventory() {
		if o.Type == azureVault && o.Retained != "" {
			names[o.Str("vaultName")] = true
		}
	}
	if len(names) != 2 {
		t.Errorf("the names %v are kept, want two", names)
	}
}

func TestAProtectedAzureVaultIsDestroyedOnlyAfterItsProtectionIsLowered(t *testing.T) {
	t.Parallel()
	protected := true
	e := start(t, world.Place{Cloud: "azure", Account: subscription, Domain: "example.com"}, func(ctx *pulumi.Context) error {
		d := azure.New(azure.Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: subscription, KeyDeletionDays: 7, Tags: owned})
		provider, err := d.Provider(ctx, "azure")
		if err != nil {
			return err
		}
		_, err = foundation.New(ctx, "foundation", d, foundation.Args{LogDays: 30, DeleteProtection: protected, Tags: owned}, pulumi.Providers(provider))
		return err
	})
	step(t, e.Up)
	if _, err := e.Destroy(context.Background()); err == nil || !strings.Contains(err.Error(), "protected") {
		t.Errorf("destroying a protected vault: %v", err)
	}
	if vaults := count(e.Cloud.Inventory(), azureVault); vaults != 1 {
		t.Errorf("%d vaults exist, want 1", vaults)
	}
	protected = false
	step(t, e.Up)
	step(t, e.Destroy)
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("left: %s", o)
	}
}
