package alert

// Metric is one that rules and dashboards may name.
type Metric struct {
	From   string // who tells it
	Source string // where it is described
}

const (
	kubernetes       = "kube-state-metrics"
	kubelet          = "kubelet"
	statePods        = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/pod-metrics.md"
	stateDeploy      = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/deployment-metrics.md"
	stateSet         = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/statefulset-metrics.md"
	stateDaemons     = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/daemonset-metrics.md"
	stateScalers     = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/workload/horizontalpodautoscaler-metrics.md"
	stateNodes       = "https://github.com/kubernetes/kube-state-metrics/blob/main/docs/metrics/cluster/node-metrics.md"
	cadvisor         = "https://github.com/google/cadvisor/blob/master/docs/storage/prometheus.md"
	volumeStats      = "https://kubernetes.io/docs/reference/instrumentation/metrics/"
	collector        = "collector"
	collectorMetrics = "https://opentelemetry.io/docs/collector/internal-telemetry/"
	kongMetrics      = "https://developer.konghq.com/plugins/prometheus/#available-metrics"
	httpMetrics      = "https://opentelemetry.io/docs/specs/semconv/http/http-metrics/"
	queueMetrics     = "https://opentelemetry.io/docs/specs/semconv/messaging/messaging-metrics/"
)

// Metrics are all that anything here reads: a name that is not among them is a mistake, or a metric that nobody collects.
var Metrics = map[string]Metric{
	"kube_pod_container_status_restarts_total":             {kubernetes, statePods},
	"kube_pod_container_status_waiting_reason":             {kubernetes, statePods},
	"kube_pod_container_status_last_terminated_reason":     {kubernetes, statePods},
	"kube_pod_container_resource_requests":                 {kubernetes, statePods},
	"kube_pod_container_resource_limits":                   {kubernetes, statePods},
	"kube_pod_status_unschedulable":                        {kubernetes, statePods},
	"kube_deployment_spec_replicas":                        {kubernetes, stateDeploy},
	"kube_deployment_status_replicas_available":            {kubernetes, stateDeploy},
	"kube_statefulset_replicas":                            {kubernetes, stateSet},
	"kube_statefulset_status_replicas_ready":               {kubernetes, stateSet},
	"kube_daemonset_status_number_unavailable":             {kubernetes, stateDaemons},
	"kube_horizontalpodautoscaler_status_current_replicas": {kubernetes, stateScalers},
	"kube_horizontalpodautoscaler_spec_max_replicas":       {kubernetes, stateScalers},
	"kube_node_status_condition":                           {kubernetes, stateNodes},
	"kube_node_status_allocatable":                         {kubernetes, stateNodes},

	"container_cpu_usage_seconds_total":         {kubelet, cadvisor},
	"container_cpu_cfs_periods_total":           {kubelet, cadvisor},
	"container_cpu_cfs_throttled_periods_total": {kubelet, cadvisor},
	"container_memory_working_set_bytes":        {kubelet, cadvisor},
	"kubelet_volume_stats_available_bytes":      {kubelet, volumeStats},
	"kubelet_volume_stats_capacity_bytes":       {kubelet, volumeStats},

	"kong_http_requests_total":       {"kong", kongMetrics},
	"kong_request_latency_ms_bucket": {"kong", kongMetrics},
	"kong_request_latency_ms_count":  {"kong", kongMetrics},

	"http_server_request_duration_seconds_bucket": {"service", httpMetrics},
	"http_server_request_duration_seconds_count":  {"service", httpMetrics},
	"messaging_process_duration_seconds_bucket":   {"service", queueMetrics},
	"messaging_process_duration_seconds_count":    {"service", queueMetrics},

	"keda_scaler_detail_errors_total": {"keda", "https://keda.sh/docs/2.20/integrations/prometheus/"},
	"keda_scaler_metrics_value":       {"keda", "https://keda.sh/docs/2.20/integrations/prometheus/"},
	"argocd_app_info":                 {"argocd", "https://argo-cd.readthedocs.io/en/stable/operator-manual/metrics/"},
	"externalsecret_status_condition": {"external-secrets", "https://external-secrets.io/latest/api/metrics/"},

	"certmanager_certificate_renewal_timestamp_seconds":    {"cert-manager", "https://cert-manager.io/docs/devops-tips/prometheus-metrics/"},
	"certmanager_certificate_expiration_timestamp_seconds": {"cert-manager", "https://cert-manager.io/docs/devops-tips/prometheus-metrics/"},

	"otelcol_receiver_refused_spans_total":           {collector, collectorMetrics},
	"otelcol_receiver_refused_log_records_total":     {collector, collectorMetrics},
	"otelcol_exporter_queue_size":                    {collector, collectorMetrics},
	"otelcol_exporter_queue_capacity":                {collector, collectorMetrics},
	"otelcol_exporter_send_failed_spans_total":       {collector, collectorMetrics},
	"otelcol_exporter_send_failed_log_records_total": {collector, collectorMetrics},
	"loki_ingester_chunks_flush_failures_total":      {"loki", "https://github.com/grafana/loki/blob/main/pkg/ingester/metrics.go"},
	"tempo_ingester_failed_flushes_total":            {"tempo", "https://github.com/grafana/tempo/blob/v2.10.8/modules/ingester/flush.go"},

	"up":     {"prometheus", "https://prometheus.io/docs/concepts/jobs_instances/#automatically-generated-labels-and-time-series"},
	"ALERTS": {"prometheus", "https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/#inspecting-alerts-during-runtime"},
	"prometheus_rule_evaluation_failures_total":  {"prometheus", "https://github.com/prometheus/prometheus/blob/main/rules/group.go"},
	"prometheus_config_last_reload_successful":   {"prometheus", "https://github.com/prometheus/prometheus/blob/main/cmd/prometheus/main.go"},
	"alertmanager_notifications_total":           {"alertmanager", "https://github.com/prometheus/alertmanager/blob/main/notify/notify.go"},
	"alertmanager_notifications_failed_total":    {"alertmanager", "https://github.com/prometheus/alertmanager/blob/main/notify/notify.go"},
	"alertmanager_config_last_reload_successful": {"alertmanager", "https://github.com/prometheus/alertmanager/blob/main/config/coordinator.go"},
}
