package autoscaler

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/kubernetes/chart"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:autoscaler:Autoscaler"

// timeoutSec is what an image's pull and two elections of a leader take, with room.
const timeoutSec = 300

// Args configures the autoscaler.
type Args struct {
	Chart cluster.Autoscaler // as the cloud's driver describes it
	// Nodes must be there before the chart, which waits for its pods to run.
	Nodes []pulumi.Resource
	Tags  tags.Set
}

// Component is the autoscaler of a cluster.
type Component struct {
	pulumi.ResourceState

	// Release is what must be gone before the nodes are: until then it starts new ones.
	Release pulumi.Resource
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if a.Chart.ServiceAccount == "" {
		faults = append(faults, fmt.Errorf("chart.serviceAccount: value %q: the account that may scale is needed", a.Chart.ServiceAccount))
	}
	common := values(a)
	for _, key := range slices.Sorted(maps.Keys(a.Chart.Values)) {
		if _, taken := common[key]; taken {
			faults = append(faults, fmt.Errorf("chart.values.%s: this value is the same on every cloud and is set in components/kubernetes/autoscaler", key))
		}
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	if err := a.release().Validate(); err != nil {
		faults = append(faults, err)
	}
	return errors.Join(faults...)
}

// New validates the arguments and releases the chart.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("autoscaler %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"chart": pulumi.String(args.Chart.Chart), "version": pulumi.String(args.Chart.Version),
		"namespace": pulumi.String(args.Chart.Namespace), "tags": pulumi.ToStringMap(args.Tags),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("autoscaler %s: %w", name, err)
	}
	release, err := chart.New(ctx, name+"-release", args.release(), pulumi.Parent(component),
		pulumi.DependsOn(append(slices.Clone(args.Nodes), args.Chart.Ready...)))
	if err != nil {
		return nil, fmt.Errorf("autoscaler %s: %w", name, err)
	}
	component.Release = release
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of autoscaler %s: %w", name, err)
	}
	return component, nil
}

// release is named after the chart, so that the names of its objects are known.
func (a Args) release() chart.Args {
	all := values(a)
	maps.Copy(all, a.Chart.Values)
	return chart.Args{
		Name: a.Chart.Chart, Chart: a.Chart.Chart, Version: a.Chart.Version, Repository: a.Chart.Repository,
		Namespace: a.Chart.Namespace, Values: all, TimeoutSec: timeoutSec,
	}
}
