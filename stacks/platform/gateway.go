package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// burstSeconds is how many seconds' worth of requests a caller may send at once.
const burstSeconds = 2

// buildGateway opens a door for each audience, and behind it the routes that the catalogue gives it.
func (e *environment) buildGateway(ctx *pulumi.Context) error {
	s := e.settings
	args := gateway.Args{
		Domain: s.Landing.DNS.Domain, Label: s.Gateway.Label, Zone: s.Landing.DNS.Zone, Certificate: s.Landing.Certificate, LogDays: s.Gateway.LogDays,
		Audiences: map[string]gateway.Audience{}, ZoneRedundant: s.Database.MultiZone,
		Cluster: e.cluster, Network: e.network, Tags: s.Tags("gateway"),
	}
	for name, a := range s.Gateway.Audiences {
		args.Audiences[name] = gateway.Audience{Auth: a.Auth, Issuer: a.Issuer, Audiences: a.Audiences, TrustStore: a.TrustStore}
	}
	for _, name := range s.Catalog.Names() {
		for _, r := range s.Catalog.Services[name].Routes {
			args.Routes = append(args.Routes, gateway.Route{
				Service: name, Path: r.Path, Audiences: r.Audiences, Rate: r.Rate, Burst: burstSeconds * r.Rate,
			})
		}
	}
	made, err := gateway.New(ctx, "gateway", e.driver, args, e.options()...)
	if err != nil {
		return err
	}
	e.gateway = made.Outputs
	return nil
}

func (e *environment) gatewayOutputs() pulumi.StringMap {
	out := pulumi.StringMap{}
	for audience, endpoint := range e.gateway.Endpoints {
		out[audience] = endpoint
	}
	return out
}
