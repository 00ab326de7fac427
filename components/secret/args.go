package secret

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/network"
	"platform/components/tags"
)

// Args configures one secret of one service.
type Args struct {
	Service  string
	Name     string           // unique within the service
	Identity identity.Outputs // who may read it
	// Value is what the secret holds, if HasValue; it is made secret before it goes anywhere. Without
	// it the container is built empty and stays as an operator fills it.
	Value    pulumi.StringOutput
	HasValue bool
	Network  network.Outputs
	Tags     tags.Set
}

// Outputs is what a service needs of a secret.
type Outputs struct {
	ID    pulumi.StringOutput // what a grant to read names
	KeyID pulumi.StringOutput
	// Store is how the controller of secrets opens the store as the reader, by tokens of the reader's account: the
	// provider of a SecretStore in the account's namespace. Key is what it asks for there.
	Store pulumi.Map
	Key   pulumi.StringOutput
}
