package system

import (
	"errors"
	"fmt"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/tenancy"
	"platform/components/naming"
	"platform/components/tags"
)

// Args configures a namespace of the platform's own.
type Args struct {
	Name string
	// Level is how much its pods may ask for; Restricted unless what runs there is a part of the node.
	Level  tenancy.Level
	Labels map[string]string // besides the tags, by which others know the namespace
	Tags   tags.Set
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Name) {
		faults = append(faults, fmt.Errorf("name: value %q: %s", a.Name, naming.Kebab))
	}
	if !slices.Contains(tenancy.Levels, a.Level) {
		faults = append(faults, fmt.Errorf("level: value %q: one of %v is allowed", a.Level, tenancy.Levels))
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// NewNamespace makes the namespace, and hands out its name.
func NewNamespace(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*corev1.Namespace, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("namespace %s: %w", name, err)
	}
	space, err := corev1.NewNamespace(ctx, name, &corev1.NamespaceArgs{Metadata: metav1.ObjectMetaArgs{
		Name: pulumi.String(args.Name), Labels: pulumi.ToStringMap(tenancy.Secured(args.Tags.Merge(args.Labels), args.Level)),
	}}, opts...)
	if err != nil {
		return nil, fmt.Errorf("namespace %s: %w", name, err)
	}
	return space, nil
}
