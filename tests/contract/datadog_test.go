package contract

import (
	"slices"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/certificates"
	"platform/components/kubernetes/datadog"
	"platform/components/kubernetes/datadog/monitor"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/priority"
	"platform/components/kubernetes/secrets"
	"platform/components/kubernetes/workload"
	"platform/components/network"
	"platform/components/tags"
)

// buildDatadog lets Datadog watch a cluster without a mesh, with its keys out of a secret of the cloud, and says objectives, monitors and
// dashboards to it.
func (b *builder) buildDatadog() (pulumi.Map, error) {
	if err := b.needCluster(); err != nil {
		return nil, err
	}
	inside, err := b.inside()
	if err != nil {
		return nil, err
	}
	classes, err := priority.New(b.ctx, "priority", priority.Args{Tags: owned}, inside)
	if err != nil {
		return nil, err
	}
	controller, err := secrets.New(b.ctx, "secrets", secrets.Args{
		Replicas: 1, Around: b.around(network.EndpointSecrets), After: b.cluster.Nodes, Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	who, own, err := b.secretOf("monitoring", datadog.Namespace, datadog.Account, "keys")
	if err != nil {
		return nil, err
	}
	made, err := datadog.New(b.ctx, "monitoring", datadog.Args{
		Environment: "contract", Cloud: b.cloud, Site: "datadoghq.eu", Replicas: 1, Priority: priority.Observability, Mesh: workload.NoMesh,
		Targets: certificates.Targets(), Keys: own["keys"], Annotations: who.Annotations,
		Around: flows.Around{API: b.cluster.API, Ways: map[string]network.Way{"site": network.OverInternet(network.TLSPort)}},
		After:  slices.Concat(b.cluster.Nodes, classes.Ready, []pulumi.Resource{controller.Release}), Tags: owned,
	}, inside)
	if err != nil {
		return nil, err
	}
	hears := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Webhook}}
	_, err = monitor.New(b.ctx, "alerting", monitor.Args{
		Watched: alerting.Watched{
			Services: map[string]alerting.Service{"orders": {
				Service: alert.Service{Name: "orders", Team: "orders", Availability: 99.9, P99: 300 * time.Millisecond, Routed: true, Grows: true}, Tags: owned.With(tags.Service, "orders"),
			}},
			Platform: alert.Platform{
				Team: "platform", Namespaces: []string{"kube-system"}, Urgent: []string{"kube-system"}, Placeholders: "headroom", Collector: "kube-state-metrics",
			},
			Links:  alert.Links{Runbooks: "https://git.example.com/docs/runbooks"},
			Notify: notify.Args{Owner: "platform", Teams: map[string]notify.Team{"orders": hears, "platform": hears}},
		},
		Namespace: made.Namespace, Cluster: "contract", Site: "datadoghq.eu", Operator: made.Ready, Tags: owned,
	}, inside)
	return pulumi.Map{"namespace": made.Namespace}, err
}
