package system

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/tenancy"
	"platform/components/tags"
)

// ReleaseArgs says which chart is released in a namespace of its own.
type ReleaseArgs struct {
	Source     chart.Source
	Namespace  string
	Values     pulumi.Map
	TimeoutSec int // how long its objects have to become ready
	// After is what must be there before: whatever makes room for its pods, and lets them do their work.
	After []pulumi.Resource
	Tags  tags.Set
}

// Release makes the namespace, in which pods may ask for no more than a service's, and releases the chart there. It is
// named after the chart, so that the names of its objects are known.
func Release(ctx *pulumi.Context, name string, args ReleaseArgs, parent pulumi.Resource) (*chart.Release, error) {
	space, err := NewNamespace(ctx, name+"-namespace", Args{
		Name: args.Namespace, Level: tenancy.LevelRestricted, Tags: args.Tags,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, err
	}
	return chart.New(ctx, name+"-release", chart.Args{
		Name: args.Source.Chart, Chart: args.Source.Chart, Version: args.Source.Version, Repository: args.Source.Repository,
		Namespace: args.Namespace, Values: args.Values, TimeoutSec: args.TimeoutSec,
	}, pulumi.Parent(parent), pulumi.DependsOn(append([]pulumi.Resource{space}, args.After...)))
}
