package secret

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:secret:Secret"

// Driver builds a secret on one cloud; every resource is a child of parent.
type Driver interface {
	CreateSecret(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Secret is one secret of one service.
type Secret struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the secret. The value is marked before the driver sees it,
// so that no driver can write it to the state in the clear.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Secret, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	if args.HasValue {
		args.Value = pulumi.ToSecret(args.Value).(pulumi.StringOutput)
	}
	component := &Secret{}
	// The value is left out: policies judge the request, and need not see it.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service":  pulumi.String(args.Service),
		"name":     pulumi.String(args.Name),
		"hasValue": pulumi.Bool(args.HasValue),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	outputs, err := driver.CreateSecret(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"id": outputs.ID, "key": outputs.KeyID}); err != nil {
		return nil, fmt.Errorf("outputs of secret %s: %w", name, err)
	}
	return component, nil
}
