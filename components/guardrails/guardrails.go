package guardrails

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:guardrails:Guardrails"

// Driver sets the guardrails of one cloud; every resource is a child of parent.
type Driver interface {
	CreateGuardrails(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is the guardrails of one environment.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and sets the guardrails.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("guardrails %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"refuse": pulumi.Bool(args.Refuse), "regions": pulumi.ToStringArray(args.Regions),
		"deleteProtection": pulumi.Bool(args.DeleteProtection),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("guardrails %s: %w", name, err)
	}
	outputs, err := driver.CreateGuardrails(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("guardrails %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"clauses": outputs.Clauses}); err != nil {
		return nil, fmt.Errorf("outputs of guardrails %s: %w", name, err)
	}
	return component, nil
}
