package certificates

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/system"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:certificates:Certificates"

// timeoutSec is what the pulls of four images, two elections and the check of the webhook take, with room.
const timeoutSec = 300

// Component is what issues certificates in a cluster.
type Component struct {
	pulumi.ResourceState

	// Ready are the chart and its issuers: what asks for certificates comes after them and goes before.
	Ready []pulumi.Resource
	// Issuers are the names of the cluster-wide issuers.
	Issuers []string
}

// New validates the arguments, releases the chart in a namespace of its own, and makes the issuers.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("certificates %s: %w", name, err)
	}
	component := &Component{Issuers: []string{Internal}}
	inputs := pulumi.Map{
		"version": pulumi.String(chart.CertManager.Version), "replicas": pulumi.Int(args.Replicas),
	}
	if p := args.Public; p != nil {
		component.Issuers = append(component.Issuers, Public)
		inputs["server"], inputs["domain"] = pulumi.String(p.Server), pulumi.String(p.Domain)
	}
	inputs["issuers"] = pulumi.ToStringArray(component.Issuers)
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, inputs, component, opts...); err != nil {
		return nil, fmt.Errorf("certificates %s: %w", name, err)
	}
	after := slices.Clone(args.After)
	if args.Public != nil {
		after = append(after, args.Public.Ready...)
	}
	release, err := system.Release(ctx, name, system.ReleaseArgs{
		Source: chart.CertManager, Namespace: Namespace, Flows: args.flows(), Values: chart.Values(valuesOf(args)), TimeoutSec: timeoutSec,
		After: after, Tags: args.Tags,
	}, component)
	if err != nil {
		return nil, fmt.Errorf("certificates %s: %w", name, err)
	}
	issuers, err := args.issuers(ctx, name, release, component)
	if err != nil {
		return nil, fmt.Errorf("certificates %s: %w", name, err)
	}
	component.Ready = append([]pulumi.Resource{release}, issuers...)
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"issuers": pulumi.ToStringArray(slices.Clone(component.Issuers))}); err != nil {
		return nil, fmt.Errorf("outputs of certificates %s: %w", name, err)
	}
	return component, nil
}
