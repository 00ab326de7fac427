package foundation

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/limit"
	"platform/components/tags"
)

// Args configures an environment's foundation.
type Args struct {
	LogDays          int  // the longest retention that any log of the environment asks for
	DeleteProtection bool // of what cannot be had again once it is gone, such as a vault of keys
	Tags             tags.Set
}

// Outputs is what all that is built later waits for; none where the cloud needs no foundation.
type Outputs struct {
	Ready []pulumi.Resource
}

// Offer is what a cloud allows for a whole environment.
type Offer struct {
	KeyDeletionDays limit.Range // how long a deleted key can be rescued
}
