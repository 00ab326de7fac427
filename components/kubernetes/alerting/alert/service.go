package alert

import (
	"fmt"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// Service is what is promised of a service, and what it has that can go wrong.
type Service struct {
	Name, Team   string
	Availability float64       // percent of the requests, or of the messages where it answers nobody
	P99          time.Duration // 0: nothing is promised
	// Routed services are reached through the gateway, and Called ones by others; Doors says that the gateway is in the cluster.
	Routed, Called, Doors bool
	Consumes              bool
	Secrets               bool // it has some that are fetched
	Grows                 bool // its pods are not always as many
	// Healed services are brought back to what Git says without anybody's doing.
	Healed bool
}

// Alerts are those of one service.
func (s Service) Alerts() []Alert {
	definitions := []Definition{}
	for _, o := range s.objectives() {
		definitions = append(definitions, o.alerts(s.Name)...)
	}
	definitions = append(definitions, s.unmeasured(), s.uncollected(), s.down())
	definitions = append(definitions, pods(s.Name, s.namespace(), s.tag())...)
	definitions = append(definitions, s.throttled())
	if s.Grows {
		definitions = append(definitions, s.atMaximum())
	}
	if s.Consumes {
		definitions = append(definitions, s.blind())
	}
	if s.Healed {
		definitions = append(definitions, s.outOfSync())
	}
	if s.Secrets {
		definitions = append(definitions, s.notFetched())
	}
	if s.Doors && s.Routed {
		definitions = append(definitions, s.limited())
	}
	return ownedBy(s.Team, s.Name, definitions)
}

// Groups are the rules of one service.
func (s Service) Groups(links Links) []Group {
	alerts := Group{Name: s.Name + "-alerts", Interval: Written(Interval)}
	for _, a := range s.Alerts() {
		alerts.Rules = append(alerts.Rules, a.Rule(links))
	}
	return []Group{{Name: s.Name + "-objectives", Interval: Written(Interval), Rules: s.records()}, alerts}
}

func (s Service) namespace() string { return fmt.Sprintf("namespace=%q", s.Name) }

// tag is the same to Datadog.
func (s Service) tag() string { return "kube_namespace:" + s.Name }

// unmeasured looks for a whole day, since series begin with the first request.
func (s Service) unmeasured() Definition {
	return Definition{
		Name: "ObjectiveUnmeasured", Severity: Ticket, Pending: 24 * time.Hour, Board: BoardBudget,
		Summary:     s.Name + " promises what nobody measures",
		Description: "Its pods have been running for a day, and no request was counted: whether it keeps its objective is not known.",
		Expr: fmt.Sprintf("sum(kube_deployment_status_replicas_available{%s}) > 0 unless on() %s{%s=%q}",
			s.namespace(), RequestRate, LabelService, s.Name),
		// The product is nothing where no pod serves.
		Measures: []query.Measure{query.Over("max", 24*time.Hour, "(1 + default_zero("+s.counted().total+")) * clamp_max("+
			query.Of("sum", state+"deployment.replicas_available", []string{s.tag()})+", 1)", "<=", 1)},
	}
}

// uncollected: what a service does not tell, or tells too much of, nobody is told of either.
func (s Service) uncollected() Definition {
	return Definition{
		Name: "MetricsNotCollected", Severity: Ticket, Pending: 30 * time.Minute, Board: BoardService,
		Summary:     "the pods of " + s.Name + " do not tell how they fare",
		Description: "Of half an hour's attempts to read the metrics of its pods {share} succeeded.",
		Expr:        fmt.Sprintf("avg(up{%s}) < 0.9", s.namespace()),
		Measures: []query.Measure{query.Failing(Collected+".openmetrics.health", 10, 0, []string{s.tag()}, "endpoint").
			Saying("The last ten attempts to read the metrics of a pod failed, at {of:endpoint}.")},
	}
}

// down is a symptom that the service's own counters do not show: without pods nobody counts.
func (s Service) down() Definition {
	return Definition{
		Name: "ServiceDown", Severity: Page, Pending: 5 * time.Minute, Board: BoardService,
		Summary:     "no pod of " + s.Name + " serves",
		Description: "{value} pods are wanted and none has been available for five minutes.",
		Expr: fmt.Sprintf("sum(kube_deployment_spec_replicas{%[1]s}) > 0 and sum(kube_deployment_status_replicas_available{%[1]s}) == 0",
			s.namespace()),
		Measures: none(5*time.Minute, s.tag()),
	}
}

// throttled: a quarter of the periods in which the limit holds a container back is what the mixin of Kubernetes calls
// high (https://github.com/kubernetes-monitoring/kubernetes-mixin/blob/master/config.libsonnet). An hour of it is no start and no peak.
func (s Service) throttled() Definition {
	return Definition{
		Name: "ContainersThrottled", Severity: Ticket, Pending: time.Hour, Board: BoardService,
		Summary:     "the CPU's limit holds " + s.Name + " back",
		Description: "In {share} of its periods its containers were stopped at their limit: it answers slower than its code would.",
		Expr: fmt.Sprintf(`sum(rate(container_cpu_cfs_throttled_periods_total{%[1]s,container!=""}[15m])) / sum(rate(container_cpu_cfs_periods_total{%[1]s,container!=""}[15m])) > 0.25`,
			s.namespace()),
		Measures: []query.Measure{query.Over("avg", time.Hour, "100 * "+query.Of("sum", "kubernetes.cpu.cfs.throttled.periods", []string{s.tag()})+
			" / "+query.Of("sum", "kubernetes.cpu.cfs.periods", []string{s.tag()}), ">", 25)},
	}
}

// atMaximum: a peak is over sooner.
func (s Service) atMaximum() Definition {
	of := s.namespace()
	return Definition{
		Name: "ScalingAtMaximum", Severity: Ticket, Pending: 30 * time.Minute, Board: BoardService,
		Summary:     s.Name + " runs as many pods as it may",
		Description: "It has had its {value} pods for half an hour: what more load comes, they do not bear.",
		Expr:        fmt.Sprintf("max(kube_horizontalpodautoscaler_status_current_replicas{%[1]s}) >= max(kube_horizontalpodautoscaler_spec_max_replicas{%[1]s})", of),
		Measures: []query.Measure{query.Over("min", 30*time.Minute, query.Of("max", state+"hpa.current_replicas", []string{s.tag()})+
			" / "+query.Of("max", state+"hpa.max_replicas", []string{s.tag()}), ">=", 1).
			Saying("It has had all its pods for half an hour: what more load comes, they do not bear.")},
	}
}

// blind: the autoscaler's object bears the service's name (components/kubernetes/scaling).
func (s Service) blind() Definition {
	return Definition{
		Name: "ScalerBlind", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardService,
		Summary:     "how deep the queues of " + s.Name + " are is not known",
		Description: "The autoscaler has failed to read a queue for a quarter of an hour: the pods stay as many as they are, however many messages wait.",
		Expr:        fmt.Sprintf("sum(rate(keda_scaler_detail_errors_total{scaledObject=%q}[5m])) > 0", s.Name),
		Measures: []query.Measure{query.Over("min", 15*time.Minute,
			query.Counted("keda.scaler.detail_errors.count", []string{"scaledobject:" + s.Name})+".rollup(sum, 300)", ">", 0)},
	}
}

func (s Service) outOfSync() Definition {
	return Definition{
		Name: "DeliveryOutOfSync", Severity: Ticket, Pending: time.Hour, Board: BoardService,
		Summary:     s.Name + " is not what Git says",
		Description: "For an hour Argo CD has not brought the cluster to what the repository says: the last change is not delivered.",
		Expr:        fmt.Sprintf(`max(argocd_app_info{name=%q,sync_status!="Synced"}) == 1`, s.Name),
		Measures: []query.Measure{query.Over("min", time.Hour,
			query.Of("max", "argocd.app_controller.app.info", []string{"name:" + s.Name, query.Not("sync_status", "synced")}), ">=", 1)},
	}
}

// notFetched: secrets are asked for once an hour (components/kubernetes/bridge).
func (s Service) notFetched() Definition {
	return Definition{
		Name: "SecretNotFetched", Severity: Ticket, Pending: 30 * time.Minute, Board: BoardService,
		Summary:     "a secret of " + s.Name + " is not fetched",
		Description: "The cloud's store has not given {of:name} for half an hour: pods go on with the last value, and new ones without any do not start.",
		Expr: fmt.Sprintf(`max by (name) (externalsecret_status_condition{%s=%q,condition="Ready",status="False"}) == 1`,
			Owned, s.Name),
		Unmeasured: "Datadog has no check of who fetches secrets; a pod that starts without one does not become ready, which PodsMissing tells",
	}
}

// limited: of so few that one client tries again nobody needs to hear.
func (s Service) limited() Definition {
	return Definition{
		Name: "RouteLimited", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardService,
		Summary:     "callers of " + s.Name + " are turned away by the rate of its route",
		Description: "{share} of the requests to the route {of:route} were answered with 429.",
		Expr: fmt.Sprintf(`sum by (route) (rate(kong_http_requests_total{service=%[1]q,code="429"}[15m])) / sum by (route) (rate(kong_http_requests_total{service=%[1]q}[15m])) > 0.05`,
			s.Name),
		Measures: []query.Measure{query.Over("sum", 15*time.Minute, "100 * "+query.Counted(doorRequests, []string{s.atDoor(), "code:429"}, "route")+
			" / "+query.Counted(doorRequests, []string{s.atDoor()}, "route"), ">", 5, "route")},
	}
}
