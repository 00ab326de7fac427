package platform

import (
	"fmt"
	"maps"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/karpenter"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/storage"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
)

// buildInside fills the cluster: storage, what makes nodes, and a place for each service. All of
// it goes through a provider made of the cluster's own outputs.
func (e *environment) buildInside(ctx *pulumi.Context) error {
	provider, err := kubernetes.NewProvider(ctx, "kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: e.cluster.Kubeconfig,
		// A cluster that is gone took its objects with it; it must not stop a destroy.
		DeleteUnreachable: pulumi.Bool(true),
	}, append(e.options(), pulumi.DependsOn(e.cluster.Nodes))...)
	if err != nil {
		return fmt.Errorf("provider of the cluster: %w", err)
	}
	options := append(e.options(), pulumi.Providers(provider))
	if registry := e.settings.Images.Registry; registry != "" {
		options = append(options, chart.From(registry))
	}
	e.inside = options
	volumes, err := storage.New(ctx, "storage", storage.Args{Class: e.cluster.StorageClass, Tags: e.settings.Tags("storage")}, options...)
	if err != nil {
		return err
	}
	e.stored = []pulumi.Resource{volumes}
	if err := e.buildNodes(ctx); err != nil {
		return err
	}
	if err := e.buildControllers(ctx); err != nil {
		return err
	}
	if err := e.buildMesh(ctx); err != nil {
		return err
	}
	classes, err := priority.New(ctx, "priority", priority.Args{Tags: e.settings.Tags("priority")}, options...)
	if err != nil {
		return err
	}
	e.classes = classes.Ready
	if err := e.buildMonitoring(ctx); err != nil {
		return err
	}
	e.bounds = map[string]tenancy.Bounds{}
	for _, name := range e.settings.Catalog.Names() {
		entry := e.settings.Catalog.Services[name]
		args := tenancy.Args{
			Service: name, Pods: e.settings.Pods(name), MilliCPU: entry.Requests.MilliCPU, MemoryMiB: entry.Requests.MemoryMiB,
			Group: e.cluster.TeamGroups[entry.Team], Annotations: e.services[name].identity.Outputs.Annotations, Labels: workload.MeshLabels(e.settings.Mesh.Kind),
			Tags: e.settings.ServiceTags(name),
		}
		made, err := tenancy.New(ctx, tenancyOf(name), args, options...)
		if err != nil {
			return err
		}
		built := e.services[name]
		built.place = made
		built.ready = append(append(built.ready, made.Outputs.Ready...), e.roomy...)
		e.bounds[entry.Team] = e.bounds[entry.Team].Plus(args.Bounds())
	}
	return nil
}

// buildNodes lets pods of services have nodes where the cloud's own groups of machines do not grow.
func (e *environment) buildNodes(ctx *pulumi.Context) error {
	asked := e.cluster.Provisioner
	if asked == nil {
		return nil
	}
	pools := pools(e.settings)
	maps.DeleteFunc(pools, func(_ string, p cluster.Pool) bool { return p.System })
	made, err := karpenter.New(ctx, "nodes", karpenter.Args{
		Replicas: e.settings.Scaling.Replicas, Cloud: *asked, Pools: pools, Around: e.around(asked.Ways), After: e.cluster.Nodes,
		Tags: e.settings.Tags("nodes"),
	}, e.inside...)
	if err != nil {
		return err
	}
	e.roomy = made.Pools
	return nil
}

// tenancyOf is the logical name of a service's place, of which its flows, its scaling and what it is told are parts.
func tenancyOf(service string) string { return "tenancy-" + service }

// teamOutputs are what the services of each team may use together.
func (e *environment) teamOutputs() pulumi.Map {
	out := pulumi.Map{}
	for team, bounds := range e.bounds {
		out[team] = pulumi.ToStringMap(bounds.Text())
	}
	return out
}
