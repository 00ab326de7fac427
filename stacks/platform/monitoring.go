package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/delivery"
	"platform/components/kubernetes/dns"
	"platform/components/kubernetes/ingress"
	"platform/components/kubernetes/karpenter"
	"platform/components/kubernetes/keda"
	"platform/components/kubernetes/kong"
	"platform/components/kubernetes/mesh"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/stacks/catalog"
)

// buildMonitoring builds what watches the environment, before there is anything of a service to be watched.
func (e *environment) buildMonitoring(ctx *pulumi.Context) error {
	s := e.settings
	if s.Monitoring.Kind == watch.None {
		return nil
	}
	const client = "sso"
	sources, who, err := e.partSecrets(ctx, "monitoring", monitoring.Namespace, monitoring.Account, monitoring.Receivers, client)
	if err != nil {
		return err
	}
	e.receivers = sources[monitoring.Receivers]
	groups := s.Catalog.Groups(s.Cloud)
	args := monitoring.Args{
		Kind: s.Monitoring.Kind, Environment: s.Environment, Cloud: s.Cloud,
		Host:     e.pagesHost(),
		Replicas: s.Monitoring.Replicas, RetentionDays: s.Monitoring.RetentionDays, StorageGiB: s.Monitoring.StorageGiB, MemoryMiB: s.Monitoring.MemoryMiB,
		StorageClass: e.cluster.StorageClass.Name,
		SSO: monitoring.SSO{
			ClientID: s.Monitoring.SSO.ClientID, AuthorizeURL: s.Monitoring.SSO.AuthorizeURL, TokenURL: s.Monitoring.SSO.TokenURL,
			ProfileURL: s.Monitoring.SSO.ProfileURL, Scopes: s.Monitoring.SSO.Scopes, Secret: sources[client],
		},
		Operators: some(groups[catalog.Owner]), Viewers: slices.Compact(slices.Sorted(maps.Values(groups))),
		Priority: priority.Observability, Mesh: s.Mesh.Kind, TrustDomain: e.trustDomain(), Targets: e.targets(), Senders: s.Catalog.Names(),
		Annotations: who.Annotations,
		// Who is told of alerts is outside, as is who says who somebody is.
		Around: e.around(map[string]network.Way{"sso": network.OverInternet(network.TLSPort), "receivers": network.OverInternet(network.TLSPort)}),
		After:  slices.Concat(e.cluster.Nodes, e.stored, e.classes, e.meshReady(), []pulumi.Resource{e.secrets.Release}),
		Tags:   s.Tags("monitoring"),
	}
	e.monitoring, err = monitoring.New(ctx, "monitoring", args, e.inside...)
	return err
}

// pagesHost is under which people see what is watched.
func (e *environment) pagesHost() string {
	return gateway.Args{Domain: e.settings.Landing.DNS.Domain, Label: e.settings.Gateway.Label}.Host("monitoring")
}

// some is what is not empty.
func some(texts ...string) []string {
	return slices.DeleteFunc(texts, func(t string) bool { return t == "" })
}

// targets are who is asked how they fare: the platform's own parts that the environment has, and all services.
func (e *environment) targets() map[string]workload.Target {
	s, out := e.settings, map[string]workload.Target{"dns": e.cluster.Names}
	meshed := s.Mesh.Kind != workload.NoMesh
	for _, part := range []struct {
		there   bool
		targets map[string]workload.Target
	}{
		{true, certificates.Targets()}, {true, secrets.Targets()}, {true, dns.Targets()}, {true, delivery.Targets()},
		{meshed, mesh.Targets()}, {e.cluster.Provisioner != nil, karpenter.Targets()}, {e.consumes(), keda.Targets()},
		{s.Gateway.Kind == gateway.Kong, kong.Targets(s.Mesh.Kind)}, {s.Gateway.Kind == gateway.Managed, ingress.Targets()},
	} {
		if part.there {
			maps.Copy(out, part.targets)
		}
	}
	for _, name := range s.Catalog.Names() {
		out[name] = workload.Target{Namespace: name, Pods: map[string]string{workload.Label: name}, Port: workload.MetricsPort, Meshed: meshed}
	}
	return out
}

// watchDoors lets whoever collects metrics ask the doors in the cluster, whom the mesh else lets nobody ask. It comes after
// all of the doors, and so is none of their children, for which whatever waits for them waits.
func (e *environment) watchDoors(ctx *pulumi.Context, doors pulumi.Resource) error {
	if e.mesh == nil || e.monitoring == nil {
		return nil
	}
	var ports []int
	for _, target := range kong.Targets(e.settings.Mesh.Kind) {
		ports = append(ports, target.Port)
	}
	_, err := mesh.Open(ctx, "monitoring-doors", mesh.Opening{
		Name: "metrics", Namespace: pulumi.String(kong.Namespace), TrustDomain: e.trustDomain(), Tags: e.settings.Tags("gateway"),
		Entries: []mesh.Entry{{Namespaces: []string{monitoring.Namespace}, Ports: ports}},
	}, e.monitoring, append(e.meshReady(), doors))
	return err
}

// watching is what watches, where anything does: what is to be seen from its first moment comes after it.
func (e *environment) watching() []pulumi.Resource {
	if e.monitoring == nil {
		return nil
	}
	return e.monitoring.Ready
}
