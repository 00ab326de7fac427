package network

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:network:Network"

// Driver builds the network on one cloud; every resource is a child of parent.
type Driver interface {
	NetworkOffer() Offer
	CreateNetwork(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is the network of one environment.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the network.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(driver.NetworkOffer()); err != nil {
		return nil, fmt.Errorf("network %s: %w", name, err)
	}
	endpoints := make([]string, 0, len(args.Endpoints))
	for _, endpoint := range args.Endpoints {
		endpoints = append(endpoints, string(endpoint))
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	inputs := pulumi.Map{
		"cidr":        pulumi.String(args.CIDR.String()),
		"zones":       pulumi.ToStringArray(args.Zones),
		"nat":         pulumi.String(args.NAT),
		"endpoints":   pulumi.ToStringArray(endpoints),
		"flowLogDays": pulumi.Int(args.FlowLogDays),
	}
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("network %s: %w", name, err)
	}
	outputs, err := driver.CreateNetwork(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("network %s: %w", name, err)
	}
	for _, endpoint := range Endpoints {
		if slices.Contains(args.Endpoints, endpoint) {
			outputs.Endpoints = append(outputs.Endpoints, endpoint)
		}
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"id":             outputs.ID,
		"publicSubnets":  ids(outputs.PublicSubnets),
		"privateSubnets": ids(outputs.PrivateSubnets),
		"dataSubnets":    ids(outputs.DataSubnets),
	}); err != nil {
		return nil, fmt.Errorf("outputs of network %s: %w", name, err)
	}
	return component, nil
}

// ids are the subnets' ids by zone.
func ids(subnets []Subnet) pulumi.StringMap {
	out := pulumi.StringMap{}
	for _, subnet := range subnets {
		out[subnet.Zone] = subnet.ID
	}
	return out
}
