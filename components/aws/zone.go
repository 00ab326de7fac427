package aws

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/zone"
)

// DescribeZone says how the zone is written. Who writes gets its credentials from the agent of pods' identities, and needs no word about them here.
// The zone is named, so that no other is looked for.
func (d *Driver) DescribeZone(args zone.Args) (zone.Outputs, error) {
	return zone.Outputs{
		ID: pulumi.String("arn:" + d.s.Partition + ":route53:::hostedzone/" + args.Zone).ToStringOutput(),
		Solver: pulumi.Map{"route53": pulumi.Map{
			"region": pulumi.String(d.s.Region), "hostedZoneID": pulumi.String(args.Zone),
		}},
		Publisher: pulumi.Map{
			"provider": pulumi.Map{"name": pulumi.String("aws")},
			// The service has no region, but its client wants one
			// (https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/aws/#deploy-externaldns).
			"env":       pulumi.Array{pulumi.Map{"name": pulumi.String("AWS_DEFAULT_REGION"), "value": pulumi.String(d.s.Region)}},
			"extraArgs": pulumi.Map{"aws-zone-type": pulumi.String("public"), "zone-id-filter": pulumi.String(args.Zone)},
		},
	}, nil
}

var _ zone.Driver = (*Driver)(nil)
