package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/foundation"
	"platform/components/gateway"
	"platform/components/guardrails"
	"platform/components/identity"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/kong"
	"platform/components/network"
	"platform/components/objects"
	"platform/components/parity"
	"platform/components/queue"
	"platform/components/secret"
	"platform/components/trail"
	"platform/components/zone"
	"platform/stacks/config"
)

// Driver is everything that a cloud must be able to build.
type Driver interface {
	alarms.Driver
	cluster.Driver
	database.Driver
	documents.Driver
	foundation.Driver
	gateway.Driver
	gateway.Exposer
	guardrails.Driver
	identity.Driver
	network.Driver
	objects.Driver
	queue.Driver
	secret.Driver
	trail.Driver
	zone.Driver

	// Parity says how far the cloud gives what the platform promises.
	Parity() []parity.Row
	Provider(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.ProviderResource, error)
}

// DriverOf is the driver of an environment's cloud. The files clouds_<cloud>.go are the only ones
// that name a cloud; each is left out by the build tags of the others.
func DriverOf(s config.Settings) (Driver, error) {
	switch s.Cloud {
	case "aws":
		return awsDriver(s)
	case "azure":
		return azureDriver(s)
	case "gcp":
		return gcpDriver(s)
	}
	return nil, fmt.Errorf("this program has no driver for %q", s.Cloud)
}

// Offers tells what the driver of a cloud can build, by which settings are judged.
func Offers(cloud string) (config.Offers, error) {
	d, err := DriverOf(config.Settings{Cloud: cloud})
	if err != nil {
		return config.Offers{}, err
	}
	// Whatever the doors are made of, the ingress behind those outside of the cluster is the same.
	managed := d.GatewayOffer()
	managed.Replicas = ingress.Replicas
	return config.Offers{
		Foundation: d.FoundationOffer(), Network: d.NetworkOffer(), Cluster: d.ClusterOffer(),
		Database: d.DatabaseOffer(), Queue: d.QueueOffer(), Trail: d.TrailOffer(),
		Gateways: map[gateway.Kind]gateway.Offer{gateway.Managed: managed, gateway.Kong: kong.Offer()},
	}, nil
}
