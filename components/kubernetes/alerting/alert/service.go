package alert

import (
	"fmt"
	"time"
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

// Groups are the rules of one service.
func (s Service) Groups(links Links) []Group {
	definitions := []definition{}
	for _, o := range s.objectives() {
		definitions = append(definitions, o.alerts(s.Name)...)
	}
	definitions = append(definitions, s.unmeasured(), s.uncollected(), s.down())
	definitions = append(definitions, pods(s.Name, s.namespace())...)
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
	alerts := Group{Name: s.Name + "-alerts", Interval: Written(Interval)}
	for _, d := range definitions {
		alerts.Rules = append(alerts.Rules, d.about(s.Team, s.Name, links))
	}
	return []Group{{Name: s.Name + "-objectives", Interval: Written(Interval), Rules: s.records()}, alerts}
}

func (s Service) namespace() string { return fmt.Sprintf("namespace=%q", s.Name) }

// unmeasured looks for a whole day, since series begin with the first request.
func (s Service) unmeasured() definition {
	return definition{
		name: "ObjectiveUnmeasured", severity: Ticket, pending: 24 * time.Hour, board: BoardBudget,
		summary:     s.Name + " promises what nobody measures",
		description: "Its pods have been running for a day, and no request was counted: whether it keeps its objective is not known.",
		expr: fmt.Sprintf("sum(kube_deployment_status_replicas_available{%s}) > 0 unless on() %s{%s=%q}",
			s.namespace(), RequestRate, LabelService, s.Name),
	}
}

// uncollected: what a service does not tell, or tells too much of, nobody is told of either.
func (s Service) uncollected() definition {
	return definition{
		name: "MetricsNotCollected", severity: Ticket, pending: 30 * time.Minute, board: BoardService,
		summary:     "the pods of " + s.Name + " do not tell how they fare",
		description: "Of half an hour's attempts to read the metrics of its pods {{ $value | humanizePercentage }} succeeded.",
		expr:        fmt.Sprintf("avg(up{%s}) < 0.9", s.namespace()),
	}
}

// down is a symptom that the service's own counters do not show: without pods nobody counts.
func (s Service) down() definition {
	return definition{
		name: "ServiceDown", severity: Page, pending: 5 * time.Minute, board: BoardService,
		summary:     "no pod of " + s.Name + " serves",
		description: "{{ $value }} pods are wanted and none has been available for five minutes.",
		expr: fmt.Sprintf("sum(kube_deployment_spec_replicas{%[1]s}) > 0 and sum(kube_deployment_status_replicas_available{%[1]s}) == 0",
			s.namespace()),
	}
}

// throttled: a quarter of the periods in which the limit holds a container back is what the mixin of Kubernetes calls
// high (https://github.com/kubernetes-monitoring/kubernetes-mixin/blob/master/config.libsonnet). An hour of it is no start and no peak.
func (s Service) throttled() definition {
	return definition{
		name: "ContainersThrottled", severity: Ticket, pending: time.Hour, board: BoardService,
		summary:     "the CPU's limit holds " + s.Name + " back",
		description: "In {{ $value | humanizePercentage }} of its periods its containers were stopped at their limit: it answers slower than its code would.",
		expr: fmt.Sprintf(`sum(rate(container_cpu_cfs_throttled_periods_total{%[1]s,container!=""}[15m])) / sum(rate(container_cpu_cfs_periods_total{%[1]s,container!=""}[15m])) > 0.25`,
			s.namespace()),
	}
}

// atMaximum: a peak is over sooner.
func (s Service) atMaximum() definition {
	of := s.namespace()
	return definition{
		name: "ScalingAtMaximum", severity: Ticket, pending: 30 * time.Minute, board: BoardService,
		summary:     s.Name + " runs as many pods as it may",
		description: "It has had its {{ $value }} pods for half an hour: what more load comes, they do not bear.",
		expr:        fmt.Sprintf("max(kube_horizontalpodautoscaler_status_current_replicas{%[1]s}) >= max(kube_horizontalpodautoscaler_spec_max_replicas{%[1]s})", of),
	}
}

// blind: the autoscaler's object bears the service's name (components/kubernetes/scaling).
func (s Service) blind() definition {
	return definition{
		name: "ScalerBlind", severity: Ticket, pending: 15 * time.Minute, board: BoardService,
		summary:     "how deep the queues of " + s.Name + " are is not known",
		description: "The autoscaler has failed to read a queue for a quarter of an hour: the pods stay as many as they are, however many messages wait.",
		expr:        fmt.Sprintf("sum(rate(keda_scaler_detail_errors_total{scaledObject=%q}[5m])) > 0", s.Name),
	}
}

func (s Service) outOfSync() definition {
	return definition{
		name: "DeliveryOutOfSync", severity: Ticket, pending: time.Hour, board: BoardService,
		summary:     s.Name + " is not what Git says",
		description: "For an hour Argo CD has not brought the cluster to what the repository says: the last change is not delivered.",
		expr:        fmt.Sprintf(`max(argocd_app_info{name=%q,sync_status!="Synced"}) == 1`, s.Name),
	}
}

// notFetched: secrets are asked for once an hour (components/kubernetes/bridge).
func (s Service) notFetched() definition {
	return definition{
		name: "SecretNotFetched", severity: Ticket, pending: 30 * time.Minute, board: BoardService,
		summary:     "a secret of " + s.Name + " is not fetched",
		description: "The cloud's store has not given {{ $labels.name }} for half an hour: pods go on with the last value, and new ones without any do not start.",
		expr: fmt.Sprintf(`max by (name) (externalsecret_status_condition{%s=%q,condition="Ready",status="False"}) == 1`,
			Owned, s.Name),
	}
}

// limited: of so few that one client tries again nobody needs to hear.
func (s Service) limited() definition {
	return definition{
		name: "RouteLimited", severity: Ticket, pending: 15 * time.Minute, board: BoardService,
		summary:     "callers of " + s.Name + " are turned away by the rate of its route",
		description: "{{ $value | humanizePercentage }} of the requests to the route {{ $labels.route }} were answered with 429.",
		expr: fmt.Sprintf(`sum by (route) (rate(kong_http_requests_total{service=%[1]q,code="429"}[15m])) / sum by (route) (rate(kong_http_requests_total{service=%[1]q}[15m])) > 0.05`,
			s.Name),
	}
}
