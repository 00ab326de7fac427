package mesh

import (
	"fmt"

	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/kubernetes/workload"
)

// The ports of the mesh's own parts (https://istio.io/latest/docs/ops/deployment/application-requirements/#ports-used-by-istio).
const (
	ControlPort = 15012 // certificates and configuration, by TLS
	metricsPort = 15014 // of what controls, and of what redirects on a node
	tunnelStats = 15020 // of what carries on a node
)

// criticalPriority is that of what controls the mesh; what carries it bears the nodes' own, by its charts.
const criticalPriority = "system-cluster-critical"

// namespaces makes the two namespaces, each closed but for what it needs. What carries the mesh is part of the node:
// it enters the network of other pods, which no lesser level lets it do, and so nothing else is in its namespace.
func (a Args) namespaces(ctx *pulumi.Context, name string, parent pulumi.Resource) ([]pulumi.Resource, error) {
	told := []flows.Pods{{Namespace: Nodes, Ports: []int{ControlPort}}}
	for _, proxies := range a.Proxies {
		told = append(told, flows.Pods{Namespace: proxies, Ports: []int{ControlPort}})
	}
	var out []pulumi.Resource
	for _, space := range []struct {
		role, name string
		level      tenancy.Level
		part       flows.Part
	}{
		{"control", Namespace, tenancy.LevelRestricted, flows.Part{
			Around: a.Around.With(a.Ways), Metrics: []int{metricsPort}, Callers: told,
		}},
		// What a node carries for other pods goes through their network, not its own
		// (https://istio.io/latest/docs/ambient/architecture/traffic-redirection/).
		{"nodes", Nodes, tenancy.LevelPrivileged, flows.Part{
			Around: a.Around, Metrics: []int{metricsPort, tunnelStats}, Calls: []flows.Pods{{Namespace: Namespace, Ports: []int{ControlPort}}},
		}},
	} {
		made, closed, err := system.NewClosed(ctx, name+"-"+space.role, system.Args{
			Name: space.name, Level: space.level, Tags: a.Tags,
		}, space.part, parent)
		if err != nil {
			return nil, err
		}
		out = append(append(out, made), closed...)
	}
	quota, err := corev1.NewResourceQuota(ctx, name+"-critical", a.criticalArgs(), pulumi.Parent(parent), pulumi.DependsOn(out))
	if err != nil {
		return nil, fmt.Errorf("quota of critical pods: %w", err)
	}
	return append(out, quota), nil
}

// criticalArgs let the replicas and those of an update bear the priority, which not every cloud allows in a namespace
// without such a quota (https://istio.io/latest/docs/ambient/install/platform-prerequisites/#namespace-restrictions).
func (a Args) criticalArgs() *corev1.ResourceQuotaArgs {
	return &corev1.ResourceQuotaArgs{
		Metadata: metav1.ObjectMetaArgs{
			Name: pulumi.String("critical"), Namespace: pulumi.String(Namespace), Labels: pulumi.ToStringMap(a.Tags),
		},
		Spec: corev1.ResourceQuotaSpecArgs{
			Hard: pulumi.ToStringMap(map[string]string{"pods": fmt.Sprint(2 * a.Replicas)}),
			ScopeSelector: corev1.ScopeSelectorArgs{MatchExpressions: corev1.ScopedResourceSelectorRequirementArray{
				corev1.ScopedResourceSelectorRequirementArgs{
					ScopeName: pulumi.String("PriorityClass"), Operator: pulumi.String("In"), Values: pulumi.ToStringArray([]string{criticalPriority}),
				},
			}},
		},
	}
}

// authoritySecret is where what controls the mesh looks for the authority with which it signs
// (https://istio.io/latest/docs/tasks/security/cert-management/plugin-ca-cert/). It takes the form in which
// cert-manager writes one, and a renewed one without a restart, as long as the root is the same
// (https://github.com/istio/istio/blob/1.31.0/pilot/pkg/bootstrap/istio_ca.go).
const authoritySecret = "cacerts"

// The authority holds for ninety days, and is renewed with a new key a month before its end. Certificates of pods hold
// for a day and are renewed by themselves.
const (
	authorityLife  = "2160h"
	authorityRenew = "720h"
)

func (a Args) authority(ctx *pulumi.Context, name string, parent pulumi.Resource, spaces []pulumi.Resource) (pulumi.Resource, error) {
	return certificates.NewIntermediate(ctx, name+"-authority", certificates.Certificate{
		Name: authoritySecret, Namespace: pulumi.String(Namespace), Secret: authoritySecret, After: append(spaces, a.Issuers...), Tags: a.Tags,
	}, "platform mesh", certificates.Life{Duration: authorityLife, RenewBefore: authorityRenew}, parent)
}

// Targets are where its parts tell how they fare: what controls, what redirects and what carries
// (https://istio.io/latest/docs/ops/integrations/prometheus/).
func Targets() map[string]workload.Target {
	return map[string]workload.Target{
		"istiod":    {Namespace: Namespace, Pods: map[string]string{"app": "istiod"}, Port: metricsPort},
		"istio-cni": {Namespace: Nodes, Pods: map[string]string{"k8s-app": "istio-cni-node"}, Port: metricsPort},
		"ztunnel":   {Namespace: Nodes, Pods: map[string]string{"app": "ztunnel"}, Port: tunnelStats, Path: "/stats/prometheus"},
	}
}
