package platform

import (
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/datadog"
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
	"platform/components/kubernetes/telemetry"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/stacks/catalog"
)

// watcher is who watches an environment.
type watcher struct {
	namespace pulumi.StringOutput // where it looks for what is said to it
	// defines is what defines that, and whoever takes it on.
	defines pulumi.Resource
	// ready is who watches: what is to be seen from its first moment comes after it.
	ready []pulumi.Resource
	// of is the component.
	of pulumi.Resource
}

// buildMonitoring builds what watches the environment, before there is anything of a service to be watched.
func (e *environment) buildMonitoring(ctx *pulumi.Context) (err error) {
	switch e.settings.Monitoring.Kind {
	case watch.Prometheus:
		e.watched, err = e.buildPrometheus(ctx)
	case watch.Datadog:
		e.watched, err = e.buildDatadog(ctx)
	}
	return err
}

// inCluster are what comes before whoever watches in the cluster.
func (e *environment) inCluster() []pulumi.Resource {
	return slices.Concat(e.cluster.Nodes, e.stored, e.classes, e.meshReady(), []pulumi.Resource{e.secrets.Release})
}

func (e *environment) buildDatadog(ctx *pulumi.Context) (*watcher, error) {
	s := e.settings
	const account = "keys"
	sources, who, err := e.partSecrets(ctx, "monitoring", datadog.Namespace, datadog.Account, account)
	if err != nil {
		return nil, err
	}
	args := datadog.Args{
		Environment: s.Environment, Cloud: s.Cloud, Site: s.Monitoring.Datadog.Site, Replicas: s.Monitoring.Datadog.Replicas, Registry: s.Images.Registry,
		Priority: priority.Observability, Mesh: s.Mesh.Kind, TrustDomain: e.trustDomain(), Targets: e.targets(), Services: s.Catalog.Names(),
		Keys: sources[account], Annotations: who.Annotations,
		Around: e.around(map[string]network.Way{"site": network.OverInternet(network.TLSPort)}),
		After:  e.inCluster(), Tags: s.Tags("monitoring"),
	}
	if s.Gateway.Kind == gateway.Kong {
		args.Doors = slices.Sorted(maps.Keys(s.Gateway.Audiences))
	}
	made, err := datadog.New(ctx, "monitoring", args, e.inside...)
	if err != nil {
		return nil, err
	}
	e.telemetry = datadog.Telemetry
	return &watcher{namespace: made.Namespace, defines: made.Operator, ready: made.Ready, of: made}, nil
}

func (e *environment) buildPrometheus(ctx *pulumi.Context) (*watcher, error) {
	s := e.settings
	const client = "sso"
	sources, who, err := e.partSecrets(ctx, "monitoring", monitoring.Namespace, monitoring.Account, monitoring.Receivers, client)
	if err != nil {
		return nil, err
	}
	e.receivers = sources[monitoring.Receivers]
	ways := map[string]network.Way{"sso": network.OverInternet(network.TLSPort), "receivers": network.OverInternet(network.TLSPort)}
	if s.Monitoring.Collects() {
		ways["storage"], ways["identity"] = e.network.Ways[network.EndpointStorage], e.cluster.Identity
	}
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
		// Who is told of alerts is outside, as is who says who somebody is, and where traces and logs are kept.
		Around: e.around(ways),
		After:  e.inCluster(),
		Tags:   s.Tags("monitoring"),
	}
	if s.Monitoring.Collects() {
		args.Collected = telemetry.Collected()
	}
	made, err := monitoring.New(ctx, "monitoring", args, e.inside...)
	if err != nil {
		return nil, err
	}
	taken, err := e.buildTelemetry(ctx, made)
	if err != nil {
		return nil, err
	}
	return &watcher{namespace: made.Namespace, defines: made.Definitions, ready: slices.Concat(made.Ready, taken), of: made}, nil
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
		{s.Monitoring.Collects(), telemetry.Targets(s.Mesh.Kind)},
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
	if e.mesh == nil || e.watched == nil {
		return nil
	}
	var ports []int
	for _, target := range kong.Targets(e.settings.Mesh.Kind) {
		ports = append(ports, target.Port)
	}
	_, err := mesh.Open(ctx, "monitoring-doors", mesh.Opening{
		Name: "metrics", Namespace: pulumi.String(kong.Namespace), TrustDomain: e.trustDomain(), Tags: e.settings.Tags("gateway"),
		Entries: []mesh.Entry{{Namespaces: []string{workload.Observability}, Ports: ports}},
	}, e.watched.of, append(e.meshReady(), doors))
	return err
}

// watching is what watches, where anything does: what is to be seen from its first moment comes after it.
func (e *environment) watching() []pulumi.Resource {
	if e.watched == nil {
		return nil
	}
	return e.watched.ready
}
