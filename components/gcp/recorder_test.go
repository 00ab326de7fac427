package gcp

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
	if _, named := out["name"]; !named {
		out["name"] = resource.NewProperty(args.Name)
	}
	for name, value := range computed[args.TypeToken] {
		out[name] = value
	}
	if args.TypeToken == "gcp:projects/serviceIdentity:ServiceIdentity" {
		service := strings.TrimSuffix(args.Inputs["service"].StringValue(), ".googleapis.com")
		out["email"] = resource.NewProperty("service-123456789012@gcp-sa-" + service + ".iam.gserviceaccount.com")
	}
	return "id-" + args.Name, out, nil
}

// computed is what Google Cloud makes up for a type, besides what the recorder makes up for all.
var computed = map[string]resource.PropertyMap{
	"gcp:apigateway/api:Api": {"managedService": resource.NewProperty("doors.cloud.goog")},
	"gcp:certificatemanager/dnsAuthorization:DnsAuthorization": {
		"dnsResourceRecords": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"name": resource.NewProperty("_acme-challenge.host."), "type": resource.NewProperty("CNAME"), "data": resource.NewProperty("proof."),
		})}),
	},
	"gcp:compute/globalAddress:GlobalAddress":   {"address": resource.NewProperty("34.1.2.3")},
	"gcp:projects/apiKey:ApiKey":                {"keyString": resource.MakeSecret(resource.NewProperty("opensesame"))},
	"gcp:serviceaccount/account:Account":        {"email": resource.NewProperty("door@platform-dev.iam.gserviceaccount.com")},
	"gcp:sql/databaseInstance:DatabaseInstance": {"privateIpAddress": resource.NewProperty("10.1.2.3")},
}

// Call answers what the driver asks of the provider.
func (r *recorder) Call(args pulumi.MockCallArgs) (resource.PropertyMap, error) {
	out := args.Args.Copy()
	if args.Token == "gcp:logging/getProjectCmekSettings:getProjectCmekSettings" {
		out["serviceAccountId"] = resource.NewProperty("cmek-p123456789012@gcp-sa-logging.iam.gserviceaccount.com")
	}
	return out, nil
}

// record runs the build against the recorder, with a driver of a development environment whose foundation stands.
func record(t *testing.T, build func(*pulumi.Context, *Driver) error) (map[string]resource.PropertyMap, error) {
	t.Helper()
	r := &recorder{t: t, resources: map[string]resource.PropertyMap{}}
	err := pulumi.RunErr(func(ctx *pulumi.Context) error {
		d := New(Settings{Environment: "dev-gcp", Region: "europe-west3", Project: "platform-dev", KeyDeletionDays: 7})
		d.ground = ground{
			keyRing: pulumi.String("ring").ToStringOutput(), build: pulumi.String("0123abc").ToStringOutput(),
			agents: map[string]pulumi.StringOutput{},
		}
		for _, service := range services {
			account := "agent-of-" + strings.TrimSuffix(service, ".googleapis.com")
			d.ground.agents[service] = pulumi.String("serviceAccount:" + account + "@example.iam.gserviceaccount.com").ToStringOutput()
		}
		return build(ctx, d)
	}, pulumi.WithMocks("platform", "dev-gcp", r))
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
