package contract

import (
	"errors"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/workload"
	"platform/components/network"
)

// buildIngress makes the cloud's own doors and what they lead to in the cluster, by the way that the cloud's driver answers.
func (b *builder) buildIngress() (pulumi.Map, error) {
	inside, serving, after, err := b.beforeDoors()
	if err != nil {
		return nil, err
	}
	asked := mesh.Args{
		Kind: workload.Istio, Replicas: 1, TrustDomain: "contract." + domain, PluginFolder: b.cluster.PluginFolder,
		Issuers: serving.signs.Ready, Around: b.around(), Proxies: []string{ingress.Namespace}, After: b.cluster.Nodes, Tags: owned,
	}
	if b.d.GatewayOffer().Published {
		asked.Ways = map[string]network.Way{"door-keys": network.OverInternet(network.TLSPort)}
	}
	carries, err := mesh.New(b.ctx, "mesh", asked, inside)
	if err != nil {
		return nil, err
	}
	args := gateway.Args{
		Domain: domain, Zone: b.dnsZone, LogDays: 30, Certificate: b.certificate, Cluster: *b.cluster, Network: *b.network, Tags: owned,
		Audiences: map[string]gateway.Audience{
			"mobile": {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}},
			"staff":  {Auth: gateway.JWT, Issuer: "https://staff.example.com/", Audiences: []string{"admin"}},
		},
		Routes: []gateway.Route{
			{Service: "orders", Path: "/orders", Audiences: []string{"mobile", "staff"}, Rate: 100, Burst: 200},
			{Service: "orders", Path: "/orders/refunds", Audiences: []string{"staff"}, Rate: 5, Burst: 10},
		},
	}
	doors, err := gateway.New(b.ctx, "gateway", b.d, args, b.opts...)
	if err != nil {
		return nil, err
	}
	in := doors.Outputs.Entrance
	if in == nil {
		return nil, errors.New("the doors say no way into the cluster")
	}
	issuer := certificates.Internal
	if in.Published {
		issuer = certificates.Public
	}
	_, err = ingress.New(b.ctx, "ingress", ingress.Args{
		Doors: args, Entrance: *in, Replicas: 2, Mesh: workload.Istio, TrustDomain: "contract." + domain, Issuer: issuer, Priority: priority.Service,
		After: append(after, carries.Ready...),
	}, inside, pulumi.Parent(doors))
	return pulumi.Map{"mobile": doors.Outputs.Endpoints["mobile"], "staff": doors.Outputs.Endpoints["staff"]}, err
}
