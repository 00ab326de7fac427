package aws

import (
	"encoding/json"
	"reflect"
	"strings"
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
	for name, value := range computed[args.TypeToken] {
		out[name] = value
	}
	return "id-" + args.Name, out, nil
}

// computed is what AWS makes up for a type, besides what the recorder makes up for all.
var computed = map[string]resource.PropertyMap{
	"aws:rds/instance:Instance": {
		"address":    resource.NewProperty("server.example"),
		"resourceId": resource.NewProperty("db-1"),
		"masterUserSecrets": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"secretArn": resource.NewProperty("arn:secret"),
		})}),
	},
	"aws:rds/proxy:Proxy": {
		"arn":      resource.NewProperty("arn:aws:rds:eu-central-1:111122223333:db-proxy:prx-1"),
		"endpoint": resource.NewProperty("proxy.example"),
	},
	"aws:eks/cluster:Cluster": made(map[string]any{
		"endpoint":             "https://cluster.example",
		"certificateAuthority": map[string]any{"data": "authority"},
		"vpcConfig":            map[string]any{"clusterSecurityGroupId": "sg-cluster"},
		"identities":           []any{map[string]any{"oidcs": []any{map[string]any{"issuer": "https://issuer.example"}}}},
	}),
	"aws:eks/nodeGroup:NodeGroup": made(map[string]any{
		"resources": []any{map[string]any{"autoscalingGroups": []any{map[string]any{"name": "group"}}}},
	}),
	"aws:ec2/launchTemplate:LaunchTemplate":                   made(map[string]any{"latestVersion": 3}),
	"aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup": {"name": resource.NewProperty("default")},
}

func made(values map[string]any) resource.PropertyMap { return resource.NewPropertyMapFromMap(values) }

// exactly wants one of the recorded resources to have these inputs and no others.
func exactly(t *testing.T, recorded map[string]resource.PropertyMap, key string, want map[string]any) {
	t.Helper()
	got, ok := recorded[key]
	if !ok {
		t.Errorf("%s is not registered", key)
		return
	}
	if !got.DeepEquals(made(want)) {
		t.Errorf("%s\ngot  %v\nwant %v", key, got.Mappable(), made(want).Mappable())
	}
}

// count counts the recorded resources of a type.
func count(recorded map[string]resource.PropertyMap, typ string) int {
	n := 0
	for key := range recorded {
		if strings.HasPrefix(key, typ+" ") {
			n++
		}
	}
	return n
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
