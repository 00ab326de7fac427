package foundation

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:foundation:Foundation"

// Driver builds the foundation on one cloud; every resource is a child of parent. A driver remembers what
// it made here, since all its other capabilities lie in it: so this comes first, and once.
type Driver interface {
	FoundationOffer() Offer
	CreateFoundation(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is one environment's foundation.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	if a.LogDays < 1 {
		return fmt.Errorf("logDays: value %d: at least 1 is allowed", a.LogDays)
	}
	return nil
}

// New validates the arguments and builds the foundation.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("foundation %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"logDays": pulumi.Int(args.LogDays), "deleteProtection": pulumi.Bool(args.DeleteProtection),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("foundation %s: %w", name, err)
	}
	outputs, err := driver.CreateFoundation(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("foundation %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of foundation %s: %w", name, err)
	}
	return component, nil
}
