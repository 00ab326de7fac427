package platform

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/identity"
	"platform/components/kubernetes/headroom"
	"platform/components/kubernetes/keda"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/scaling"
	"platform/components/network"
)

// observer asks how deep the queues are, for the autoscaler of those who consume.
type observer struct {
	who      *identity.Identity
	identity identity.Outputs
	on       []identity.On     // the queues
	ready    []pulumi.Resource // what must be there before the autoscaler's pods are
}

// consumes says whether any service does.
func (e *environment) consumes() bool {
	return slices.ContainsFunc(e.settings.Catalog.Events(), func(event string) bool { return len(e.settings.Catalog.Consumers(event)) > 0 })
}

// buildObserver comes before the queues, whose policies name it.
func (e *environment) buildObserver(ctx *pulumi.Context) error {
	if !e.consumes() {
		return nil
	}
	rights := identity.Rights{}
	for _, event := range e.settings.Catalog.Events() {
		for _, consumer := range e.settings.Catalog.Consumers(event) {
			rights[onQueueOf(event, consumer)] = identity.Observe
		}
	}
	made, err := identity.New(ctx, "identity-"+keda.Namespace, e.driver, identity.Args{
		Service: keda.Namespace, Namespace: keda.Namespace, ServiceAccount: keda.ServiceAccount, Cluster: e.cluster, Rights: rights,
		Tags: e.settings.Tags(keda.Namespace),
	}, e.options()...)
	if err != nil {
		return err
	}
	e.observer.who, e.observer.identity, e.observer.ready = made, made.Outputs, append(slices.Clone(e.cluster.Nodes), made)
	return nil
}

// observe lets the observer ask how deep a consumer's queue is.
func (e *environment) observe(event, consumer string, queue pulumi.StringOutput) {
	e.observer.on = append(e.observer.on, identity.On{Role: onQueueOf(event, consumer), Resource: queue})
}

// onQueueOf is the role of one consumer's queue: an event has one for each.
func onQueueOf(event, consumer string) string { return onQueue(event) + "-" + consumer }

// buildScaling lets services grow with their load, and keeps room for the peaks that they declare. What may be
// interrupted waits for room as others do. It comes after the queues, by which consumers are scaled.
func (e *environment) buildScaling(ctx *pulumi.Context) error {
	s, rooms := e.settings, map[string]headroom.Room{}
	after, err := e.buildKEDA(ctx)
	if err != nil {
		return err
	}
	for _, name := range s.Catalog.Names() {
		entry := s.Catalog.Services[name]
		args := scaling.Args{
			Service: name, Namespace: e.services[name].place.Outputs.Namespace, Min: entry.Scaling.Min, Max: s.Pods(name), CPU: entry.Scaling.CPU,
			Startup: entry.Scaling.Startup, Tags: s.ServiceTags(name),
		}
		if len(entry.Consumes) > 0 {
			args.Queues, args.Backlog, args.After = e.services[name].queues, entry.Scaling.MessagesPerPod(), after
			args.Called = len(entry.Routes)+len(s.Catalog.Callers(name)) > 0
		}
		if p := entry.Scaling.Peak; p != nil {
			args.Peak = &scaling.Peak{Factor: p.Factor, Within: p.Within}
		}
		if err := scaling.Set(ctx, tenancyOf(name), args, e.services[name].place); err != nil {
			return err
		}
		if pods := args.Headroom(); pods > 0 && !entry.Interruptible {
			rooms[name] = headroom.Room{
				Pods: pods, MilliCPU: entry.Requests.MilliCPU, MemoryMiB: entry.Requests.MemoryMiB, Tags: s.ServiceTags(name),
			}
		}
	}
	_, err = headroom.New(ctx, "headroom", headroom.Args{
		Rooms: rooms, Images: s.Images.Registry, Priority: priority.Headroom, After: slices.Concat(e.classes, e.roomy, e.watching()), Tags: s.Tags("headroom"),
	}, e.inside...)
	return err
}

// buildKEDA releases what scales consumers, where there are any, and hands out what its objects wait for.
func (e *environment) buildKEDA(ctx *pulumi.Context) ([]pulumi.Resource, error) {
	if !e.consumes() {
		return nil, nil
	}
	s := e.settings
	if err := e.observer.who.Give(ctx, e.observer.on...); err != nil {
		return nil, err
	}
	made, err := keda.New(ctx, "keda", keda.Args{
		Replicas: s.Scaling.Replicas, Identity: e.observer.identity, After: e.observer.ready, Tags: s.Tags(keda.Namespace),
		// Who counts messages answers where queues do, on every cloud.
		Around: e.around(map[string]network.Way{"queues": e.network.Ways[network.EndpointQueues], "identity": e.cluster.Identity}),
	}, e.inside...)
	if err != nil {
		return nil, err
	}
	return []pulumi.Resource{made.Release}, nil
}
