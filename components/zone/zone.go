package zone

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
)

// Args names the zone and who writes into it.
type Args struct {
	Domain   string // the zone's own name
	Zone     string // as the cloud calls it
	Identity identity.Outputs
}

// Outputs is what controllers and grants need to know of the zone.
type Outputs struct {
	ID pulumi.StringOutput // what a grant names
	// Solver is how a certificate's issuer writes the record that proves a name
	// (https://cert-manager.io/docs/configuration/acme/dns01/#supported-dns01-providers).
	Solver pulumi.Map
	// Publisher are the values of the chart that publishes names by which it finds the zone and proves who it is
	// (https://kubernetes-sigs.github.io/external-dns/latest/charts/external-dns/).
	Publisher pulumi.Map
}

// Driver describes a zone of one cloud.
type Driver interface {
	DescribeZone(args Args) (Outputs, error)
}
