package contract

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/dashboards"
	"platform/components/kubernetes/dashboards/board"
	"platform/components/kubernetes/monitoring"
	"platform/components/tags"
)

// buildAlerting says rules of a service and of the platform, who is told out of a secret of the cloud, and dashboards, to what
// watches.
func (b *builder) buildAlerting() (pulumi.Map, error) {
	w, err := b.watch("sso", monitoring.Receivers)
	if err != nil {
		return nil, err
	}
	hears := notify.Team{Page: notify.Receiver{Kind: notify.PagerDuty}, Ticket: notify.Receiver{Kind: notify.Webhook}}
	if _, err := alerting.New(b.ctx, "alerting", alerting.Args{
		Namespace: w.made.Namespace,
		Watched: alerting.Watched{Services: map[string]alerting.Service{"orders": {
			Service: alert.Service{Name: "orders", Team: "orders", Availability: 99.9, P99: 300 * time.Millisecond, Routed: true, Grows: true}, Tags: owned.With(tags.Service, "orders"),
		}},
			Platform: alert.Platform{
				Team: "platform", Namespaces: []string{"kube-system"}, Urgent: []string{"kube-system"}, Placeholders: "headroom", Collector: "kube-state-metrics",
			},
			Links:  alert.Links{Runbooks: "https://git.example.com/docs/runbooks", Dashboards: "https://monitoring.example.com"},
			Notify: notify.Args{Owner: "platform", Teams: map[string]notify.Team{"orders": hears, "platform": hears}}},
		Source: w.secrets[monitoring.Receivers], Definitions: []pulumi.Resource{w.made.Definitions},
		Stores: append([]pulumi.Resource{w.fetcher}, w.made.Ready...), Tags: owned,
	}, w.inside); err != nil {
		return nil, err
	}
	_, err = dashboards.New(b.ctx, "dashboards", dashboards.Args{Namespace: w.made.Namespace, Boards: board.All(), Tags: owned}, w.inside)
	return pulumi.Map{"namespace": w.made.Namespace}, err
}
