package gcp

import (
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// recorder keeps what the driver registers; it refuses a second resource of one type and name,
// which the engine would refuse and plain mocks let pass.
type recorder struct {
	t  *testing.T
	mu sync.Mutex
	// by "<type> <name>"
	resources map[string]resource.PropertyMap
}

func (r *recorder) NewResource(args pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := args.TypeToken + " " + args.Name
	if _, taken := r.resources[key]; taken {
		r.t.Errorf("%s is registered twice", key)
	}
	r.resources[key] = args.Inputs
	out := args.Inputs.Copy()
	if _, named := out["name"]; !named {
		out["name"] = resource.NewProperty(args.Name)
	}
	for name, value := range computed[args.TypeToken] {
		out[name] = value
	}
	return "id-" + args.Name, out, nil
}

// computed is what Google Cloud makes up for a type, besides what the recorder makes up for all.
var computed = map[string]resource.PropertyMap{
	"gcp:sql/databaseInstance:DatabaseInstance": {"privateIpAddress": resource.NewProperty("10.1.2.3")},
}

func (r *recorder) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

// record runs the build against the recorder, with a driver of a development environment.
func record(t *testing.T, build func(*pulumi.Context, *Driver) error) (map[string]resource.PropertyMap, error) {
	t.Helper()
	r := &recorder{t: t, resources: map[string]resource.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		return build(ctx, New(Settings{Environment: "dev-gcp", Region: "europe-west3", Project: "platform-dev", KeyDeletionDays: 7}))
	}, pulumi.WithMocks("platform", "dev-gcp", r))
	return r.resources, err
}
