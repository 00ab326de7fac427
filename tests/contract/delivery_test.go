package contract

import (
	"slices"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/tenancy"
	"platform/components/network"
	"platform/components/secret"
	"platform/components/tags"
	"platform/stacks/catalog"
)

// company is of the one service that is delivered: its team's repository is there to be read.
var company = catalog.Catalog{
	Teams:    map[string]catalog.Team{"orders": {Repository: "https://git.example.com/orders/deploy.git"}},
	Services: map[string]catalog.Service{"orders": {Team: "orders", Secrets: []string{"api-key"}}},
}

// buildDelivery tells a service what was made for it, and delivers it from Git.
func (b *builder) buildDelivery() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	provider, err := kubernetes.NewProvider(b.ctx, "kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: b.cluster.Kubeconfig, DeleteUnreachable: pulumi.Bool(true),
	}, pulumi.DependsOn(b.cluster.Nodes))
	if err != nil {
		return nil, err
	}
	inside := pulumi.Providers(provider)
	controller, err := secrets.New(b.ctx, "secrets", secrets.Args{
		Replicas: 1, Around: b.around(network.EndpointSecrets), After: b.cluster.Nodes, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	after := []pulumi.Resource{controller.Release}
	orders, key, err := b.secretOf("orders", "orders", "orders", "api-key")
	if err != nil {
		return nil, err
	}
	place, err := tenancy.New(b.ctx, "tenancy", tenancy.Args{
		Service: "orders", Pods: 3, MilliCPU: 100, MemoryMiB: 128, Annotations: orders.Annotations, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	classes, err := priority.New(b.ctx, "priority", priority.Args{Tags: owned}, inside)
	if err != nil {
		return nil, err
	}
	roomy, err := b.nodes(inside)
	if err != nil {
		return nil, err
	}
	told, err := bridge.Tell(b.ctx, "tenancy", bridge.Args{
		Service: "orders", Namespace: place.Outputs.Namespace, Values: map[string]pulumi.StringInput{"IDENTITY": orders.Principal},
		Secrets: map[string]bridge.Source{"api-key": key["api-key"]}, After: after, Tags: owned,
	}, place)
	if err != nil {
		return nil, err
	}
	who, own, err := b.secretOf("delivery", delivery.Namespace, delivery.Account, "git", "sso")
	if err != nil {
		return nil, err
	}
	_, err = delivery.New(b.ctx, "delivery", delivery.Args{
		Environment: "contract", Folder: "contract", Host: "delivery.example.com", Replicas: 2, SelfHeal: true,
		SSO:   delivery.SSO{Issuer: "https://login.example.com/", ClientID: "delivery", Scopes: []string{"openid"}, Secret: own["sso"]},
		Git:   delivery.Git{URL: "https://git.example.com/", Username: "platform", Secret: own["git"]},
		Teams: map[string]delivery.Team{"orders": {Groups: []string{"orders"}, Repository: company.Teams["orders"].Repository}},
		Services: map[string]delivery.Service{
			"orders": {Team: "orders", Namespace: place.Outputs.Namespace, Ready: slices.Concat(place.Outputs.Ready, classes.Ready, roomy, told)},
		},
		Annotations: who.Annotations, Around: b.around(), Nodes: b.cluster.Nodes, After: after, Tags: owned,
	}, inside)
	return pulumi.Map{"namespace": place.Outputs.Namespace}, err
}

// secretOf makes an identity that may read some secrets by a token of its account, and says where they are.
func (b *builder) secretOf(service, namespace, account string, names ...string) (identity.Outputs, map[string]bridge.Source, error) {
	t, rights := owned.With(tags.Service, service), identity.Rights{}
	for _, name := range names {
		rights["secret-"+name] = identity.Read
	}
	who, err := identity.New(b.ctx, "identity-"+service, b.d, identity.Args{
		Service: service, Namespace: namespace, ServiceAccount: account, Cluster: *b.cluster, ByToken: true, Rights: rights, Tags: t,
	}, b.opts...)
	if err != nil {
		return identity.Outputs{}, nil, err
	}
	sources, on := map[string]bridge.Source{}, []identity.On{}
	for _, name := range names {
		made, err := secret.New(b.ctx, "secret-"+service+"-"+name, b.d, secret.Args{
			Service: service, Name: name, Identity: who.Outputs, Network: *b.network, Tags: t,
		}, b.opts...)
		if err != nil {
			return identity.Outputs{}, nil, err
		}
		sources[name] = bridge.Source{Store: made.Outputs.Store, Key: made.Outputs.Key}
		on = append(on, identity.On{Role: "secret-" + name, Resource: made.Outputs.ID, Key: made.Outputs.KeyID, HasKey: true})
	}
	return who.Outputs, sources, who.Give(b.ctx, on...)
}
