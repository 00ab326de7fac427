package azure

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/objects"
	"platform/components/tags"
)

var objectTags = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "telemetry", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

// Pods come in by the private endpoint, or from the machines' subnet; nobody else does, and nobody with a key.
func TestAnAccountOfObjectsLetsInTheClusterAlone(t *testing.T) {
	subnet := pulumi.String("subnet").ToStringOutput()
	for _, endpoint := range []bool{true, false} {
		n := network.Outputs{
			PrivateSubnets: []network.Subnet{{Zone: network.AllZones, ID: subnet}},
			Details:        map[string]pulumi.StringOutput{"endpoints-subnet": subnet, "zone-storage": subnet},
		}
		if endpoint {
			n.Endpoints = []network.Endpoint{network.EndpointStorage}
		}
		got, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
			_, err := objects.New(ctx, "objects-logs", d, objects.Args{Purpose: "logs", Days: 37, DeleteProtection: endpoint, Network: n, Tags: objectTags})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		account := got["azure-native:storage:StorageAccount objects-logs-account"].Mappable()
		rules := map[string]any{"bypass": "None", "defaultAction": "Deny"}
		var access any = "Disabled"
		if !endpoint {
			access = nil
			rules["virtualNetworkRules"] = []any{map[string]any{"virtualNetworkResourceId": "subnet", "action": "Allow"}}
		}
		record.Same(t, map[string]any{"rules": account["networkRuleSet"], "access": account["publicNetworkAccess"]}, map[string]any{"rules": rules, "access": access})
		if account["allowSharedKeyAccess"] != false || account["allowBlobPublicAccess"] != false {
			t.Errorf("it takes keys, or can be made public: %v", account)
		}
		for typ, want := range map[string]bool{"azure-native:network:PrivateEndpoint": endpoint, "azure-native:authorization:ManagementLockByScope": endpoint} {
			if there := record.Count(got, typ) == 1; there != want {
				t.Errorf("%s is there: %v, want %v", typ, there, want)
			}
		}
	}
}
