package cluster

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:cluster:Cluster"

// Driver builds a cluster on one cloud; every resource is a child of parent.
type Driver interface {
	ClusterOffer() Offer
	CreateCluster(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is one environment's cluster.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the cluster.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(driver.ClusterOffer()); err != nil {
		return nil, fmt.Errorf("cluster %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	pools := pulumi.Map{}
	for _, pool := range slices.Sorted(maps.Keys(args.Pools)) {
		p := args.Pools[pool]
		pools[pool] = pulumi.Map{
			"size": pulumi.String(p.Size), "capacity": pulumi.String(p.Capacity), "min": pulumi.Int(p.Min),
			"max": pulumi.Int(p.Max), "system": pulumi.Bool(p.System), "diskGiB": pulumi.Int(p.DiskGiB),
		}
	}
	inputs := pulumi.Map{
		"version":          pulumi.String(args.Version),
		"publicAccess":     pulumi.ToStringArray(args.PublicAccess),
		"logDays":          pulumi.Int(args.LogDays),
		"admins":           pulumi.ToStringArray(args.Admins),
		"viewers":          pulumi.ToStringArray(args.Viewers),
		"teams":            pulumi.ToStringMap(args.Teams),
		"deleteProtection": pulumi.Bool(args.DeleteProtection),
		"pools":            pools,
	}
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("cluster %s: %w", name, err)
	}
	outputs, err := driver.CreateCluster(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("cluster %s: %w", name, err)
	}
	outputs.Kubeconfig = pulumi.ToSecret(outputs.Kubeconfig).(pulumi.StringOutput)
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"name": outputs.Name, "endpoint": outputs.Endpoint, "kubeconfig": outputs.Kubeconfig,
		"workloadIssuer": outputs.WorkloadIssuer,
	}); err != nil {
		return nil, fmt.Errorf("outputs of cluster %s: %w", name, err)
	}
	return component, nil
}
