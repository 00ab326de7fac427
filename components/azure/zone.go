package azure

import (
	"encoding/json"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/zone"
)

// DescribeZone says how the zone is written. Who writes is known by the client id of its identity, for which its pods show the token of their account.
func (d *Driver) DescribeZone(args zone.Args) (zone.Outputs, error) {
	at, err := d.zoneOf(args.Zone)
	if err != nil {
		return zone.Outputs{}, err
	}
	client, ok := args.Identity.Details[DetailClientID]
	if !ok {
		return zone.Outputs{}, fmt.Errorf("the identity names no client: was it built by this driver?")
	}
	// The file holds no secret, but the chart has no other place for it
	// (https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/azure/#managed-identity-using-workload-identity).
	file, err := json.Marshal(map[string]any{
		"subscriptionId": at.subscription, "resourceGroup": at.group, "useWorkloadIdentityExtension": true,
	})
	if err != nil {
		return zone.Outputs{}, err
	}
	return zone.Outputs{
		ID: pulumi.String(args.Zone).ToStringOutput(),
		Solver: pulumi.Map{"azureDNS": pulumi.Map{
			"subscriptionID": pulumi.String(at.subscription), "resourceGroupName": pulumi.String(at.group),
			"hostedZoneName": pulumi.String(at.name), "environment": pulumi.String("AzurePublicCloud"),
			"managedIdentity": pulumi.Map{"clientID": client},
		}},
		Publisher: pulumi.Map{
			"provider": pulumi.Map{"name": pulumi.String("azure")},
			// It is compared with the end of the id, of which the service writes some letters small that others write large.
			"extraArgs": pulumi.Map{"zone-id-filter": pulumi.String("/" + at.name)},
			"secretConfiguration": pulumi.Map{
				"enabled": pulumi.Bool(true), "mountPath": pulumi.String("/etc/kubernetes"),
				"data": pulumi.Map{"azure.json": pulumi.String(string(file))},
			},
		},
	}, nil
}

var _ zone.Driver = (*Driver)(nil)
