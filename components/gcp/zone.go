package gcp

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/zone"
)

// DescribeZone says how the zone is written. Who writes gets its tokens from GKE's own metadata server, and needs no word about them here. The zone is
// named, so that no other is looked for (https://cert-manager.io/docs/configuration/acme/dns01/google/#create-an-issuer-that-uses-clouddns).
func (d *Driver) DescribeZone(args zone.Args) (zone.Outputs, error) {
	return zone.Outputs{
		ID: pulumi.String(args.Zone).ToStringOutput(),
		Solver: pulumi.Map{"cloudDNS": pulumi.Map{
			"project": pulumi.String(d.s.Project), "hostedZoneName": pulumi.String(args.Zone),
		}},
		Publisher: pulumi.Map{
			"provider": pulumi.Map{"name": pulumi.String("google")},
			"extraArgs": pulumi.Map{
				"google-project": pulumi.String(d.s.Project), "google-zone-visibility": pulumi.String("public"),
				"zone-id-filter": pulumi.String(args.Zone),
			},
		},
	}, nil
}

var _ zone.Driver = (*Driver)(nil)
