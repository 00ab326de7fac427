package alerting

import (
	"fmt"
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/bridge"
	"platform/components/kubernetes/custom"
	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:alerting:Alerting"

// Component is the alerts of an environment.
type Component struct {
	pulumi.ResourceState
}

// ruleSpec is what one of the operator's objects of rules says
// (https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/Documentation/api-reference/api.md#prometheusrulespec).
type ruleSpec struct {
	Groups []alert.Group `json:"groups"`
}

// New validates the arguments, and says the rules of each service and of the platform, and who is told.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("alerting %s: %w", name, err)
	}
	component := &Component{}
	if err := ctx.RegisterComponentResourceV2(Type, name, args.Recorded(), component, opts...); err != nil {
		return nil, fmt.Errorf("alerting %s: %w", name, err)
	}
	for _, service := range slices.Sorted(maps.Keys(args.Services)) {
		s := args.Services[service]
		if err := args.rules(ctx, name, "service-"+service, s.Groups(args.Links), s.Tags, component); err != nil {
			return nil, fmt.Errorf("alerting %s: %w", name, err)
		}
	}
	if err := args.rules(ctx, name, "platform", args.Platform.Groups(args.Links), args.Tags, component); err != nil {
		return nil, fmt.Errorf("alerting %s: %w", name, err)
	}
	if err := args.receivers(ctx, name, component); err != nil {
		return nil, fmt.Errorf("alerting %s: %w", name, err)
	}
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{}); err != nil {
		return nil, fmt.Errorf("outputs of alerting %s: %w", name, err)
	}
	return component, nil
}

func (a Args) rules(ctx *pulumi.Context, name, of string, groups []alert.Group, owned tags.Set, parent pulumi.Resource) error {
	_, err := custom.New(ctx, name+"-"+of, custom.Args{
		APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule", Spec: ruleSpec{groups},
		Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(of), Namespace: a.Namespace.ToStringOutput(), Labels: pulumi.ToStringMap(owned)},
	}, pulumi.Parent(parent), pulumi.DependsOn(a.Definitions))
	return err
}

// receivers brings Alertmanager's configuration into the cluster, with its keys and addresses. Until it is there, and until an operator
// has filled the secret, Alertmanager runs with the operator's own, which tells nobody
// (https://github.com/prometheus-operator/prometheus-operator/blob/v0.93.1/pkg/alertmanager/operator.go); the dead man's switch
// outside hears nothing then, and says so.
func (a Args) receivers(ctx *pulumi.Context, name string, parent pulumi.Resource) error {
	template, err := a.Notify.Template()
	if err != nil {
		return err
	}
	_, err = bridge.Fetch(ctx, name+"-receivers", bridge.Secret{
		Name: Secret, Namespace: a.Namespace, Source: a.Source, Template: map[string]string{Key: template}, Tags: a.Tags,
	}, parent, a.Stores)
	return err
}
