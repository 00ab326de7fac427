package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/identity"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/secret"
	"platform/stacks/catalog"
)

// common is what every service is told: where it runs, who it is, and where those answer whom it calls.
func (e *environment) common(service string) map[string]pulumi.StringInput {
	s := e.settings
	out := map[string]pulumi.StringInput{
		"CLOUD": pulumi.String(s.Cloud), "REGION": pulumi.String(s.Region), "ENVIRONMENT": pulumi.String(s.Environment),
	}
	for _, called := range s.Catalog.Services[service].Calls {
		out[bridge.Key("service", called, "url")] = pulumi.String(fmt.Sprintf("http://%s.%s.svc:%d", called, called, workload.Port))
	}
	return out
}

// tell adds to what a service is told; the words make the key.
func (e *environment) tell(service string, value pulumi.StringInput, words ...string) {
	e.services[service].told[bridge.Key(words...)] = value
}

// buildBridges tells each service what was made for it.
func (e *environment) buildBridges(ctx *pulumi.Context) error {
	for _, name := range e.settings.Catalog.Names() {
		built := e.services[name]
		e.tell(name, built.identity.Outputs.Principal, "identity")
		ready, err := bridge.Tell(ctx, tenancyOf(name), bridge.Args{
			Service: name, Namespace: built.place.Outputs.Namespace, Values: built.told, Secrets: built.secrets, Telemetry: e.telemetry, After: []pulumi.Resource{e.secrets.Release},
			Tags: e.settings.ServiceTags(name),
		}, built.place)
		if err != nil {
			return err
		}
		built.ready = append(built.ready, ready...)
	}
	return nil
}

// buildDelivery brings the services from Git: last of what they need, and first to go.
func (e *environment) buildDelivery(ctx *pulumi.Context) error {
	s := e.settings
	owned := s.Tags("delivery")
	args := delivery.Args{
		Environment: s.Environment, Folder: s.Delivery.Folder, Replicas: s.Delivery.Replicas, SelfHeal: s.Delivery.SelfHeal,
		Host:  gateway.Args{Domain: s.Landing.DNS.Domain, Label: s.Gateway.Label}.Host("delivery"),
		SSO:   delivery.SSO{Issuer: s.Delivery.SSO.Issuer, ClientID: s.Delivery.SSO.ClientID, Scopes: s.Delivery.SSO.Scopes},
		Git:   delivery.Git{URL: s.Delivery.Git.URL, Username: s.Delivery.Git.Username},
		Teams: map[string]delivery.Team{}, Services: map[string]delivery.Service{},
		Around: e.around(map[string]network.Way{"git": network.OverInternet(network.TLSPort), "sso": network.OverInternet(network.TLSPort)}),
		Nodes:  e.cluster.Nodes, After: []pulumi.Resource{e.secrets.Release}, Watching: e.watching(), Tags: owned,
	}
	groups := s.Catalog.Groups(s.Cloud)
	args.Operators = some(groups[catalog.Owner])
	for _, name := range s.Catalog.Names() {
		team, built := s.Catalog.Services[name].Team, e.services[name]
		args.Teams[team] = delivery.Team{Groups: some(groups[team]), Repository: s.Catalog.Teams[team].Repository}
		args.Services[name] = delivery.Service{Team: team, Namespace: built.place.Outputs.Namespace, Ready: built.ready}
	}
	sources, who, err := e.partSecrets(ctx, "delivery", delivery.Namespace, delivery.Account, "git", "sso")
	if err != nil {
		return err
	}
	args.SSO.Secret, args.Git.Secret, args.Annotations = sources["sso"], sources["git"], who.Annotations
	_, err = delivery.New(ctx, "delivery", args, e.inside...)
	return err
}

// partSecrets makes the containers of what a part of the platform's own must know, which an operator fills, and the identity that
// may read them.
func (e *environment) partSecrets(
	ctx *pulumi.Context, part, namespace, account string, names ...string,
) (map[string]bridge.Source, identity.Outputs, error) {
	owned, rights := e.settings.Tags(part), identity.Rights{}
	for _, name := range names {
		rights[onSecret(name)] = identity.Read
	}
	who, err := identity.New(ctx, "identity-"+part, e.driver, identity.Args{
		Service: part, Namespace: namespace, ServiceAccount: account, Cluster: e.cluster, ByToken: true, Rights: rights, Tags: owned,
	}, e.options()...)
	if err != nil {
		return nil, identity.Outputs{}, err
	}
	sources, on := map[string]bridge.Source{}, []identity.On{}
	for _, name := range names {
		made, err := secret.New(ctx, "secret-"+part+"-"+name, e.driver, secret.Args{
			Service: part, Name: name, Identity: who.Outputs, Network: e.network, Tags: owned,
		}, e.options()...)
		if err != nil {
			return nil, identity.Outputs{}, err
		}
		on = append(on, identity.On{Role: onSecret(name), Resource: made.Outputs.ID, Key: made.Outputs.KeyID, HasKey: true})
		sources[name] = bridge.Source{Store: made.Outputs.Store, Key: made.Outputs.Key}
	}
	return sources, who.Outputs, who.Give(ctx, on...)
}
