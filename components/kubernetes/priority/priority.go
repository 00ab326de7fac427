package priority

import (
	"errors"
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	schedulingv1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/scheduling/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:priority:Priority"

// The classes by name.
const (
	Service       = "service"
	Interruptible = "interruptible"
	Headroom      = "headroom"
	Observability = "observability"
)

// class is one of them. What preempts takes the place of pods of a lower class
// (https://kubernetes.io/docs/concepts/scheduling-eviction/pod-priority-preemption/#non-preempting-priority-class).
type class struct {
	name, description string
	value             int
	preempts          bool
}

// classes in ascending order. Pods below -10 make no autoscaler add a node, and so the headroom may not be lower
// (https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#how-does-cluster-autoscaler-work-with-pod-priority-and-preemption).
// All are below what Kubernetes keeps for itself, from a thousand million on.
var classes = []class{
	{Headroom, "Keeps room for the peak that services declare; whoever needs the room takes it", -10, false},
	{Interruptible, "Work that may be interrupted and begun again", 100, false},
	{Service, "Services that answer somebody", 1000, true},
	// What watches is needed most where a node is full of what it watches.
	{Observability, "Tells how all else fares", 2000, true},
}

// Args configures the classes.
type Args struct{ Tags tags.Set }

// Component is the priority classes of a cluster.
type Component struct {
	pulumi.ResourceState

	// Ready are the classes: a pod that names one that is not there is refused.
	Ready []pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// New validates the arguments and makes the classes.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("priority %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{}, component, opts...); err != nil {
		return nil, fmt.Errorf("priority %s: %w", name, err)
	}
	for _, c := range classes {
		made, err := schedulingv1.NewPriorityClass(ctx, name+"-"+c.name, c.args(args.Tags), pulumi.Parent(component),
			// Kubernetes refuses to change either, and the new class has the old one's name
			// (https://github.com/kubernetes/kubernetes/blob/master/pkg/apis/scheduling/validation/validation.go).
			pulumi.ReplaceOnChanges([]string{"value", "preemptionPolicy"}), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return nil, fmt.Errorf("priority %s: class %s: %w", name, c.name, err)
		}
		component.Ready = append(component.Ready, made)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of priority %s: %w", name, err)
	}
	return component, nil
}

// args: no class is the default, since what the cluster itself runs would get it too.
func (c class) args(t tags.Set) *schedulingv1.PriorityClassArgs {
	policy := "Never"
	if c.preempts {
		policy = "PreemptLowerPriority"
	}
	return &schedulingv1.PriorityClassArgs{
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(c.name), Labels: pulumi.ToStringMap(t)},
		Value:    pulumi.Int(c.value), GlobalDefault: pulumi.Bool(false),
		PreemptionPolicy: pulumi.String(policy), Description: pulumi.String(c.description),
	}
}
