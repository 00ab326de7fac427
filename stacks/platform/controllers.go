package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/secrets"
	"platform/components/network"
	"platform/components/zone"
)

// zoneRole is the role of the zone of names.
const zoneRole = "zone"

// writer is a controller that writes into the environment's zone of names.
type writer struct {
	identity identity.Outputs
	zone     zone.Outputs
	// ready is what lets it write.
	ready []pulumi.Resource
}

// buildControllers builds what serves all services in the cluster, and what defines the objects that others ask of it.
// Whatever has a certificate, a name or a secret comes after it and goes before it.
func (e *environment) buildControllers(ctx *pulumi.Context) error {
	s := e.settings
	store, err := secrets.New(ctx, "secrets", secrets.Args{
		Replicas: s.Secrets.Replicas, Tags: s.Tags("secrets"),
		// It reads as the service whose secret it is, for the token of whose account it gets one of the cloud's.
		Around: e.around(map[string]network.Way{"store": e.network.Ways[network.EndpointSecrets], "identity": e.cluster.Exchange}),
	}, e.inside...)
	if err != nil {
		return err
	}
	e.secrets = store
	authorities := certificates.Args{
		Replicas: s.Certificates.Replicas, Around: e.around(nil), Tags: s.Tags("certificates"),
	}
	if asked := s.Certificates.ACME; asked != nil {
		proves, err := e.writer(ctx, certificates.Namespace, certificates.Account, "certificates", identity.ProveNames)
		if err != nil {
			return err
		}
		authorities.Around = e.around(map[string]network.Way{
			"authority": network.OverInternet(network.TLSPort), "zone": e.network.Others, "identity": e.cluster.Identity,
		})
		authorities.Public = &certificates.Authority{
			Server: asked.Server, Email: asked.Email, Domain: s.Landing.DNS.Domain, Solver: proves.zone.Solver,
			Annotations: proves.identity.Annotations, Labels: proves.identity.PodLabels, Ready: proves.ready,
		}
	}
	if e.certificates, err = certificates.New(ctx, "certificates", authorities, e.inside...); err != nil {
		return err
	}
	publishes, err := e.writer(ctx, dns.Namespace, dns.Account, "dns", identity.ManageRecords)
	if err != nil {
		return err
	}
	e.names, err = dns.New(ctx, "dns", dns.Args{
		Domain: s.Landing.DNS.Domain, Owner: s.Environment, Publisher: publishes.zone.Publisher,
		Annotations: publishes.identity.Annotations, Labels: publishes.identity.PodLabels,
		Around: e.around(map[string]network.Way{"zone": e.network.Others, "identity": e.cluster.Identity}),
		After:  publishes.ready, Tags: s.Tags("dns"),
	}, e.inside...)
	return err
}

// writer gives a controller an identity that may do one thing in the zone. Its name is that of its namespace, which is no
// service's.
func (e *environment) writer(ctx *pulumi.Context, namespace, account, component string, action identity.Action) (writer, error) {
	s := e.settings
	who, err := identity.New(ctx, "identity-"+namespace, e.driver, identity.Args{
		Service: namespace, Namespace: namespace, ServiceAccount: account, Cluster: e.cluster, Rights: identity.Rights{zoneRole: action},
		Tags: s.Tags(component),
	}, e.options()...)
	if err != nil {
		return writer{}, err
	}
	where, err := e.driver.DescribeZone(zone.Args{Domain: s.Landing.DNS.Domain, Zone: s.Landing.DNS.Zone, Identity: who.Outputs})
	if err != nil {
		return writer{}, fmt.Errorf("zone of %s: %w", namespace, err)
	}
	if err := who.Give(ctx, identity.On{Role: zoneRole, Resource: where.ID}); err != nil {
		return writer{}, err
	}
	return writer{identity: who.Outputs, zone: where, ready: []pulumi.Resource{who}}, nil
}
