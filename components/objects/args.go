package objects

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/network"
	"platform/components/tags"
)

// Args configures a bucket.
type Args struct {
	Purpose string // what is in it
	// Days are those after which an object goes that its user has not deleted.
	Days int
	// DeleteProtection keeps a bucket that is not empty.
	DeleteProtection bool
	Network          network.Outputs
	Tags             tags.Set
}

// Days are what every cloud's lifecycle can count, and ten years are what the longest-keeping law asks for.
var Days = limit.Range{Least: 1, Most: 3653}

// Outputs is what the user of a bucket needs.
type Outputs struct {
	Name  pulumi.StringOutput
	ID    pulumi.StringOutput
	KeyID pulumi.StringOutput
	// Kind is what programs call the cloud's store. None of them holds a key: who they are, their pods' identity says.
	Kind string
	// Logs and Traces are the settings of the clients of this kind in what keeps logs, below `loki.storage` of its chart,
	// and in what keeps traces, below `tempo.storage.trace`.
	Logs, Traces pulumi.Map
	// Ready must be there before anything is written.
	Ready []pulumi.Resource
}
