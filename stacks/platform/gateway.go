package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/identity"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
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
		made, err = gateway.New(ctx, "gateway", e.driver, args, e.options()...)
	}
	if err != nil {
		return err
	}
	e.gateway = made.Outputs
	return nil
}

// buildKong makes the doors in the cluster.
func (e *environment) buildKong(ctx *pulumi.Context, doors gateway.Args) (*gateway.Component, error) {
	s := e.settings
	args := kong.Args{
		Doors: doors, Replicas: s.Gateway.Replicas, Sources: s.Gateway.Sources, Inside: e.insideRanges(), Issuer: certificates.Public,
		Annotations: e.driver.Expose(doors.Tags), Priority: priority.Service, Mesh: s.Mesh.Kind, Images: s.Images.Registry,
		After: slices.Concat(e.certificates.Ready, e.classes, e.roomy, e.meshReady(), []pulumi.Resource{e.names.Release, e.secrets.Release}),
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
