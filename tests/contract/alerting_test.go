package contract

import (
	"time"

	"github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes"
	corev1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/core/v1"
	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/dashboards"
	"platform/components/kubernetes/dashboards/board"
	"platform/components/kubernetes/monitoring"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/network"
	"platform/components/tags"
)

// buildAlerting says rules of a service and of the platform, who is told out of a secret of the cloud, and dashboards, where the
// definitions of rules are.
func (b *builder) buildAlerting() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	provider, err := kubernetes.NewProvider(b.ctx, "kubernetes", &kubernetes.ProviderArgs{
		Kubeconfig: b.cluster.Kubeconfig, DeleteUnreachable: pulumi.Bool(true),
	}, pulumi.DependsOn(b.cluster.Nodes))
	if err != nil {
		return nil, err
	}
	inside := pulumi.Providers(provider)
	controller, err := secrets.New(b.ctx, "secrets", secrets.Args{
		Replicas: 1, Around: b.around(network.EndpointSecrets), After: b.cluster.Nodes, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	who, own, err := b.secretOf("monitoring", monitoring.Namespace, monitoring.Account, monitoring.Receivers)
	if err != nil {
		return nil, err
	}
	space, err := system.NewNamespace(b.ctx, "monitoring", system.Args{Name: monitoring.Namespace, Level: tenancy.LevelRestricted, Tags: owned}, inside)
	if err != nil {
		return nil, err
	}
	metadata := metav1.ObjectMetaArgs{
		Name: pulumi.String(monitoring.Account), Namespace: space.Metadata.Name().Elem(), Labels: pulumi.ToStringMap(owned), Annotations: who.Annotations,
	}
	account, err := corev1.NewServiceAccount(b.ctx, "monitoring", &corev1.ServiceAccountArgs{Metadata: metadata, AutomountServiceAccountToken: pulumi.Bool(false)}, inside)
	if err != nil {
		return nil, err
	}
	source := chart.PrometheusDefinitions
	definitions, err := chart.New(b.ctx, "definitions", chart.Args{
		Name: source.Chart, Chart: source.Chart, Version: source.Version, Repository: source.Repository, Namespace: monitoring.Namespace,
		Values: pulumi.Map{}, TimeoutSec: 300,
	}, inside, pulumi.DependsOn([]pulumi.Resource{space}))
	if err != nil {
		return nil, err
	}
	hears := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Webhook}}
	if _, err := alerting.New(b.ctx, "alerting", alerting.Args{
		Namespace: space.Metadata.Name().Elem(),
		Services: map[string]alerting.Service{"orders": {
			Service: alert.Service{Name: "orders", Team: "orders", Availability: 99.9, P99: 300 * time.Millisecond, Routed: true, Grows: true}, Tags: owned.With(tags.Service, "orders"),
		}},
		Platform: alert.Platform{
			Team: "platform", Namespaces: []string{"kube-system"}, Urgent: []string{"kube-system"}, Placeholders: "headroom", Collector: "kube-state-metrics",
		},
		Links:  alert.Links{Runbooks: "https://git.example.com/docs/runbooks", Dashboards: "https://monitoring.example.com"},
		Notify: notify.Args{Owner: "platform", Teams: map[string]notify.Team{"orders": hears, "platform": hears}},
		Source: own[monitoring.Receivers], Definitions: []pulumi.Resource{definitions},
		Stores: []pulumi.Resource{controller.Release, account}, Tags: owned,
	}, inside); err != nil {
		return nil, err
	}
	_, err = dashboards.New(b.ctx, "dashboards", dashboards.Args{Namespace: space.Metadata.Name().Elem(), Boards: board.All(), Tags: owned}, inside)
	return pulumi.Map{"namespace": space.Metadata.Name()}, err
}
