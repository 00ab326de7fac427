package identity

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The components' identities in state; renaming one needs an alias.
const (
	Type       = "platform:identity:Identity"
	GrantsType = "platform:identity:Grants"
)

// Driver builds identities and grants on one cloud; every resource is a child of parent.
type Driver interface {
	CreateIdentity(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
	CreateGrants(ctx *pulumi.Context, name string, args GrantsArgs, parent pulumi.Resource) error
}

// Identity is who one service is.
type Identity struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds a service's identity. It may do nothing until it has grants.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Identity, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("identity %s: %w", name, err)
	}
	component := &Identity{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service":        pulumi.String(args.Service),
		"namespace":      pulumi.String(args.Namespace),
		"serviceAccount": pulumi.String(args.ServiceAccount),
		"byToken":        pulumi.Bool(args.ByToken),
		"tags":           pulumi.ToStringMap(args.Tags),
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

// Grants is what one service may do.
type Grants struct {
	pulumi.ResourceState
}

// NewGrants validates the arguments and gives a service's identity exactly these grants.
func NewGrants(
	ctx *pulumi.Context, name string, driver Driver, args GrantsArgs, opts ...pulumi.ResourceOption,
) (*Grants, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("grants %s: %w", name, err)
	}
	component := &Grants{}
	actions := pulumi.StringMap{}
	for _, grant := range args.Grants {
		actions[grant.Role] = pulumi.String(grant.Action)
	}
	if err := ctx.RegisterComponentResourceV2(GrantsType, name, pulumi.Map{
		"service": pulumi.String(args.Service), "grants": actions,
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("grants %s: %w", name, err)
	}
	if err := driver.CreateGrants(ctx, name, args, component); err != nil {
		return nil, fmt.Errorf("grants %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of grants %s: %w", name, err)
	}
	return component, nil
}
