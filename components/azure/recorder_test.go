package azure

import (
	"sync"
	"testing"

	engine "github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recorder keeps what the driver registers; it refuses a second resource of one type and name,
// which the engine would refuse and plain mocks let pass.
type recorder struct {
	t  *testing.T
	mu sync.Mutex
	// by "<type> <name>"
	resources map[string]engine.PropertyMap
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, engine.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := args.TypeToken + " " + args.Name
	if _, taken := r.resources[key]; taken {
		r.t.Errorf("%s is registered twice", key)
	}
	r.resources[key] = args.Inputs
	out := args.Inputs.Copy()
	out["name"] = engine.NewProperty(args.Name)
	out["principalId"] = engine.NewProperty("principal-" + args.Name)
	out["clientId"] = engine.NewProperty("client-" + args.Name)
	for name, value := range computed[args.TypeToken] {
		out[name] = value
	}
	return "id-" + args.Name, out, nil
}

// computed is what Azure makes up for a type, besides what the recorder makes up for all.
var computed = map[string]engine.PropertyMap{
	"azure-native:keyvault:Key": {
		"keyUri":            engine.NewProperty("https://vault.example/keys/key"),
		"keyUriWithVersion": engine.NewProperty("https://vault.example/keys/key/1"),
	},
	"azure-native:keyvault:Vault": {
		"properties": engine.NewProperty(engine.PropertyMap{"vaultUri": engine.NewProperty("https://vault.example/")}),
	},
	"azure-native:operationalinsights:Workspace": {"customerId": engine.NewProperty("workspace-guid")},
}

func (r *recorder) Call(pulumi.MockCallArgs) (engine.PropertyMap, error) {
	return engine.PropertyMap{"tenantId": engine.NewProperty("tenant")}, nil
}

const testSubscription = "11111111-2222-3333-4444-555555555555"

// newDriver makes a driver of a development environment, on a foundation.
func newDriver() *Driver {
	text := func(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }
	d := New(Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: testSubscription, KeyDeletionDays: 7})
	d.ground = ground{
		tenant: text("tenant"), group: text("group"), groupID: text("group-id"), workspace: text("workspace"),
		workspaceGUID: text("workspace-guid"), keyVault: text("vault"), keyVaultID: text("vault-id"), keyVaultURI: text("https://vault.example/"),
	}
	return d
}

// record runs the build against the recorder, with a driver of a development environment.
func record(t *testing.T, build func(*pulumi.Context, *Driver) error) (map[string]engine.PropertyMap, error) {
	t.Helper()
	r := &recorder{t: t, resources: map[string]engine.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error { return build(ctx, newDriver()) },
		pulumi.WithMocks("platform", "dev-azure", r))
	return r.resources, err
}
