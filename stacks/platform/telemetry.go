package platform

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/telemetry"
	"platform/components/kubernetes/workload"
	"platform/components/objects"
)

// slackDays is for how long the cloud waits for a store to delete by itself what is over, before it does.
const slackDays = 7

// onObjects is the role of what a store's right is on.
const onObjects = "objects"

// buildTelemetry builds what takes traces and logs, and where they are kept, before there is a service to send any, and returns who takes them.
func (e *environment) buildTelemetry(ctx *pulumi.Context, watches *monitoring.Component) ([]pulumi.Resource, error) {
	if !e.settings.Monitoring.Collects() {
		return nil, nil
	}
	s, owned := e.settings, e.settings.Tags("telemetry")
	asked := s.Monitoring.Telemetry
	args := telemetry.Args{
		Environment: s.Environment, Replicas: asked.Replicas, LogDays: asked.LogDays, TraceDays: asked.TraceDays,
		SharePercent: asked.SharePercent, SlowMs: asked.SlowMs, StorageGiB: asked.StorageGiB, MemoryMiB: asked.MemoryMiB,
		StorageClass: e.cluster.StorageClass.Name, Namespace: watches.Namespace, Mesh: s.Mesh.Kind, Images: s.Images.Registry,
		Priority: priority.Observability, After: slices.Concat(e.cluster.Nodes, e.stored, e.classes, e.meshReady(), watches.Places),
		Tags: owned,
	}
	var err error
	if args.Logs, err = e.store(ctx, "logs", telemetry.LogsAccount); err != nil {
		return nil, err
	}
	if args.Traces, err = e.store(ctx, "traces", telemetry.TracesAccount); err != nil {
		return nil, err
	}
	made, err := telemetry.New(ctx, "telemetry", args, e.inside...)
	if err != nil {
		return nil, err
	}
	e.telemetry = made.Telemetry
	return made.Ready, nil
}

// store makes where something is kept, and who alone reads and writes there. The cloud deletes what is left behind after the days of
// the longer of the two, which are those that a tier asks of logs.
func (e *environment) store(ctx *pulumi.Context, purpose, account string) (telemetry.Store, error) {
	asked, owned := e.settings.Monitoring.Telemetry, e.settings.Tags("telemetry")
	who, err := identity.New(ctx, "identity-"+purpose, e.driver, identity.Args{
		Service: "telemetry-" + purpose, Namespace: workload.Observability, ServiceAccount: account, Cluster: e.cluster,
		Rights: identity.Rights{onObjects: identity.Store}, Tags: owned,
	}, e.options()...)
	if err != nil {
		return telemetry.Store{}, err
	}
	made, err := objects.New(ctx, "objects-"+purpose, e.driver, objects.Args{
		Purpose: purpose, Days: max(asked.LogDays, asked.TraceDays) + slackDays, DeleteProtection: asked.DeleteProtection,
		Network: e.network, Tags: owned,
	}, e.options()...)
	if err != nil {
		return telemetry.Store{}, err
	}
	out := made.Outputs
	return telemetry.Store{Objects: out, Who: who.Outputs, Ready: []pulumi.Resource{who}}, who.Give(ctx, identity.On{
		Role: onObjects, Resource: out.ID, Key: out.KeyID, HasKey: true,
	})
}
