package storage

import (
	"errors"
	"fmt"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	storagev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/storage/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/naming"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:storage:Storage"

// Args configures the default storage class.
type Args struct {
	Class cluster.StorageClass // as the cloud's driver wants it: its provisioner and how it encrypts
	Tags  tags.Set
}

// Component is the default storage class of a cluster.
type Component struct {
	pulumi.ResourceState

	Class pulumi.StringOutput // its name
}

// Validate returns every fault of the arguments, each with its path, its value and what is allowed.
func (a Args) Validate() error {
	var faults []error
	if !naming.IsKebab(a.Class.Name) {
		faults = append(faults, fmt.Errorf("class.name: value %q: %s", a.Class.Name, naming.Kebab))
	}
	if a.Class.Provisioner == "" {
		faults = append(faults, fmt.Errorf("class.provisioner: value %q: the name of a CSI driver is needed", a.Class.Provisioner))
	}
	for _, key := range a.Tags.Missing() {
		faults = append(faults, fmt.Errorf("tags.%s: value %q: a value is needed", key, a.Tags[key]))
	}
	return errors.Join(faults...)
}

// New validates the arguments and makes the storage class.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("storage %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"class": pulumi.String(args.Class.Name), "provisioner": pulumi.String(args.Class.Provisioner),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("storage %s: %w", name, err)
	}
	class, err := storagev1.NewStorageClass(ctx, name+"-class", classArgs(args), pulumi.Parent(component))
	if err != nil {
		return nil, fmt.Errorf("storage %s: class: %w", name, err)
	}
	component.Class = class.Metadata.Name().Elem()
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{"class": component.Class}); err != nil {
		return nil, fmt.Errorf("outputs of storage %s: %w", name, err)
	}
	return component, nil
}

// classArgs: a volume is made in the zone where its pod was placed, not the other way round, which could
// leave the pod without a node (https://kubernetes.io/docs/concepts/storage/storage-classes/#volume-binding-mode).
// It goes with its claim, so that nothing stays behind that costs money and nobody owns.
func classArgs(args Args) *storagev1.StorageClassArgs {
	return &storagev1.StorageClassArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(args.Class.Name), Labels: pulumi.ToStringMap(args.Tags),
			Annotations: pulumi.StringMap{"storageclass.kubernetes.io/is-default-class": pulumi.String("true")},
		},
		Provisioner: pulumi.String(args.Class.Provisioner), Parameters: args.Class.Parameters,
		VolumeBindingMode: pulumi.String("WaitForFirstConsumer"), ReclaimPolicy: pulumi.String("Delete"),
		AllowVolumeExpansion: pulumi.Bool(true),
	}
}
