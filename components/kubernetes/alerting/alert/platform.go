package alert

import (
	"fmt"
	"strings"
	"time"

	"platform/components/kubernetes/datadog/query"
)

// Owned is the label in which a series says of whose object it is, where it was collected from somebody else: a collector
// that does not honour labels keeps the object's own under this name
// (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#scrape_config).
const Owned = "exported_namespace"

// Platform is what is the platform's own.
type Platform struct {
	Team       string
	Namespaces []string // of its parts
	// Urgent are those without which customers notice within minutes: doors, mesh, names.
	Urgent []string
	// Placeholders is the namespace of pods that give way, and so often wait.
	Placeholders string
	// Collector is the job of what tells of all other objects; without it most alerts would be silent.
	Collector string
}

// Alerts are those that are of no service.
func (p Platform) Alerts() []Alert {
	definitions := append(pods("the platform", p.in(p.Namespaces), query.Any("kube_namespace", p.Namespaces...)), p.down(), p.waiting())
	definitions = append(definitions, nodes()...)
	definitions = append(definitions, volumes()...)
	definitions = append(definitions, certificates()...)
	definitions = append(definitions, p.monitoring()...)
	definitions = append(definitions, telemetry()...)
	for i, d := range definitions {
		if d.Board == BoardService {
			definitions[i].Board = BoardPlatform
		}
	}
	return ownedBy(p.Team, "", definitions)
}

// Groups are the rules that are of no service.
func (p Platform) Groups(links Links) []Group {
	alerts := Group{Name: "platform-alerts", Interval: Written(Interval)}
	for _, a := range p.Alerts() {
		alerts.Rules = append(alerts.Rules, a.Rule(links))
	}
	return []Group{{Name: "objectives", Interval: Written(Interval), Rules: shared()}, alerts}
}

func (p Platform) in(namespaces []string) string {
	return fmt.Sprintf("namespace=~%q", strings.Join(namespaces, "|"))
}

func (p Platform) down() Definition {
	return Definition{
		Name: "PlatformPartDown", Severity: Page, Pending: 10 * time.Minute, Board: BoardPlatform,
		Summary:     "a part of the platform that all services need is down",
		Description: "No pod of {of:namespace}/{of:deployment} has been available for ten minutes.",
		Expr: fmt.Sprintf("sum by (namespace, deployment) (kube_deployment_spec_replicas{%[1]s}) > 0"+
			"\nand sum by (namespace, deployment) (kube_deployment_status_replicas_available{%[1]s}) == 0", p.in(p.Urgent)),
		Measures: none(10*time.Minute, query.Any("kube_namespace", p.Urgent...)),
	}
}

// waiting: a node comes within minutes, where one may.
func (p Platform) waiting() Definition {
	return Definition{
		Name: "PodsUnschedulable", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
		Summary:     "pods find no node",
		Description: "{value} pods in {of:namespace} have waited for a quarter of an hour, and no node came for them.",
		Expr:        fmt.Sprintf("sum by (namespace) (kube_pod_status_unschedulable{namespace!=%q}) > 0", p.Placeholders),
		Measures: []query.Measure{query.Over("min", 15*time.Minute,
			query.Of("sum", "kubernetes_state.pod.unschedulable", []string{query.None("kube_namespace", p.Placeholders)}, "kube_namespace"), ">", 0, "kube_namespace")},
	}
}

// nodes: one that goes and comes back, or is taken away and replaced, is nobody's business.
func nodes() []Definition {
	return []Definition{
		{
			Name: "NodeNotReady", Severity: Ticket, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "a node does not come back",
			Description: "{of:node} has not been ready for a quarter of an hour, and nobody took it away.",
			Expr:        `max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0`,
			Measures: []query.Measure{query.Over("max", 15*time.Minute,
				query.Of("max", "kubernetes_state.node.by_condition", []string{"condition:ready", "status:true"}, "node"), "<", 1, "node")},
		},
		{
			// https://kubernetes.io/docs/reference/node/node-status/#condition
			Name: "NodeUnderPressure", Severity: Ticket, Pending: 10 * time.Minute, Board: BoardPlatform,
			Summary:     "a node has run short",
			Description: "{of:node} has said {of:condition} for ten minutes: pods are ended there.",
			Expr:        `max by (node, condition) (kube_node_status_condition{condition=~"(Memory|Disk|PID)Pressure",status="true"}) == 1`,
			Measures: []query.Measure{query.Over("min", 10*time.Minute,
				query.Of("max", "kubernetes_state.node.by_condition", []string{query.Any("condition", "memorypressure", "diskpressure", "pidpressure"), "status:true"}, "node", "condition"),
				">=", 1, "node", "condition")},
		},
	}
}

