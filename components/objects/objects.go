package objects

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/naming"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:objects:Objects"

// Driver builds a bucket on one cloud; every resource is a child of parent.
type Driver interface {
	CreateObjects(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Objects is one bucket.
type Objects struct {
	pulumi.ResourceState

	Outputs Outputs
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Purpose) {
		faults = append(faults, fmt.Errorf("purpose: value %q: %s", a.Purpose, naming.Kebab))
	}
	faults = append(faults, Days.Fault("days", a.Days))
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// New validates the arguments and builds the bucket. Who may read and write there is told by a grant.
func New(ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption) (*Objects, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("objects %s: %w", name, err)
	}
	component := &Objects{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"purpose": pulumi.String(args.Purpose), "days": pulumi.Int(args.Days), "deleteProtection": pulumi.Bool(args.DeleteProtection),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("objects %s: %w", name, err)
	}
	outputs, err := driver.CreateObjects(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("objects %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"name": outputs.Name, "id": outputs.ID, "key": outputs.KeyID,
	}); err != nil {
		return nil, fmt.Errorf("outputs of objects %s: %w", name, err)
	}
	return component, nil
}
