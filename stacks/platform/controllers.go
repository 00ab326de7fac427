package platform

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/secrets"
	"platform/components/zone"
)

// zoneRole is what the grants on the zone of names are called.
const zoneRole = "zone"

// writer is a controller that writes into the environment's zone of names.
type writer struct {
	identity identity.Outputs
	zone     zone.Outputs
	// ready is what lets it write.
	ready []pulumi.Resource
}

// buildControllers builds what serves all services in the cluster, and what defines the objects that others ask of it.
// Whatever has a certificate, a name or a secret comes after it and goes before it. After is what makes room for pods.
func (e *environment) buildControllers(ctx *pulumi.Context, after []pulumi.Resource) error {
	s := e.settings
	store, err := secrets.New(ctx, "secrets", secrets.Args{
		Replicas: s.Secrets.Replicas, After: after, Tags: s.Tags("secrets"),
	}, e.inside...)
	if err != nil {
		return err
	}
	e.secrets = store
	authorities := certificates.Args{Replicas: s.Certificates.Replicas, After: after, Tags: s.Tags("certificates")}
	if asked := s.Certificates.ACME; asked != nil {
		proves, err := e.writer(ctx, certificates.Namespace, certificates.Account, "certificates", identity.ProveNames)
		if err != nil {
			return err
		}
		authorities.Public = &certificates.Authority{
			Server: asked.Server, Email: asked.Email, Domain: s.Landing.DNS.Domain, Solver: proves.zone.Solver,
			Annotations: proves.identity.Annotations, Labels: proves.identity.PodLabels, Ready: proves.ready,
		}
	}
	if e.signs, err = certificates.New(ctx, "certificates", authorities, e.inside...); err != nil {
		return err
	}
	publishes, err := e.writer(ctx, dns.Namespace, dns.Account, "dns", identity.ManageRecords)
	if err != nil {
		return err
	}
	e.names, err = dns.New(ctx, "dns", dns.Args{
		Domain: s.Landing.DNS.Domain, Owner: s.Environment, Publisher: publishes.zone.Publisher,
		Annotations: publishes.identity.Annotations, Labels: publishes.identity.PodLabels,
		After: append(publishes.ready, after...), Tags: s.Tags("dns"),
	}, e.inside...)
	return err
}

// writer gives a controller an identity that may do one thing in the zone. Its name is that of its namespace, which is no
// service's.
func (e *environment) writer(ctx *pulumi.Context, namespace, account, component string, action identity.Action) (writer, error) {
	s := e.settings
	who, err := identity.New(ctx, "identity-"+namespace, e.driver, identity.Args{
		Service: namespace, Namespace: namespace, ServiceAccount: account, Cluster: e.cluster, Tags: s.Tags(component),
	}, e.options()...)
	if err != nil {
		return writer{}, err
	}
	where, err := e.driver.DescribeZone(zone.Args{Domain: s.Landing.DNS.Domain, Zone: s.Landing.DNS.Zone, Identity: who.Outputs})
	if err != nil {
		return writer{}, fmt.Errorf("zone of %s: %w", namespace, err)
	}
	may, err := identity.NewGrants(ctx, "grants-"+namespace, e.driver, identity.GrantsArgs{
		Service: namespace, Identity: who.Outputs, Grants: []identity.Grant{{Action: action, Role: zoneRole, Resource: where.ID}},
		Tags: s.Tags(component),
	}, e.options()...)
	if err != nil {
		return writer{}, err
	}
	return writer{identity: who.Outputs, zone: where, ready: []pulumi.Resource{who, may}}, nil
}
