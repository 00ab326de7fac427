package gcp

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/zone"
)

func TestWhoWritesRecordsDoesSoInTheZoneAloneAndLooksAtTheProject(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		at, err := d.DescribeZone(zone.Args{Domain: "example.com", Zone: "dev-zone"})
		if err != nil {
			return err
		}
		for name, action := range map[string]identity.Action{"proves": identity.ProveNames, "manages": identity.ManageRecords} {
			if err := d.CreateGrants(ctx, name, identity.GrantsArgs{
				Service: name, Identity: identity.Outputs{Principal: fixed("serviceAccount:" + name)},
				Grants: []identity.Grant{{Action: action, On: identity.On{Role: "zone", Resource: at.ID}}},
			}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for key, want := range map[string]string{
		"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember proves-zone":  `"managedZone": "dev-zone", "role": "roles/dns.admin", "member": "serviceAccount:proves"`,
		"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember manages-zone": `"managedZone": "dev-zone", "role": "roles/dns.admin", "member": "serviceAccount:manages"`,
		"gcp:projects/iAMMember:IAMMember manages-zone-look":                   `"role": "roles/dns.reader", "member": "serviceAccount:manages"`,
	} {
		record.SameDocument(t, given(t, resources, key), `{"project": "platform-dev", `+want+`}`)
	}
	if n := record.Count(resources, "gcp:projects/iAMMember:IAMMember"); n != 1 {
		t.Errorf("%d grants on the project, want the one to look", n)
	}
}

func TestAZoneIsFoundByItsName(t *testing.T) {
	at, err := New(Settings{Environment: "dev-gcp", Project: "platform-dev"}).DescribeZone(zone.Args{Domain: "example.com", Zone: "dev-zone"})
	if err != nil {
		t.Fatal(err)
	}
	record.SameInputs(t, at.Solver, map[string]any{"cloudDNS": map[string]any{"project": "platform-dev", "hostedZoneName": "dev-zone"}})
	record.SameInputs(t, at.Publisher, map[string]any{
		"provider":  map[string]any{"name": "google"},
		"extraArgs": map[string]any{"google-project": "platform-dev", "google-zone-visibility": "public", "zone-id-filter": "dev-zone"},
	})
}
