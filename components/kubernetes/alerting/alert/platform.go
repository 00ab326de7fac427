package alert

import (
	"fmt"
	"strings"
	"time"
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

// Groups are the rules that are of no service.
func (p Platform) Groups(links Links) []Group {
	definitions := append(pods("the platform", p.in(p.Namespaces)), p.down(), p.waiting())
	definitions = append(definitions, nodes()...)
	definitions = append(definitions, volumes()...)
	definitions = append(definitions, certificates()...)
	definitions = append(definitions, p.monitoring()...)
	definitions = append(definitions, telemetry()...)
	alerts := Group{Name: "platform-alerts", Interval: Written(Interval)}
	for _, d := range definitions {
		if d.board == BoardService {
			d.board = BoardPlatform
		}
		alerts.Rules = append(alerts.Rules, d.about(p.Team, "", links))
	}
	return []Group{{Name: "objectives", Interval: Written(Interval), Rules: shared()}, alerts}
}

func (p Platform) in(namespaces []string) string {
	return fmt.Sprintf("namespace=~%q", strings.Join(namespaces, "|"))
}

func (p Platform) down() definition {
	return definition{
		name: "PlatformPartDown", severity: Page, pending: 10 * time.Minute, board: BoardPlatform,
		summary:     "a part of the platform that all services need is down",
		description: "No pod of {{ $labels.namespace }}/{{ $labels.deployment }} has been available for ten minutes.",
		expr: fmt.Sprintf("sum by (namespace, deployment) (kube_deployment_spec_replicas{%[1]s}) > 0"+
			"\nand sum by (namespace, deployment) (kube_deployment_status_replicas_available{%[1]s}) == 0", p.in(p.Urgent)),
	}
}

// waiting: a node comes within minutes, where one may.
func (p Platform) waiting() definition {
	return definition{
		name: "PodsUnschedulable", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
		summary:     "pods find no node",
		description: "{{ $value }} pods in {{ $labels.namespace }} have waited for a quarter of an hour, and no node came for them.",
		expr:        fmt.Sprintf("sum by (namespace) (kube_pod_status_unschedulable{namespace!=%q}) > 0", p.Placeholders),
	}
}

// nodes: one that goes and comes back, or is taken away and replaced, is nobody's business.
func nodes() []definition {
	return []definition{
		{
			name: "NodeNotReady", severity: Ticket, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "a node does not come back",
			description: "{{ $labels.node }} has not been ready for a quarter of an hour, and nobody took it away.",
			expr:        `max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 0`,
		},
		{
			// https://kubernetes.io/docs/reference/node/node-status/#condition
			name: "NodeUnderPressure", severity: Ticket, pending: 10 * time.Minute, board: BoardPlatform,
			summary:     "a node has run short",
			description: "{{ $labels.node }} has said {{ $labels.condition }} for ten minutes: pods are ended there.",
			expr:        `max by (node, condition) (kube_node_status_condition{condition=~"(Memory|Disk|PID)Pressure",status="true"}) == 1`,
		},
	}
}

// volumes are the platform's own: services have none.
func volumes() []definition {
	const free = "kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes"
	return []definition{
		{
			name: "VolumeFilling", severity: Ticket, pending: time.Hour, board: BoardPlatform,
			summary:     "a volume will be full within four days",
			description: "{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left, and loses it at a pace that four days do not outlast.",
			expr:        free + " < 0.15 and predict_linear(kubelet_volume_stats_available_bytes[6h], 4 * 86400) < 0",
		},
		{
			name: "VolumeAlmostFull", severity: Page, pending: 5 * time.Minute, board: BoardPlatform,
			summary:     "a volume is all but full",
			description: "{{ $labels.namespace }}/{{ $labels.persistentvolumeclaim }} has {{ $value | humanizePercentage }} left; what writes there fails next.",
			expr:        free + " < 0.03",
		},
	}
}

// certificates: whoever signs has a day to do it, and is asked again all the while
// (https://cert-manager.io/docs/usage/certificate/#reissuance-triggered-by-expiry-renewal).
func certificates() []definition {
	const renewal, end = "certmanager_certificate_renewal_timestamp_seconds", "certmanager_certificate_expiration_timestamp_seconds"
	return []definition{
		{
			name: "CertificateNotRenewed", severity: Ticket, pending: time.Hour, board: BoardPlatform,
			summary:     "a certificate was not renewed when its time had come",
			description: "{{ $labels.name }} in {{ $labels." + Owned + " }} was to be renewed {{ $value | humanizeDuration }} ago.",
			// Nothing is known of when one that was never issued is to be renewed: its time is 0.
			expr: fmt.Sprintf("time() - (%s > 0) > 86400", renewal),
		},
		{
			name: "CertificateEnding", severity: Page, pending: 15 * time.Minute, board: BoardPlatform,
			summary:     "a certificate ends within three days",
			description: "{{ $labels.name }} in {{ $labels." + Owned + " }} ends in {{ $value | humanizeDuration }}, and its renewal is overdue: then callers refuse it.",
			expr:        fmt.Sprintf("(%s > 0) - time() < 259200 and %s < time() - 3600", end, renewal),
		},
	}
}
