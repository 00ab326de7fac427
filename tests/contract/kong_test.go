package contract

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/workload"
)

// issuersKey is of a pair whose other half nobody kept.
const issuersKey = `-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE8XDLY2S30AlCp5WmQBtOVhS+YP10
inh/8LHCj4TNM8n7BEqdyvpuREVpllLFUmjzHTx5ctfQnBrnlG98CThfcg==
-----END PUBLIC KEY-----
`

// beforeDoors makes what must be there before pods to which callers come, and goes after them.
func (b *builder) beforeDoors() (inside pulumi.ResourceOption, serving controllers, after []pulumi.Resource, err error) {
	if err = b.needCluster(); err != nil {
		return
	}
	if inside, err = b.inside(); err != nil {
		return
	}
	if serving, err = b.controllers(inside); err != nil {
		return
	}
	classes, err := priority.New(b.ctx, "priority", priority.Args{Tags: owned}, inside)
	if err != nil {
		return
	}
	nodes, err := b.nodes(inside)
	return inside, serving, slices.Concat(serving.signs.Ready, classes.Ready, nodes, []pulumi.Resource{serving.names.Release}), err
}

// buildKong makes a door in the cluster for each way to prove who calls.
func (b *builder) buildKong() (pulumi.Map, error) {
	b.doors = true
	inside, serving, after, err := b.beforeDoors()
	if err != nil {
		return nil, err
	}
	reads, keys, err := b.secretOf(kong.Namespace, kong.Namespace, kong.Reader, "shops")
	if err != nil {
		return nil, err
	}
	store, err := authorityPEM()
	if err != nil {
		return nil, err
	}
	made, err := kong.New(b.ctx, "gateway", kong.Args{
		Mesh: workload.NoMesh,
		Doors: gateway.Args{
			Domain: domain, Zone: b.dnsZone, Tags: owned,
			Audiences: map[string]gateway.Audience{
				"mobile":  {Auth: gateway.JWT, Issuer: "https://login.example.com/", Audiences: []string{"app"}, Keys: map[string]string{"2026-11": issuersKey}},
				"partner": {Auth: gateway.MutualTLS, TrustStore: store},
				"shops":   {Auth: gateway.Key, Callers: []string{"acme", "globex"}},
			},
			Routes: []gateway.Route{
				{Service: "payments", Path: "/payments", Audiences: []string{"mobile", "partner"}, Rate: 200, Burst: 400},
				{Service: "orders", Path: "/orders", Audiences: []string{"shops", "mobile"}, Rate: 5, Burst: 10},
			},
		},
		Replicas: 2, Issuer: certificates.Public, Annotations: b.d.Expose(owned), Keys: map[string]bridge.Source{"shops": keys["shops"]},
		Identity: reads.Annotations, Priority: priority.Service,
		After: append(after, serving.secrets.Release),
	}, inside)
	if err != nil {
		return nil, err
	}
	return pulumi.Map{"mobile": made.Outputs.Endpoints["mobile"], "partner": made.Outputs.Endpoints["partner"], "shops": made.Outputs.Endpoints["shops"]}, nil
}
