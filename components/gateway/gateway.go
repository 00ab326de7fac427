package gateway

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:gateway:Gateway"

const (
	// IngressPort is the port on every node at which the cluster's ingress takes requests over TLS: one of those that Kubernetes
	// gives to nobody who does not ask for it, as long as there are others
	// (https://kubernetes.io/docs/concepts/services-networking/service/#avoid-nodeport-collisions).
	IngressPort = 30043
	// AudienceHeader tells a service which audience a request came from. The gateway overwrites it,
	// so a caller cannot pretend.
	AudienceHeader = "X-Audience"
	// Origin is the host name, below the domain, of the ingress behind the doors. No audience bears it.
	Origin = "origin"
)

// Driver builds the doors on one cloud; every resource is a child of parent.
type Driver interface {
	GatewayOffer() Offer
	CreateGateway(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error)
}

// Component is the environment's gateway.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and builds the gateway.
func New(
	ctx *pulumi.Context, name string, driver Driver, args Args, opts ...pulumi.ResourceOption,
) (*Component, error) {
	if err := args.Validate(driver.GatewayOffer()); err != nil {
		return nil, fmt.Errorf("gateway %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(Type, name, args.inputs(), component, opts...); err != nil {
		return nil, fmt.Errorf("gateway %s: %w", name, err)
	}
	outputs, err := driver.CreateGateway(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("gateway %s: %w", name, err)
	}
	component.Outputs = outputs
	endpoints, apis := pulumi.StringMap{}, pulumi.StringMap{}
	for audience, endpoint := range outputs.Endpoints {
		endpoints[audience] = endpoint
	}
	for audience, api := range outputs.APIs {
		apis[audience] = api
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"endpoints": endpoints, "apis": apis}); err != nil {
		return nil, fmt.Errorf("outputs of gateway %s: %w", name, err)
	}
	return component, nil
}

// inputs are recorded so that policies judge the neutral request once, on any cloud.
func (a Args) inputs() pulumi.Map {
	audiences := pulumi.Map{}
	for _, name := range slices.Sorted(maps.Keys(a.Audiences)) {
		audience := a.Audiences[name]
		audiences[name] = pulumi.Map{
			"auth":       pulumi.String(audience.Auth),
			"issuer":     pulumi.String(audience.Issuer),
			"audiences":  pulumi.ToStringArray(audience.Audiences),
			"keys":       pulumi.ToStringArray(slices.Sorted(maps.Keys(audience.Keys))),
			"trustStore": pulumi.String(audience.TrustStore),
			"callers":    pulumi.ToStringArray(audience.Callers),
		}
	}
	routes := pulumi.Array{}
	for _, route := range a.Routes {
		routes = append(routes, pulumi.Map{
			"service":   pulumi.String(route.Service),
			"path":      pulumi.String(route.Path),
			"audiences": pulumi.ToStringArray(route.Audiences),
			"rate":      pulumi.Int(route.Rate),
			"burst":     pulumi.Int(route.Burst),
		})
	}
	return pulumi.Map{
		"domain":        pulumi.String(a.Domain),
		"label":         pulumi.String(a.Label),
		"zone":          pulumi.String(a.Zone),
		"certificate":   pulumi.String(a.Certificate),
		"zoneRedundant": pulumi.Bool(a.ZoneRedundant),
		"audiences":     audiences,
		"routes":        routes,
		"logDays":       pulumi.Int(a.LogDays),
	}
}
