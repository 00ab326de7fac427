package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
)

// computed is what Google Cloud makes up for a type, besides what it makes up for all.
var computed = record.Made{
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

// answers are those of the provider's functions.
var answers = record.Made{
	"gcp:logging/getProjectCmekSettings:getProjectCmekSettings": {
		"serviceAccountId": resource.NewProperty("cmek-p123456789012@gcp-sa-logging.iam.gserviceaccount.com"),
	},
	"gcp:storage/getProjectServiceAccount:getProjectServiceAccount": {
		"emailAddress": resource.NewProperty("service-123456789012@gs-project-accounts.iam.gserviceaccount.com"),
	},
}

// identified is what Google Cloud makes up from a resource's own inputs.
func identified(args pulumi.MockResourceArgs) resource.PropertyMap {
	out := resource.PropertyMap{}
	if _, named := args.Inputs["name"]; !named {
		out["name"] = resource.NewProperty(args.Name)
	}
	if args.TypeToken == "gcp:projects/serviceIdentity:ServiceIdentity" {
		service := strings.TrimSuffix(args.Inputs["service"].StringValue(), ".googleapis.com")
		out["email"] = resource.NewProperty("service-123456789012@gcp-sa-" + service + ".iam.gserviceaccount.com")
	}
	return out
}

// recorded are the resources of a build, with a driver of a development environment whose foundation stands. A test
// may have outputs of its own made up.
func recorded(t *testing.T, build func(*pulumi.Context, *Driver) error, own ...record.Option) (record.Resources, error) {
	t.Helper()
	opts := append([]record.Option{record.Each(identified), record.Outputs(computed), record.Answers(answers)}, own...)
	return record.Of(t, "dev-gcp", func(ctx *pulumi.Context) error {
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
	}, opts...)
}
