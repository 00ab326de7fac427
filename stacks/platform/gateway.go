package platform

import (
	"errors"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/identity"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/priority"
	"platform/components/secret"
)

// burstSeconds is how many seconds' worth of requests a caller may send at once.
const burstSeconds = 2

// buildGateway opens a door for each audience, and behind it the routes that the catalogue gives it.
func (e *environment) buildGateway(ctx *pulumi.Context) error {
	s := e.settings
	args := gateway.Args{
		Domain: s.Landing.DNS.Domain, Label: s.Gateway.Label, Zone: s.Landing.DNS.Zone, LogDays: s.Gateway.LogDays,
		Audiences: map[string]gateway.Audience{}, ZoneRedundant: s.Database.MultiZone,
		Cluster: e.cluster, Network: e.network, Tags: s.Tags("gateway"),
	}
	for name, a := range s.Gateway.Audiences {
		args.Audiences[name] = gateway.Audience{
			Auth: a.Auth, Issuer: a.Issuer, Audiences: a.Audiences, Keys: a.Keys, TrustStore: a.TrustStore, Callers: a.Callers,
		}
	}
	for _, name := range s.Catalog.Names() {
		for _, r := range s.Catalog.Services[name].Routes {
			args.Routes = append(args.Routes, gateway.Route{
				Service: name, Path: r.Path, Audiences: r.Audiences, Rate: r.Rate, Burst: burstSeconds * r.Rate,
			})
		}
	}
	var made *gateway.Component
	var err error
	if s.Gateway.Kind == gateway.Kong {
		made, err = e.buildKong(ctx, args)
	} else {
		args.Certificate = s.Landing.Certificate
		made, err = e.buildManaged(ctx, args)
	}
	if err != nil {
		return err
	}
	e.gateway = made.Outputs
	return nil
}

// buildManaged makes the cloud's own doors, and the ingress of the cluster behind them: a part of the gateway, to which nothing
// else leads.
func (e *environment) buildManaged(ctx *pulumi.Context, doors gateway.Args) (*gateway.Component, error) {
	made, err := gateway.New(ctx, "gateway", e.driver, doors, e.options()...)
	if err != nil {
		return nil, err
	}
	s, in := e.settings, made.Outputs.Entrance
	if in == nil {
		return nil, errors.New("gateway: its doors are outside of the cluster, and say no way into it")
	}
	// A name that only the doors know, an authority signs that only the cluster knows.
	issuer := certificates.Internal
	if in.Published {
		issuer = certificates.Public
	}
	_, err = ingress.New(ctx, "ingress", ingress.Args{
		Doors: doors, Entrance: *in, Replicas: s.Gateway.Replicas, Mesh: s.Mesh.Kind, TrustDomain: e.trustDomain(), Images: s.Images.Registry,
		Inside: e.insideRanges(), Issuer: issuer, Priority: priority.Service, After: e.beforeDoors(),
	}, append(slices.Clone(e.inside), pulumi.Parent(made))...)
	return made, err
}

// beforeDoors is what must be there before pods to which callers come, and go after them.
func (e *environment) beforeDoors() []pulumi.Resource {
	return slices.Concat(e.certificates.Ready, e.classes, e.roomy, e.meshReady(), e.watching(), []pulumi.Resource{e.names.Release})
}

// buildKong makes the doors in the cluster.
func (e *environment) buildKong(ctx *pulumi.Context, doors gateway.Args) (*gateway.Component, error) {
	s := e.settings
	args := kong.Args{
		Doors: doors, Replicas: s.Gateway.Replicas, Sources: s.Gateway.Sources, Inside: e.insideRanges(), Issuer: certificates.Public,
		Annotations: e.driver.Expose(doors.Tags), Priority: priority.Service, Mesh: s.Mesh.Kind, Images: s.Images.Registry,
		After: append(e.beforeDoors(), e.secrets.Release),
	}
	if err := e.buildCallers(ctx, &args); err != nil {
		return nil, err
	}
	made, err := kong.New(ctx, "gateway", args, e.inside...)
	if err != nil {
		return nil, err
	}
	return made, e.watchDoors(ctx, made)
}

// buildCallers makes the containers of callers' keys, which an operator fills, and the identity that may read them.
func (e *environment) buildCallers(ctx *pulumi.Context, args *kong.Args) error {
	var with []string
	for _, name := range slices.Sorted(maps.Keys(args.Doors.Audiences)) {
		if args.Doors.Audiences[name].Auth == gateway.Key {
			with = append(with, name)
		}
	}
	if len(with) == 0 {
		return nil
	}
	owned, rights := args.Doors.Tags, identity.Rights{}
	for _, audience := range with {
		rights[onSecret(audience)] = identity.Read
	}
	who, err := identity.New(ctx, "identity-"+kong.Namespace, e.driver, identity.Args{
		Service: kong.Namespace, Namespace: kong.Namespace, ServiceAccount: kong.Reader, Cluster: e.cluster, ByToken: true,
		Rights: rights, Tags: owned,
	}, e.options()...)
	if err != nil {
		return err
	}
	args.Identity, args.Keys = who.Outputs.Annotations, map[string]bridge.Source{}
	var on []identity.On
	for _, audience := range with {
		made, err := secret.New(ctx, "secret-"+kong.Namespace+"-"+audience, e.driver, secret.Args{
			Service: kong.Namespace, Name: audience, Identity: who.Outputs, Network: e.network, Tags: owned,
		}, e.options()...)
		if err != nil {
			return err
		}
		on = append(on, identity.On{Role: onSecret(audience), Resource: made.Outputs.ID, Key: made.Outputs.KeyID, HasKey: true})
		args.Keys[audience] = bridge.Source{Store: made.Outputs.Store, Key: made.Outputs.Key}
	}
	return who.Give(ctx, on...)
}

func (e *environment) gatewayOutputs() pulumi.StringMap {
	out := pulumi.StringMap{}
	for audience, endpoint := range e.gateway.Endpoints {
		out[audience] = endpoint
	}
	return out
}
