package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/gateway"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
	"platform/stacks/config"
)

// driver is everything that a cloud must be able to build.
type driver interface {
	alarms.Driver
	cluster.Driver
	database.Driver
	documents.Driver
	gateway.Driver
	identity.Driver
	network.Driver
	queue.Driver
	secret.Driver

	Provider(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (pulumi.ProviderResource, error)
}

// driverOf is the driver of an environment's cloud. The files clouds_<cloud>.go are the only ones
// that name a cloud; each is left out by the build tags of the others.
func driverOf(s config.Settings) (driver, error) {
	switch s.Cloud {
	case "aws":
		return awsDriver(s)
	}
	return nil, fmt.Errorf("cloud: value %q: this program has no driver for it", s.Cloud)
}
