package platform

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// trustDomain begins every identity of the environment's mesh.
func (e *environment) trustDomain() string {
	return e.settings.Environment + "." + e.settings.Landing.DNS.Domain
}

// buildMesh builds the mesh that the environment asks for.
func (e *environment) buildMesh(ctx *pulumi.Context) error {
	s := e.settings
	if s.Mesh.Kind == workload.NoMesh {
		return nil
	}
	args := mesh.Args{
		Kind: s.Mesh.Kind, Replicas: s.Mesh.Replicas, TrustDomain: e.trustDomain(), PluginFolder: e.cluster.PluginFolder,
		Issuers: e.certificates.Ready, Around: e.around(nil), After: e.cluster.Nodes, Tags: s.Tags("mesh"),
	}
	if s.Gateway.Kind == gateway.Managed {
		args.Proxies = []string{ingress.Namespace}
		if e.driver.GatewayOffer().Published {
			// Those who sign for the doors are outside.
			args.Ways = map[string]network.Way{"door-keys": network.OverInternet(network.TLSPort)}
		}
	}
	var err error
	e.mesh, err = mesh.New(ctx, "mesh", args, e.inside...)
	return err
}

// meshReady is what carries packets from pod to pod, where anything does.
func (e *environment) meshReady() []pulumi.Resource {
	if e.mesh == nil {
		return nil
	}
	return e.mesh.Ready
}

// admit lets the callers of a service into its pods, which start after that.
func (e *environment) admit(ctx *pulumi.Context, name string) error {
	if e.mesh == nil {
		return nil
	}
	s, built := e.settings, e.services[name]
	made, err := mesh.Admit(ctx, tenancyOf(name), mesh.Callers{
		Namespace: built.place.Outputs.Namespace, CalledBy: s.Catalog.Callers(name), Routed: len(s.Catalog.Services[name].Routes) > 0,
		TrustDomain: e.trustDomain(), Tags: s.ServiceTags(name),
	}, built.place, e.mesh.Ready)
	if err != nil {
		return err
	}
	built.ready = append(append(built.ready, e.mesh.Ready...), made)
	return nil
}
