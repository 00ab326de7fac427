package aws

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/zone"
)

func TestWhoProvesNamesMayWriteTextRecordsOfTheZoneAlone(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		at, err := d.DescribeZone(zone.Args{Domain: "example.com", Zone: "Z1"})
		if err != nil {
			return err
		}
		for name, action := range map[string]identity.Action{"proves": identity.ProveNames, "manages": identity.ManageRecords} {
			if err := d.CreateGrants(ctx, name, identity.GrantsArgs{
				Service: name, Identity: identity.Outputs{Name: text("role")}, Grants: []identity.Grant{{Action: action, On: identity.On{Role: "zone", Resource: at.ID}}},
			}, nil); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	const zone = `"arn:aws:route53:::hostedzone/Z1"`
	for name, want := range map[string]string{
		"proves": `{"Sid":"Zone","Effect":"Allow","Action":["route53:ChangeResourceRecordSets","route53:ListResourceRecordSets"],"Resource":[` + zone + `],
			"Condition":{"ForAllValues:StringEquals":{"route53:ChangeResourceRecordSetsRecordTypes":["TXT"]}}},
			{"Sid":"ZoneAbout","Effect":"Allow","Action":["route53:GetChange"],"Resource":["arn:aws:route53:::change/*"]}`,
		"manages": `{"Sid":"Zone","Effect":"Allow","Action":["route53:ChangeResourceRecordSets","route53:ListResourceRecordSets","route53:ListTagsForResources"],
			"Resource":[` + zone + `]},
			{"Sid":"ZoneAbout","Effect":"Allow","Action":["route53:ListHostedZones"],"Resource":["*"]}`,
	} {
		got := resources["aws:iam/rolePolicy:RolePolicy "+name+"-policy"]["policy"].StringValue()
		record.SameDocument(t, got, `{"Version":"2012-10-17","Statement":[`+want+`]}`)
	}
}

func TestAZoneIsFoundByItsID(t *testing.T) {
	at, err := New(Settings{Environment: "dev", Region: "eu-central-1", Account: "111122223333"}).DescribeZone(zone.Args{Domain: "example.com", Zone: "Z1"})
	if err != nil {
		t.Fatal(err)
	}
	record.SameInputs(t, at.Solver, map[string]any{"route53": map[string]any{"region": "eu-central-1", "hostedZoneID": "Z1"}})
	record.SameInputs(t, at.Publisher, map[string]any{
		"provider":  map[string]any{"name": "aws"},
		"env":       []any{map[string]any{"name": "AWS_DEFAULT_REGION", "value": "eu-central-1"}},
		"extraArgs": map[string]any{"aws-zone-type": "public", "zone-id-filter": "Z1"},
	})
}
