package documents

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/naming"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:documents:Documents"

// The key of every table: a partition, and an order within it. Equal on all clouds, so that a
// service moves without a change.
const (
	PartitionKey = "pk"
	SortKey      = "sk"
)

// Driver builds a table on one cloud; every resource is a child of parent.
type Driver interface {
	CreateDocuments(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Documents is the table of one service.
type Documents struct {
	pulumi.ResourceState

	Outputs Outputs
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	if !naming.IsKebab(a.Service) {
		return fmt.Errorf("service: value %q: %s", a.Service, naming.Kebab)
	}
	return nil
}

// New validates the arguments and builds the table.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Documents, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("documents %s: %w", name, err)
	}
	component := &Documents{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service":          pulumi.String(args.Service),
		"deleteProtection": pulumi.Bool(args.DeleteProtection),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("documents %s: %w", name, err)
	}
	outputs, err := driver.CreateDocuments(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("documents %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"name": outputs.Name, "id": outputs.ID, "key": outputs.KeyID,
	}); err != nil {
		return nil, fmt.Errorf("outputs of documents %s: %w", name, err)
	}
	return component, nil
}
