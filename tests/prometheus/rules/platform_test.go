package rules

// parts are what happens to what the platform runs.
var parts = []situation{
	{
		name: "a door is down", of: atServer, span: [2]int{15, 1}, series: running("ingress", 2, 0), fires: []string{"PlatformPartDown"},
	},
	{
		name: "a door has one pod left", of: atServer, span: [2]int{15, 1}, series: running("ingress", 2, 1), near: []string{"PlatformPartDown"},
	},
	{
		name: "a door is not wanted", of: atServer, span: [2]int{15, 1}, series: running("ingress", 0, 0), near: []string{"PlatformPartDown"},
	},
	{
		name: "a part is down that nobody waits for", of: atServer, span: [2]int{15, 1}, series: running("observability", 1, 0), near: []string{"PlatformPartDown"},
	},
	{
		name: "pods find no node", of: atServer, span: [2]int{20, 1},
		series: []string{always(`kube_pod_status_unschedulable{namespace="ledger",pod="ledger-1"}`, 1, 25)}, fires: []string{"PodsUnschedulable"},
	},
	{
		name: "pods find their nodes", of: atServer, span: [2]int{20, 1},
		series: []string{always(`kube_pod_status_unschedulable{namespace="ledger",pod="ledger-1"}`, 0, 25)}, near: []string{"PodsUnschedulable"},
	},
	{
		name: "a placeholder waits", of: atServer, span: [2]int{20, 1},
		series: []string{always(`kube_pod_status_unschedulable{namespace="headroom",pod="headroom-1"}`, 1, 25)}, near: []string{"PodsUnschedulable"},
	},
	{
		name: "a node does not come back", of: atServer, span: [2]int{20, 1},
		series: []string{always(`kube_node_status_condition{node="a",condition="Ready",status="true"}`, 0, 25)}, fires: []string{"NodeNotReady"},
	},
	{
		name: "a node is ready", of: atServer, span: [2]int{20, 1},
		series: []string{always(`kube_node_status_condition{node="a",condition="Ready",status="true"}`, 1, 25)}, near: []string{"NodeNotReady"},
	},
	{
		name: "a node goes and is taken away", of: atServer, span: [2]int{20, 1},
		series: []string{`kube_node_status_condition{node="a",condition="Ready",status="true"} 0x8 _x20`}, near: []string{"NodeNotReady"},
	},
	{
		name: "a node has no disk left", of: atServer, span: [2]int{15, 1},
		series: []string{always(`kube_node_status_condition{node="a",condition="DiskPressure",status="true"}`, 1, 20)}, fires: []string{"NodeUnderPressure"},
	},
	{
		name: "a node has disk left", of: atServer, span: [2]int{15, 1},
		series: []string{always(`kube_node_status_condition{node="a",condition="DiskPressure",status="true"}`, 0, 20)}, near: []string{"NodeUnderPressure"},
	},
	{
		name: "a volume is filled within days", of: atServer, span: [2]int{8 * hour, 5}, series: volume("14-0.01x500"), fires: []string{"VolumeFilling"},
	},
	{
		name: "a volume is filled at the same pace and has room", of: atServer, span: [2]int{8 * hour, 5}, series: volume("42-0.01x500"), near: []string{"VolumeFilling"},
	},
	{
		name: "a volume is rather full and stays so", of: atServer, span: [2]int{8 * hour, 5}, series: volume("5x500"),
		near: []string{"VolumeFilling", "VolumeAlmostFull"},
	},
	{
		name: "a volume is all but full", of: atServer, span: [2]int{10, 1}, series: volume("2x20"), fires: []string{"VolumeAlmostFull"},
	},
	{
		name: "a certificate was to be renewed a day ago", of: atServer, span: [2]int{27 * hour, 10}, series: certificate(3600, 30*day*60), fires: []string{"CertificateNotRenewed"},
	},
	{
		name: "a certificate was to be renewed half a day ago", of: atServer, span: [2]int{13 * hour, 10}, series: certificate(3600, 30*day*60), near: []string{"CertificateNotRenewed"},
	},
	{
		name: "a certificate is asked for the first time", of: atServer, span: [2]int{27 * hour, 10}, series: certificate(0, 0),
		near: []string{"CertificateNotRenewed", "CertificateEnding"},
	},
	{
		name: "a certificate ends in two days", of: atServer, span: [2]int{3 * hour, 5}, series: certificate(3600, 2*day*60), fires: []string{"CertificateEnding"},
	},
	{
		name: "a certificate of two days is not to be renewed yet", of: atServer, span: [2]int{3 * hour, 5}, series: certificate(day*60, 2*day*60), near: []string{"CertificateEnding"},
	},
	{
		name: "a certificate ends in six days", of: atServer, span: [2]int{3 * hour, 5}, series: certificate(3600, 6*day*60), near: []string{"CertificateEnding"},
	},
	{
		name: "one of two doors does not tell its metrics", of: atServer, span: [2]int{20, 1},
		series: []string{always(`up{job="kong",namespace="ingress",pod="a"}`, 1, 25), always(`up{job="kong",namespace="ingress",pod="b"}`, 0, 25)},
		fires:  []string{"MonitoringTargetDown"},
	},
	{
		name: "one of twelve nodes' agents does not tell its metrics", of: atServer, span: [2]int{20, 1}, series: agents(12), near: []string{"MonitoringTargetDown"},
	},
	{
		name: "rules fail", of: atServer, span: [2]int{25, 1},
		series: []string{counter(`prometheus_rule_evaluation_failures_total{rule_group="a"}`, part{30, 1})}, fires: []string{"RulesFailing"},
	},
	{
		name: "no rule fails", of: atServer, span: [2]int{25, 1},
		series: []string{counter(`prometheus_rule_evaluation_failures_total{rule_group="a"}`, part{30, 0})}, near: []string{"RulesFailing"},
	},
	{
		name: "a gateway takes no more spans", of: atServer, span: [2]int{30, 1},
		series: []string{counter(`otelcol_receiver_refused_spans_total{job="collector"}`, part{40, 6})}, fires: []string{"TelemetryRefused"},
	},
	{
		name: "a gateway takes no more lines", of: atServer, span: [2]int{30, 1},
		series: []string{counter(`otelcol_receiver_refused_log_records_total{job="collector"}`, part{40, 6})}, fires: []string{"TelemetryRefused"},
	},
	{
		name: "a gateway refused some for minutes, and takes again", of: atServer, span: [2]int{40, 1},
		series: []string{
			counter(`otelcol_receiver_refused_spans_total{job="collector"}`, part{8, 6}, part{40, 0}),
			counter(`otelcol_receiver_refused_log_records_total{job="collector"}`, part{8, 6}, part{40, 0}),
		}, near: []string{"TelemetryRefused"},
	},
	{
		name: "a queue is nine tenths full", of: atServer, span: [2]int{20, 1}, series: waiting(1800), fires: []string{"TelemetryQueueFilling"},
	},
	{
		name: "a queue is three quarters full", of: atServer, span: [2]int{20, 1}, series: waiting(1500), near: []string{"TelemetryQueueFilling"},
	},
	{
		name: "spans are given up", of: atServer, span: [2]int{30, 1},
		series: []string{counter(`otelcol_exporter_send_failed_spans_total{job="collector",exporter="otlp/traces"}`, part{40, 6})}, fires: []string{"TelemetryLost"},
	},
	{
		name: "lines are given up", of: atServer, span: [2]int{30, 1},
		series: []string{counter(`otelcol_exporter_send_failed_log_records_total{job="collector",exporter="otlphttp/logs"}`, part{40, 6})}, fires: []string{"TelemetryLost"},
	},
	{
		name: "a store restarted, and some were given up", of: atServer, span: [2]int{40, 1},
		series: []string{
			counter(`otelcol_exporter_send_failed_spans_total{job="collector",exporter="otlp/traces"}`, part{8, 6}, part{40, 0}),
			counter(`otelcol_exporter_send_failed_log_records_total{job="collector",exporter="otlphttp/logs"}`, part{8, 6}, part{40, 0}),
		}, near: []string{"TelemetryLost"},
	},
	{
		name: "logs do not reach the object storage", of: atServer, span: [2]int{60, 1},
		series: []string{counter(`loki_ingester_chunks_flush_failures_total{job="loki"}`, part{70, 2})}, fires: []string{"TelemetryNotStored"},
	},
	{
		name: "traces do not reach the object storage", of: atServer, span: [2]int{60, 1},
		series: []string{counter(`tempo_ingester_failed_flushes_total{job="tempo"}`, part{70, 2})}, fires: []string{"TelemetryNotStored"},
	},
	{
		name: "the object storage did not answer for some minutes", of: atServer, span: [2]int{60, 1},
		series: []string{
			counter(`loki_ingester_chunks_flush_failures_total{job="loki"}`, part{5, 2}, part{60, 0}),
			counter(`tempo_ingester_failed_flushes_total{job="tempo"}`, part{5, 2}, part{60, 0}),
		}, near: []string{"TelemetryNotStored"},
	},
	{
		name: "a tenth of what is sent does not arrive", of: atServer, span: [2]int{35, 1}, series: sent(10), fires: []string{"NotificationsFailing"},
	},
	{
		name: "3 % of what is sent do not arrive", of: atServer, span: [2]int{35, 1}, series: sent(3), near: []string{"NotificationsFailing"},
	},
	{
		name: "Prometheus refuses its configuration", of: atServer, span: [2]int{15, 1},
		series: []string{always(`prometheus_config_last_reload_successful{pod="prometheus-0"}`, 0, 20)}, fires: []string{"ConfigurationRefused"},
	},
	{
		name: "Alertmanager refuses its configuration", of: atServer, span: [2]int{15, 1},
		series: []string{always(`alertmanager_config_last_reload_successful{pod="alertmanager-0"}`, 0, 20)}, fires: []string{"ConfigurationRefused"},
	},
	{
		name: "both take theirs", of: atServer, span: [2]int{15, 1},
		series: []string{
			always(`prometheus_config_last_reload_successful{pod="prometheus-0"}`, 1, 20), always(`alertmanager_config_last_reload_successful{pod="alertmanager-0"}`, 1, 20),
		},
		near: []string{"ConfigurationRefused"},
	},
}

