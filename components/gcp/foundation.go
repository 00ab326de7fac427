package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/kms"
	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/projects"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
)

// ground is what all resources of an environment wait for or take their keys and names from.
type ground struct {
	services []pulumi.Resource
	keyRing  pulumi.StringOutput            // its id
	build    pulumi.StringOutput            // random text of this build, which no earlier one had
	agents   map[string]pulumi.StringOutput // members, by the service that they act for
}

// services are those of Google Cloud that an environment uses, in the order of their names. Service Usage
// itself must be on before: without it nothing can switch on the others
// (https://cloud.google.com/service-usage/docs/enable-disable).
var services = []string{
	"apigateway.googleapis.com",
	"apikeys.googleapis.com",
	"certificatemanager.googleapis.com",
	"cloudkms.googleapis.com",
	"cloudresourcemanager.googleapis.com",
	"compute.googleapis.com",
	"container.googleapis.com",
	"dns.googleapis.com",
	"firestore.googleapis.com",
	"iam.googleapis.com",
	"iamcredentials.googleapis.com",
	"logging.googleapis.com",
	"monitoring.googleapis.com",
	"orgpolicy.googleapis.com",
	"pubsub.googleapis.com",
	"secretmanager.googleapis.com",
	"servicecontrol.googleapis.com",
	"servicemanagement.googleapis.com",
	"servicenetworking.googleapis.com",
	"sqladmin.googleapis.com",
	storageService,
}

// CreateFoundation switches on the project's services, makes the ring of all encryption keys and learns
// which accounts Google's services act as.
func (d *Driver) CreateFoundation(
	ctx *pulumi.Context, name string, _ foundation.Args, parent pulumi.Resource,
) (foundation.Outputs, error) {
	for _, service := range services {
		made, err := projects.NewService(ctx, name+"-service-"+service, d.serviceArgs(service), pulumi.Parent(parent))
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
	d.ground.build = ring.Name.ApplyT(lastWord).(pulumi.StringOutput)
	if err := d.learnAgents(ctx, name, parent); err != nil {
		return foundation.Outputs{}, err
	}
	return foundation.Outputs{Ready: d.ground.services}, nil
}

func (d *Driver) serviceArgs(service string) *projects.ServiceArgs {
	return &projects.ServiceArgs{
		Project: pulumi.String(d.s.Project), Service: pulumi.String(service),
		// Other environments and people may use it: it stays on when this environment goes.
		DisableOnDestroy: pulumi.Bool(false),
	}
}

var _ foundation.Driver = (*Driver)(nil)
