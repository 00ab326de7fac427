package aws

import (
	"encoding/json"
	"reflect"
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
	out["arn"] = resource.NewProperty("arn:" + args.Name)
	out["url"] = resource.NewProperty("https://" + args.Name)
	out["keyId"] = resource.NewProperty("id-" + args.Name)
	return "id-" + args.Name, out, nil
}

func (r *recorder) Call(pulumi.MockCallArgs) (resource.PropertyMap, error) {
	return resource.PropertyMap{}, nil
}

// record runs the build against the recorder, with a driver of a development environment.
func record(t *testing.T, build func(*pulumi.Context, *Driver) error) (map[string]resource.PropertyMap, error) {
	t.Helper()
	r := &recorder{t: t, resources: map[string]resource.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		return build(ctx, New(Settings{Environment: "dev-aws", Region: "eu-central-1", Account: "111122223333"}))
	}, pulumi.WithMocks("platform", "dev-aws", r))
	return r.resources, err
}

func document(t *testing.T, text string) any {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed
}

// sameDocument compares two JSON texts by what they say.
func sameDocument(t *testing.T, got, want string) {
	t.Helper()
	if !reflect.DeepEqual(document(t, got), document(t, want)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func propertyKey(name string) resource.PropertyKey { return resource.PropertyKey(name) }
