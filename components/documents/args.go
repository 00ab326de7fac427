package documents

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/network"
	"platform/components/tags"
)

// Args configures the document table of one service.
type Args struct {
	Service          string
	DeleteProtection bool
	Network          network.Outputs
	Tags             tags.Set
}

// Outputs is what a service needs of its table.
type Outputs struct {
	Name  pulumi.StringOutput
	ID    pulumi.StringOutput
	KeyID pulumi.StringOutput
}
