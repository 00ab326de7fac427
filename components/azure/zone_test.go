package azure

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/zone"
)

func TestWhoWritesRecordsDoesSoInTheZoneAloneAndLooksAtItsGroup(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		for name, action := range map[string]identity.Action{"proves": identity.ProveNames, "manages": identity.ManageRecords} {
			if err := d.CreateGrants(ctx, name, identity.GrantsArgs{
				Service: name, Identity: identity.Outputs{Principal: text("principal")},
				Grants: []identity.Grant{{Action: action, On: identity.On{Role: "zone", Resource: text(testZone)}}},
			}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	group, _, _ := strings.Cut(testZone, "/providers/")
	for name, want := range map[string][2]string{
		"proves-zone": {builtin.DNSContributor, testZone}, "manages-zone": {builtin.DNSContributor, testZone},
		"manages-zone-look": {builtin.Reader, group},
	} {
		got := resources["azure-native:authorization:RoleAssignment "+name]
		role := got["roleDefinitionId"].StringValue()
		if found := [2]string{role[strings.LastIndex(role, "/")+1:], got["scope"].StringValue()}; found != want {
			t.Errorf("%s: got %v, want %v", name, found, want)
		}
	}
	if n := record.Count(resources, "azure-native:authorization:RoleAssignment"); n != 3 {
		t.Errorf("%d roles are assigned, want 3", n)
	}
}

func TestAZoneIsFoundInItsGroup(t *testing.T) {
	who := identity.Outputs{Details: map[string]pulumi.StringOutput{DetailClientID: text("client")}}
	at, err := newDriver().DescribeZone(zone.Args{Domain: "example.com", Zone: testZone, Identity: who})
	if err != nil {
		t.Fatal(err)
	}
	const subscription = "11111111-2222-3333-4444-555555555555"
	record.SameInputs(t, at.Solver, object{"azureDNS": object{
		"subscriptionID": subscription, "resourceGroupName": "dns", "hostedZoneName": "example.com", "environment": "AzurePublicCloud",
		"managedIdentity": object{"clientID": "client"},
	}})
	record.SameInputs(t, at.Publisher, object{
		"provider": object{"name": "azure"}, "extraArgs": object{"zone-id-filter": "/example.com"},
		"secretConfiguration": object{"enabled": true, "mountPath": "/etc/kubernetes", "data": object{
			"azure.json": `{"resourceGroup":"dns","subscriptionId":"` + subscription + `","useWorkloadIdentityExtension":true}`,
		}},
	})
	if _, err := newDriver().DescribeZone(zone.Args{Zone: testZone}); err == nil || !strings.Contains(err.Error(), "names no client") {
		t.Errorf("error is %v", err)
	}
	if _, err := newDriver().DescribeZone(zone.Args{Zone: "example.com", Identity: who}); err == nil || !strings.Contains(err.Error(), "resource id of a DNS zone") {
		t.Errorf("error is %v", err)
	}
}
