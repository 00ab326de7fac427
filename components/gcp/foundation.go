package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/kms"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
)

// ground is what all resources of an environment wait for or take their keys from.
type ground struct {
	services []pulumi.Resource
	keyRing  pulumi.StringOutput // its id
}

// services are those of Google Cloud that an environment uses, in the order of their names.
var services = []string{"cloudkms.googleapis.com"}

// CreateFoundation switches on the project's services and makes the ring of all encryption keys.
func (d *Driver) CreateFoundation(
	ctx *pulumi.Context, name string, args foundation.Args, parent pulumi.Resource,
) (foundation.Outputs, error) {
	for _, service := range services {
		made, err := projects.NewService(ctx, name+"-service-"+service, &projects.ServiceArgs{
			Project: pulumi.String(d.s.Project), Service: pulumi.String(service),
			// Other environments and people may use it: it stays on when this environment goes.
			DisableOnDestroy: pulumi.Bool(false),
		}, pulumi.Parent(parent))
		if err != nil {
			return foundation.Outputs{}, fmt.Errorf("service %s: %w", service, err)
		}
		d.ground.services = append(d.ground.services, made)
	}
	// Without a name the engine appends random text: a key ring can never be deleted, and a rebuilt environment
	// could not have the name again (https://cloud.google.com/kms/docs/resource-hierarchy#lifetime).
	ring, err := kms.NewKeyRing(ctx, d.physical(KindKeyRing), &kms.KeyRingArgs{
		Project: pulumi.String(d.s.Project), Location: pulumi.String(d.s.Region),
	}, d.under(parent))
	if err != nil {
		return foundation.Outputs{}, fmt.Errorf("key ring: %w", err)
	}
	d.ground.keyRing = ring.ID().ToStringOutput()
	return foundation.Outputs{Ready: d.ground.services}, nil
}

var _ foundation.Driver = (*Driver)(nil)
