package telemetry

import (
	"fmt"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/telemetry/collector"
	"platform/components/kubernetes/workload"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:telemetry:Telemetry"

// timeoutSec is what the pulls of images and new volumes take, with room.
const timeoutSec = 900

// Component takes and keeps traces and logs.
type Component struct {
	pulumi.ResourceState

	// Telemetry is where services send to.
	Telemetry workload.Telemetry
	// Ready are those who take: services come after them.
	Ready []pulumi.Resource
}

// New validates the arguments, and makes the stores, the gateways before them and the agents on the nodes.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("telemetry %s: %w", name, err)
	}
	component := &Component{Telemetry: Endpoint()}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"replicas": pulumi.Int(args.Replicas), "logDays": pulumi.Int(args.LogDays), "traceDays": pulumi.Int(args.TraceDays),
		"sharePercent": pulumi.Int(args.SharePercent), "endpoint": pulumi.String(component.Telemetry.Endpoint),
		"collector": pulumi.String(collector.Version),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("telemetry %s: %w", name, err)
	}
	if err := args.build(ctx, name, component); err != nil {
		return nil, fmt.Errorf("telemetry %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of telemetry %s: %w", name, err)
	}
	return component, nil
}

// build makes what keeps before what takes, which a destroy turns around: nothing is sent to nobody.
func (a Args) build(ctx *pulumi.Context, name string, component *Component) error {
	stores, err := a.stores(ctx, name, component)
	if err != nil {
		return err
	}
	made := fleet{args: a, name: name, parent: component, after: slices.Concat(a.After, stores)}
	gateways, err := made.gateways(ctx)
	if err != nil {
		return fmt.Errorf("gateways: %w", err)
	}
	agents, err := made.agents(ctx, gateways)
	if err != nil {
		return fmt.Errorf("agents: %w", err)
	}
	component.Ready = slices.Concat(stores, gateways, agents)
	return nil
}

// stores releases both, and the Service at which the one of traces takes them.
func (a Args) stores(ctx *pulumi.Context, name string, parent pulumi.Resource) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, store := range []struct {
		source chart.Source
		values any
		where  Store
	}{{chart.Loki, a.logsValues(), a.Logs}, {chart.Tempo, a.tracesValues(), a.Traces}} {
		release, err := chart.New(ctx, name+"-"+store.source.Chart, chart.Args{
			Name: store.source.Chart, Chart: store.source.Chart, Version: store.source.Version, Repository: store.source.Repository,
			Namespace: workload.Observability, Values: chart.Values(store.values), TimeoutSec: timeoutSec,
		}, pulumi.Parent(parent), pulumi.DependsOn(slices.Concat(a.After, store.where.Objects.Ready, store.where.Ready)))
		if err != nil {
			return nil, err
		}
		out = append(out, release)
	}
	taken, err := corev1.NewService(ctx, name+"-"+intake, &corev1.ServiceArgs{
		Metadata: a.metadata(intake, a.Namespace), Spec: corev1.ServiceSpecArgs{
			Selector: pulumi.ToStringMap(map[string]string{nameLabel: traces}), Ports: corev1.ServicePortArray{port("otlp-grpc", intakePort)},
		},
	}, pulumi.Parent(parent), pulumi.DependsOn(out))
	if err != nil {
		return nil, fmt.Errorf("service %s: %w", intake, err)
	}
	return append(out, taken), nil
}