func running(namespace string, wanted, serving int) []string {
	of := `{namespace="` + namespace + `",deployment="part"}`
	return []string{always("kube_deployment_spec_replicas"+of, wanted, 20), always("kube_deployment_status_replicas_available"+of, serving, 20)}
}

func volume(percent string) []string {
	of := `{namespace="observability",persistentvolumeclaim="prometheus-0"}`
	return []string{"kubelet_volume_stats_available_bytes" + of + " " + percent, always("kubelet_volume_stats_capacity_bytes"+of, 100, 500)}
}

// certificate is one that is to be renewed, and ends, so many seconds after the beginning.
func certificate(renewal, end int) []string {
	of := `{name="door",exported_namespace="ingress"}`
	return []string{
		always("certmanager_certificate_renewal_timestamp_seconds"+of, renewal, 28*hour), always("certmanager_certificate_expiration_timestamp_seconds"+of, end, 28*hour),
	}
}

func agents(nodes int) []string {
	out := []string{always(`up{job="node-exporter",namespace="observability",instance="z"}`, 0, 25)}
	for n := 1; n < nodes; n++ {
		out = append(out, always(`up{job="node-exporter",namespace="observability",instance="`+string(rune('a'+n-1))+`"}`, 1, 25))
	}
	return out
}

func sent(failing int) []string {
	of := `{integration="webhook"}`
	return []string{counter("alertmanager_notifications_total"+of, part{40, 100}), counter("alertmanager_notifications_failed_total"+of, part{40, failing})}
}

// waiting is a queue of a collector of two thousand places.
func waiting(size int) []string {
	of := `{job="collector",exporter="otlp/traces"}`
	return []string{always("otelcol_exporter_queue_size"+of, size, 25), always("otelcol_exporter_queue_capacity"+of, 2000, 25)}
}
