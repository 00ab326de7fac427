package headroom

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	appsv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/apps/v1"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/image"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
	"platform/components/naming"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:headroom:Headroom"

// Room is kept for the peak of one service, by as many placeholders as pods will come, each as large as one of them.
type Room struct {
	Pods      int
	MilliCPU  int // of one pod
	MemoryMiB int // of one pod
	Tags      tags.Set
}

// Args configures the headroom of a cluster.
type Args struct {
	Rooms map[string]Room // by service
	// Priority is the class of the placeholders, below all others.
	Priority string
	Images   image.Registry
	// After is what must be there before placeholders are: their class.
	After []pulumi.Resource
	Tags  tags.Set
}

// Component is the headroom of a cluster.
type Component struct {
	pulumi.ResourceState
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	fault := func(path string, value any, allowed string) {
		faults = append(faults, fmt.Errorf("%s: value %q: %s", path, fmt.Sprint(value), allowed))
	}
	if a.Priority == "" {
		fault("priority", a.Priority, "a class is needed: placeholders without one would take room away")
	}
	owners := map[string]tags.Set{"tags": a.Tags}
	for _, service := range slices.Sorted(maps.Keys(a.Rooms)) {
		room, at := a.Rooms[service], "rooms."+service
		if !naming.IsKebab(service) {
			fault(at, service, naming.Kebab)
		}
		for path, value := range map[string]int{".pods": room.Pods, ".milliCPU": room.MilliCPU, ".memoryMiB": room.MemoryMiB} {
			if value < 1 {
				fault(at+path, value, "at least 1 is allowed")
			}
		}
		owners[at+".tags"] = room.Tags
	}
	for path, t := range owners {
		for _, key := range t.Missing() {
			fault(path+"."+key, t[key], "a value is needed")
		}
	}
	return errors.Join(faults...)
}

// New validates the arguments and makes the placeholders, in a namespace of their own.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("headroom %s: %w", name, err)
	}
	component, rooms := &Component{}, pulumi.Map{}
	for service, room := range args.Rooms {
		rooms[service] = pulumi.Map{
			"pods": pulumi.Int(room.Pods), "milliCPU": pulumi.Int(room.MilliCPU), "memoryMiB": pulumi.Int(room.MemoryMiB),
		}
	}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"rooms": rooms, "priority": pulumi.String(args.Priority),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("headroom %s: %w", name, err)
	}
	space, err := corev1.NewNamespace(ctx, name+"-namespace", &corev1.NamespaceArgs{Metadata: metav1.ObjectMetaArgs{
		Name: pulumi.String(workload.Headroom), Labels: pulumi.ToStringMap(tenancy.Restricted(args.Tags)),
	}}, pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("headroom %s: namespace: %w", name, err)
	}
	namespace := space.Metadata.Name().Elem()
	if _, err := flows.Deny(ctx, name, namespace, args.Tags, component); err != nil {
		return nil, fmt.Errorf("headroom %s: %w", name, err)
	}
	for _, service := range slices.Sorted(maps.Keys(args.Rooms)) {
		if _, err := appsv1.NewDeployment(ctx, name+"-"+service, args.placeholders(service, namespace),
			pulumi.Parent(component), pulumi.DependsOn(args.After)); err != nil {
			return nil, fmt.Errorf("headroom %s: placeholders of %s: %w", name, service, err)
		}
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of headroom %s: %w", name, err)
	}
	return component, nil
}
