package trail

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The components' identities in state; renaming one needs an alias.
const (
	Type      = "platform:trail:Trail"
	StoreType = "platform:trail:Store"
)

// Driver builds the trail on one cloud; every resource is a child of parent.
type Driver interface {
	TrailOffer() Offer
	// CreateStore builds where the trail is kept. All that it registers stays in the cloud if the store is locked,
	// so no name in it may be one that the next store needs.
	CreateStore(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Store, error)
	// CreateTrail builds what writes into the store, and the threat detection.
	CreateTrail(ctx *pulumi.Context, name string, args Args, store Store, parent pulumi.Resource) (Outputs, error)
}

// Trail is the audit trail of an account.
type Trail struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the trail.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Trail, error) {
	offer := driver.TrailOffer()
	if err := args.Validate(offer); err != nil {
		return nil, fmt.Errorf("trail %s: %w", name, err)
	}
	component, inputs := &Trail{}, pulumi.Map{
		"days": pulumi.Int(args.Days), "lock": pulumi.Bool(args.Lock), "locking": pulumi.String(string(offer.Lock)),
		"detection": pulumi.String(string(offer.Detection)),
	}
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("trail %s: %w", name, err)
	}
	store, err := newStore(ctx, name+"-store", driver, args, component)
	if err != nil {
		return nil, fmt.Errorf("store of trail %s: %w", name, err)
	}
	outputs, err := driver.CreateTrail(ctx, name, args, store, component)
	if err != nil {
		return nil, fmt.Errorf("trail %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"store": outputs.Store, "trail": outputs.Trail, "detection": pulumi.String(string(outputs.Detection)),
	}); err != nil {
		return nil, fmt.Errorf("outputs of trail %s: %w", name, err)
	}
	return component, nil
}

// newStore builds the store below a component of its own, so that what is in it, and nothing else, is kept.
func newStore(ctx *pulumi.Context, name string, driver Driver, args Args, parent pulumi.Resource) (Store, error) {
	component, opts := &pulumi.ResourceState{}, []pulumi.ResourceOption{pulumi.Parent(parent)}
	if args.Lock {
		opts = append(opts, pulumi.Transformations([]pulumi.ResourceTransformation{stays}))
	}
	if err := ctx.RegisterComponentResourceV2(StoreType, name, pulumi.Map{
		"days": pulumi.Int(args.Days), "lock": pulumi.Bool(args.Lock),
	}, component, opts...); err != nil {
		return Store{}, err
	}
	store, err := driver.CreateStore(ctx, name, args, component)
	if err != nil {
		return Store{}, err
	}
	return store, ctx.RegisterResourceOutputs(component, pulumi.Map{"name": store.Name, "id": store.ID, "key": store.Key})
}

// stays lets the engine forget a resource instead of deleting it: a delete of what is locked is refused by the cloud,
// and what it stands on, such as its key, must not go before it.
func stays(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
	if _, ok := args.Resource.(pulumi.CustomResource); !ok {
		return nil
	}
	return &pulumi.ResourceTransformationResult{Props: args.Props, Opts: append(args.Opts, pulumi.RetainOnDelete(true))}
}
