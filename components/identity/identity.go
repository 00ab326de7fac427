package identity

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:identity:Identity"

// Driver builds identities and grants on one cloud; every resource is a child of parent.
type Driver interface {
	CreateIdentity(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
	CreateGrants(ctx *pulumi.Context, name string, args GrantsArgs, parent pulumi.Resource) error
}

// Identity is who one service is, and what it may do.
type Identity struct {
	pulumi.ResourceState

	Outputs Outputs

	name   string
	driver Driver
	args   Args
}

// New validates the arguments and builds a service's identity. It may do nothing until what it has a right to is given.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Identity, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	component := &Identity{name: name, driver: driver, args: args}
	rights := pulumi.StringMap{}
	for role, action := range args.Rights {
		rights[role] = pulumi.String(action)
	}
	// Recorded so that the audit knows what each grant is for, before what it is on is known.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service":        pulumi.String(args.Service),
		"namespace":      pulumi.String(args.Namespace),
		"serviceAccount": pulumi.String(args.ServiceAccount),
		"byToken":        pulumi.Bool(args.ByToken),
		"rights":         rights,
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	outputs, err := driver.CreateIdentity(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	outputs.ServiceAccount = args.ServiceAccount
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"principal": outputs.Principal, "name": outputs.Name,
	}); err != nil {
		return nil, fmt.Errorf("outputs of identity %s: %w", name, err)
	}
	return component, nil
}

// Give says what each right is on, once that is there. Every right is given, and nothing else is.
func (i *Identity) Give(ctx *pulumi.Context, on ...On) error {
	grants, err := i.args.grants(on)
	if err != nil {
		return fmt.Errorf("grants of %s: %w", i.name, err)
	}
	if err := i.driver.CreateGrants(ctx, i.name, GrantsArgs{
		Service: i.args.Service, Identity: i.Outputs, Grants: grants, Tags: i.args.Tags,
	}, i); err != nil {
		return fmt.Errorf("grants of %s: %w", i.name, err)
	}
	return nil
}