// volumes are the platform's own: services have none.
func volumes() []Definition {
	const free = "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes"
	return []Definition{
		{
			Name: "VolumeFilling", Severity: Ticket, Pending: time.Hour, Board: BoardPlatform,
			Summary:     "a volume will be full within four days",
			Description: "{of:namespace}/{of:persistentvolumeclaim} has {share} left, and loses it at a pace that four days do not outlast.",
			Expr:        free + " < 0.15 and predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 86400) < 0",
			Measures: []query.Measure{query.Over("max", time.Hour, volumeFree, "<", 15, volumeTags...).
				Saying("{of:namespace}/{of:persistentvolumeclaim} has {share} left. At which pace it fills, its dashboard shows.")},
		},
		{
			Name: "VolumeAlmostFull", Severity: Page, Pending: 5 * time.Minute, Board: BoardPlatform,
			Summary:     "a volume is all but full",
			Description: "{of:namespace}/{of:persistentvolumeclaim} has {share} left; what writes there fails next.",
			Expr:        free + " < 0.03",
			Measures:    []query.Measure{query.Over("max", 5*time.Minute, volumeFree, "<", 3, volumeTags...)},
		},
	}
}

// What the kubelet tells of volumes, in percent of each
// (https://docs.datadoghq.com/containers/kubernetes/data_collected/#kubelet).
var (
	volumeTags = []string{"kube_namespace", "persistentvolumeclaim"}
	volumeFree = "100 * " + query.Of("max", "kubernetes.kubelet.volume.stats.available_bytes", nil, volumeTags...) +
		" / " + query.Of("max", "kubernetes.kubelet.volume.stats.capacity_bytes", nil, volumeTags...)
)

// overdue is how many seconds ago a time of a certificate was, as whoever reads cert-manager's metrics reckons it: Datadog's queries know
// no present time. One that never was is left out: nothing is known of a certificate that was never issued.
func overdue(of string) string {
	return "cutoff_max(" + query.Of("max", "cert_manager.certificate."+of+".elapsed", nil, certificateTags...) + ", " + query.Number(longAgo) + ")"
}

// longAgo is twenty years in seconds.
const longAgo = 20 * 365 * 24 * 3600

var certificateTags = []string{"name", "certificate_namespace"}

// certificates: whoever signs has a day to do it, and is asked again all the while
// (https://cert-manager.io/docs/usage/certificate/#reissuance-triggered-by-expiry-renewal).
func certificates() []Definition {
	const renewal, end = "certmanager_certificate_renewal_timestamp_seconds", "certmanager_certificate_expiration_timestamp_seconds"
	return []Definition{
		{
			Name: "CertificateNotRenewed", Severity: Ticket, Pending: time.Hour, Board: BoardPlatform,
			Summary:     "a certificate was not renewed when its time had come",
			Description: "{of:name} in {of:" + Owned + "} was to be renewed {duration} ago.",
			// Nothing is known of when one that was never issued is to be renewed: its time is 0.
			Expr:     fmt.Sprintf("time() - (%s > 0) > 86400", renewal),
			Measures: []query.Measure{query.Over("min", time.Hour, overdue("renewal"), ">", 86400, certificateTags...)},
		},
		{
			Name: "CertificateEnding", Severity: Page, Pending: 15 * time.Minute, Board: BoardPlatform,
			Summary:     "a certificate ends within three days",
			Description: "{of:name} in {of:" + Owned + "} ends in {duration}, and its renewal is overdue: then callers refuse it.",
			Expr:        fmt.Sprintf("(%s > 0) - time() < 259200 and %s < time() - 3600", end, renewal),
			Measures: []query.Measure{query.Over("min", 15*time.Minute, overdue("expiration"), ">", -259200, certificateTags...).
				Saying("{of:name} in {of:" + Owned + "} ends within three days: then callers refuse it.")},
		},
	}
}
