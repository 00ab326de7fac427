package bridge

import (
	"fmt"
	"maps"
	"slices"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/workload"
)

// Tell validates the arguments and tells a service what was made for it, as part of its place. It hands out what must
// stand before the service's first pod does.
func Tell(ctx *pulumi.Context, name string, args Args, place pulumi.Resource) ([]pulumi.Resource, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("bridge of %s: %w", name, err)
	}
	values := pulumi.ToStringMap(args.telemetry())
	for key, value := range args.Values {
		values[key] = value
	}
	told, err := corev1.NewConfigMap(ctx, name+"-values", &corev1.ConfigMapArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String(workload.Values), Namespace: args.Namespace, Labels: pulumi.ToStringMap(args.Tags),
		},
		Data: values,
	}, pulumi.Parent(place))
	if err != nil {
		return nil, fmt.Errorf("bridge of %s: values: %w", name, err)
	}
	ready := []pulumi.Resource{told}
	for _, wanted := range slices.Sorted(maps.Keys(args.Secrets)) {
		fetched, err := Fetch(ctx, name+"-"+wanted, Secret{
			Name: wanted, Namespace: args.Namespace, Source: args.Secrets[wanted], Tags: args.Tags,
		}, place, args.After)
		if err != nil {
			return nil, fmt.Errorf("bridge of %s: %w", name, err)
		}
		ready = append(ready, fetched)
	}
	return ready, nil
}
