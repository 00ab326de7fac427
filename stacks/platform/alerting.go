package platform

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
	"platform/components/kubernetes/alerting"
	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/alerting/notify"
	"platform/components/kubernetes/dashboards"
	"platform/components/kubernetes/dashboards/board"
	"platform/components/kubernetes/datadog/monitor"
	"platform/components/kubernetes/monitoring/watch"
	"platform/components/kubernetes/workload"
	"platform/stacks/catalog"
	"platform/stacks/config"
)

const (
	// systemSpace is where the cluster's own parts run.
	systemSpace = "kube-system"
	// stateMetrics is the job of what tells the state of all objects, as the chart names it (components/kubernetes/monitoring).
	stateMetrics = "kube-state-metrics"
)

// buildAlerting tells whose what goes wrong is, before there are services that could.
func (e *environment) buildAlerting(ctx *pulumi.Context) error {
	if e.watched == nil {
		return nil
	}
	s := e.settings
	watched := alerting.Watched{
		Services: map[string]alerting.Service{}, Platform: watchedPlatform(), Links: alert.Links{Runbooks: s.Monitoring.Alerts.Runbooks},
		Notify: notify.Args{Teams: s.Catalog.Hearing(), Owner: catalog.Owner, Pages: s.Monitoring.Alerts.Pages},
	}
	for _, name := range s.Catalog.Names() {
		watched.Services[name] = alerting.Service{Service: promised(s, name), Tags: s.ServiceTags(name)}
	}
	if s.Monitoring.Kind == watch.Datadog {
		_, err := monitor.New(ctx, "alerting", monitor.Args{
			Watched: watched, Namespace: e.watched.namespace, Cluster: s.Environment, Site: s.Monitoring.Datadog.Site,
			Operator: e.watched.ready, Tags: s.Tags("monitoring"),
		}, e.inside...)
		return err
	}
	watched.Links.Dashboards = "https://" + e.pagesHost()
	if _, err := alerting.New(ctx, "alerting", alerting.Args{
		Watched: watched, Namespace: e.watched.namespace, Source: e.receivers, Definitions: []pulumi.Resource{e.watched.defines},
		Stores: append(e.watching(), e.secrets.Release), Tags: s.Tags("monitoring"),
	}, e.inside...); err != nil {
		return err
	}
	_, err := dashboards.New(ctx, "dashboards", dashboards.Args{
		Namespace: e.watched.namespace, Boards: board.All(), Tags: s.Tags("monitoring"),
	}, e.inside...)
	return err
}

// promised is what the catalogue promises of a service, and what it has in this environment that can go wrong.
func promised(s config.Settings, name string) alert.Service {
	entry := s.Catalog.Services[name]
	return alert.Service{
		Name: name, Team: entry.Team, Availability: entry.SLO.Availability, P99: entry.SLO.P99,
		Routed: len(entry.Routes) > 0, Called: len(s.Catalog.Callers(name)) > 0, Doors: s.Gateway.Kind == gateway.Kong,
		Consumes: len(entry.Consumes) > 0, Secrets: len(entry.Secrets) > 0, Grows: s.Pods(name) > entry.Scaling.Min, Healed: s.Delivery.SelfHeal,
	}
}

// watchedPlatform is what the platform runs. Placeholders wait by design.
func watchedPlatform() alert.Platform {
	return alert.Platform{
		Team:         catalog.Owner,
		Namespaces:   append(slices.DeleteFunc(workload.Shared(), func(n string) bool { return n == workload.Headroom }), systemSpace),
		Urgent:       []string{workload.Ingress, workload.MeshControl, systemSpace},
		Placeholders: workload.Headroom, Collector: stateMetrics,
	}
}
