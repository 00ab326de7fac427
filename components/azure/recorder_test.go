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
	return "id-" + args.Name, out, nil
}

func (r *recorder) Call(pulumi.MockCallArgs) (engine.PropertyMap, error) {
	return engine.PropertyMap{}, nil
}

// record runs the build against the recorder, with a driver of a development environment.
func record(t *testing.T, build func(*pulumi.Context, *Driver) error) (map[string]engine.PropertyMap, error) {
	t.Helper()
	r := &recorder{t: t, resources: map[string]engine.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		d := New(Settings{Environment: "dev-azure", Region: "germanywestcentral", Subscription: "11111111-2222-3333-4444-555555555555"})
		d.ground = ground{
			group: pulumi.String("group").ToStringOutput(), workspace: pulumi.String("workspace").ToStringOutput(),
		}
		return build(ctx, d)
	}, pulumi.WithMocks("platform", "dev-azure", r))
	return r.resources, err
}
