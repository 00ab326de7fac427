package kong

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
)

// New validates the arguments and makes the environment's gateway of doors in the cluster.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*gateway.Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("gateway %s: %w", name, err)
	}
	return gateway.New(ctx, name, driver{args}, args.Doors, opts...)
}

// driver builds what the contract of gateways asks for.
type driver struct{ args Args }

func (driver) GatewayOffer() gateway.Offer { return Offer() }

// CreateGateway makes the namespace, closed but for what each door needs, and the doors in it.
func (d driver) CreateGateway(ctx *pulumi.Context, name string, _ gateway.Args, parent pulumi.Resource) (gateway.Outputs, error) {
	a, none := d.args, gateway.Outputs{}
	space, err := system.NewNamespace(ctx, name+"-namespace", system.Args{
		Name: Namespace, Level: tenancy.LevelRestricted, Labels: workload.MeshLabels(a.Mesh), Tags: a.Doors.Tags,
	}, pulumi.Parent(parent), pulumi.DependsOn(a.After))
	if err != nil {
		return none, err
	}
	namespace := space.Metadata.Name().Elem()
	closed, err := flows.Deny(ctx, name, namespace, a.Doors.Tags, parent)
	if err != nil {
		return none, err
	}
	made := place{args: a, namespace: namespace, parent: parent, ready: []pulumi.Resource{closed}}
	if err := made.accounts(ctx, name); err != nil {
		return none, err
	}
	out := gateway.Outputs{Endpoints: map[string]pulumi.StringOutput{}}
	for _, audience := range slices.Sorted(maps.Keys(a.Doors.Audiences)) {
		if out.Endpoints[audience], err = made.door(ctx, name+"-"+audience, audience); err != nil {
			return none, fmt.Errorf("audience %s: %w", audience, err)
		}
	}
	return out, nil
}

// place is where the doors are made.
type place struct {
	args      Args
	namespace pulumi.StringOutput
	parent    pulumi.Resource
	ready     []pulumi.Resource // what must stand before a door's first pod does
}

// accounts makes that of the pods, which is nobody, and where keys are fetched that of who may.
func (p *place) accounts(ctx *pulumi.Context, name string) error {
	wanted := map[string]pulumi.StringMap{account: nil}
	if len(p.args.Keys) > 0 {
		wanted[Reader] = p.args.Identity
	}
	for _, each := range slices.Sorted(maps.Keys(wanted)) {
		metadata := p.metadata(each)
		if len(wanted[each]) > 0 {
			metadata.Annotations = wanted[each]
		}
		made, err := corev1.NewServiceAccount(ctx, name+"-account-"+each, &corev1.ServiceAccountArgs{
			Metadata: metadata, AutomountServiceAccountToken: pulumi.Bool(false),
		}, pulumi.Parent(p.parent))
		if err != nil {
			return fmt.Errorf("account %s: %w", each, err)
		}
		p.ready = append(p.ready, made)
	}
	return nil
}

func (p *place) metadata(name string) metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{Name: pulumi.String(name), Namespace: p.namespace, Labels: pulumi.ToStringMap(p.args.Doors.Tags)}
}

var _ gateway.Driver = driver{}
