package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
	"platform/components/tags"
)

func TestTableIsEncryptedRestorableAndProtectedAsAsked(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := documents.New(ctx, "reports", d, documents.Args{
			Service: "reports", DeleteProtection: true, Tags: tags.Set{tags.Service: "reports"},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	attribute := func(name string) resource.PropertyValue {
		return resource.NewProperty(resource.PropertyMap{"name": resource.NewProperty(name), "type": resource.NewProperty("S")})
	}
	want := resource.PropertyMap{
		"name":        resource.NewProperty("dev-aws-reports"),
		"billingMode": resource.NewProperty("PAY_PER_REQUEST"),
		"hashKey":     resource.NewProperty("pk"),
		"rangeKey":    resource.NewProperty("sk"),
		"attributes":  resource.NewProperty([]resource.PropertyValue{attribute("pk"), attribute("sk")}),
		"serverSideEncryption": resource.NewProperty(resource.PropertyMap{
			"enabled": resource.NewProperty(true), "kmsKeyArn": resource.NewProperty("arn:reports-documents-key"),
		}),
		"pointInTimeRecovery":       resource.NewProperty(resource.PropertyMap{"enabled": resource.NewProperty(true)}),
		"deletionProtectionEnabled": resource.NewProperty(true),
		"tags": resource.NewProperty(resource.PropertyMap{
			"Name": resource.NewProperty("dev-aws-reports"), "service": resource.NewProperty("reports"),
		}),
	}
	if got := resources["aws:dynamodb/table:Table reports-table"]; !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestATableOfNoServiceIsRefused(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := documents.New(ctx, "reports", d, documents.Args{Service: "Re ports"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `service: value "Re ports": lower-case words`) {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}
