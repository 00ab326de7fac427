package tenancy

import (
	"fmt"
	"maps"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/tags"
)

// Type is the component's identity in state; renaming it needs an alias.
const Type = "platform:tenancy:Tenancy"

// Component is the place of one service.
type Component struct {
	pulumi.ResourceState

	Outputs Outputs
}

// New validates the arguments and makes the place of a service.
func New(ctx *pulumi.Context, name string, args Args, opts ...pulumi.ResourceOption) (*Component, error) {
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("tenancy %s: %w", name, err)
	}
	component := &Component{}
	// Recorded so that policies judge the neutral request once, on any cloud.
	if err := ctx.RegisterComponentResourceV2(Type, name, pulumi.Map{
		"service": pulumi.String(args.Service), "pods": pulumi.Int(args.Pods), "milliCPU": pulumi.Int(args.MilliCPU),
		"memoryMiB": pulumi.Int(args.MemoryMiB), "group": pulumi.String(args.Group),
	}, component, opts...); err != nil {
		return nil, fmt.Errorf("tenancy %s: %w", name, err)
	}
	outputs, err := build(ctx, name, args, component)
	if err != nil {
		return nil, fmt.Errorf("tenancy %s: %w", name, err)
	}
	component.Outputs = outputs
	if err := ctx.RegisterResourceOutputs(component, pulumi.Map{
		"namespace": outputs.Namespace, "serviceAccount": outputs.ServiceAccount,
	}); err != nil {
		return nil, fmt.Errorf("outputs of tenancy %s: %w", name, err)
	}
	return component, nil
}

func build(ctx *pulumi.Context, name string, args Args, parent pulumi.Resource) (Outputs, error) {
	space, err := corev1.NewNamespace(ctx, name+"-namespace", namespaceArgs(args), pulumi.Parent(parent))
	if err != nil {
		return Outputs{}, fmt.Errorf("namespace: %w", err)
	}
	namespace := space.Metadata.Name().Elem()
	quota, err := corev1.NewResourceQuota(ctx, name+"-quota", &corev1.ResourceQuotaArgs{
		Metadata: inside(namespace, "service", args.Tags), Spec: corev1.ResourceQuotaSpecArgs{Hard: args.quota()},
	}, pulumi.Parent(parent))
	if err != nil {
		return Outputs{}, fmt.Errorf("quota: %w", err)
	}
	others, err := corev1.NewResourceQuota(ctx, name+"-critical", &corev1.ResourceQuotaArgs{
		Metadata: inside(namespace, "critical", args.Tags), Spec: criticalArgs(),
	}, pulumi.Parent(parent))
	if err != nil {
		return Outputs{}, fmt.Errorf("quota of critical pods: %w", err)
	}
	limits, err := corev1.NewLimitRange(ctx, name+"-limits", &corev1.LimitRangeArgs{
		Metadata: inside(namespace, "service", args.Tags), Spec: limitsSpec(args),
	}, pulumi.Parent(parent))
	if err != nil {
		return Outputs{}, fmt.Errorf("limits: %w", err)
	}
	metadata := inside(namespace, args.Service, args.Tags)
	if len(args.Annotations) > 0 {
		metadata.Annotations = args.Annotations
	}
	account, err := corev1.NewServiceAccount(ctx, name+"-account", &corev1.ServiceAccountArgs{
		Metadata: metadata,
		// No service speaks to the Kubernetes API. The token of workload identity is another one, which
		// its own webhook or agent brings.
		AutomountServiceAccountToken: pulumi.Bool(false),
	}, pulumi.Parent(parent))
	if err != nil {
		return Outputs{}, fmt.Errorf("service account: %w", err)
	}
	if err := access(ctx, name, namespace, args, parent); err != nil {
		return Outputs{}, fmt.Errorf("access: %w", err)
	}
	return Outputs{
		Namespace: namespace, ServiceAccount: account.Metadata.Name().Elem(),
		Ready: []pulumi.Resource{quota, others, limits, account},
	}, nil
}

// Level is a pod security standard (https://kubernetes.io/docs/concepts/security/pod-security-standards/).
type Level string

// The levels: restricted refuses every pod that asks for more than a service needs: no root, no privileges, no part of
// the node. Baseline refuses what is known to lead to the node, privileged nothing.
const (
	LevelRestricted Level = "restricted"
	LevelBaseline   Level = "baseline"
	LevelPrivileged Level = "privileged"
)

// Levels lists the levels, the strictest first.
var Levels = []Level{LevelRestricted, LevelBaseline, LevelPrivileged}

// Restricted labels a namespace for services.
func Restricted(t tags.Set) tags.Set { return Secured(t, LevelRestricted) }

// Secured labels a namespace that enforces a level.
func Secured(t tags.Set, level Level) tags.Set {
	for _, mode := range []string{"enforce", "audit", "warn"} {
		t = t.With("pod-security.kubernetes.io/"+mode, string(level)).
			With("pod-security.kubernetes.io/"+mode+"-version", "latest")
	}
	return t
}

func namespaceArgs(args Args) *corev1.NamespaceArgs {
	labels := maps.Clone(args.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	maps.Copy(labels, Restricted(args.Tags))
	return &corev1.NamespaceArgs{Metadata: metav1.ObjectMetaArgs{
		Name: pulumi.String(args.Service), Labels: pulumi.ToStringMap(labels),
	}}
}

func limitsSpec(args Args) corev1.LimitRangeSpecArgs {
	return corev1.LimitRangeSpecArgs{Limits: corev1.LimitRangeItemArray{corev1.LimitRangeItemArgs{
		Type: pulumi.String("Container"), DefaultRequest: args.request(), Default: args.limit(), Max: args.limit(),
	}}}
}

// inside is the metadata of an object in the namespace.
func inside(namespace pulumi.StringOutput, name string, t tags.Set) metav1.ObjectMetaArgs {
	return metav1.ObjectMetaArgs{
		Name: pulumi.String(name), Namespace: namespace, Labels: pulumi.ToStringMap(t),
	}
}
