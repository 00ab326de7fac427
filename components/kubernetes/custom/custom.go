// Package custom registers custom resources: objects whose kind a chart or a definition brings.
//
// They bear the token of their API version and kind, as the SDK's own generator of types would name them
// (https://github.com/pulumi/crd2pulumi), so that policies and the replacement guard see which kind it is.
package custom

import (
	"errors"
	"fmt"
	"strings"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/utilities"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
)

// Args is one custom resource.
type Args struct {
	APIVersion string // group/version
	Kind       string
	Metadata   metav1.ObjectMetaArgs // with a name; with a namespace if the kind is namespaced
	// Spec is a struct with json tags, or a map, as chart.Values takes them.
	Spec any
}

// Resource is a custom resource.
type Resource struct {
	pulumi.CustomResourceState

	Metadata metav1.ObjectMetaOutput `pulumi:"metadata"`
	// Status is what its controller had said of it when it was made, or changed.
	Status pulumi.MapOutput `pulumi:"status"`
}

// Validate returns every fault of the arguments.
func (a Args) Validate() error {
	var faults []error
	if group, version, ok := strings.Cut(a.APIVersion, "/"); !ok || group == "" || version == "" {
		faults = append(faults, fmt.Errorf("apiVersion: value %q: <group>/<version> is allowed", a.APIVersion))
	}
	if a.Kind == "" {
		faults = append(faults, fmt.Errorf("kind: value %q: a value is needed", a.Kind))
	}
	if a.Metadata.Name == nil {
		faults = append(faults, errors.New("metadata.name: a value is needed: others refer to the object by it"))
	}
	if a.Spec == nil {
		faults = append(faults, errors.New("spec: a value is needed"))
	}
	return errors.Join(faults...)
}

// New registers a custom resource. What defines its kind must be there before, and go after it: pass it in DependsOn.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Resource, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("custom resource %s: %w", name, err)
	}
	made := &Resource{}
	if err := ctx.RegisterResource("kubernetes:"+args.APIVersion+":"+args.Kind, name, pulumi.Map{
		"apiVersion": pulumi.String(args.APIVersion), "kind": pulumi.String(args.Kind),
		"metadata": args.Metadata, "spec": chart.Values(args.Spec),
	}, made, utilities.PkgResourceDefaultOpts(opts)...); err != nil {
		return nil, fmt.Errorf("custom resource %s: %w", name, err)
	}
	return made, nil
}
