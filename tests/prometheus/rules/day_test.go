package rules

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"testing"

	"github.com/prometheus/prometheus/model/labels"

	"platform/components/kubernetes/alerting/alert"
	"platform/tests/prometheus/engine"
)

// TestAHealthyDayIsSilent looks at a whole day, minute by minute: nothing fires in it but the dead man's switch.
func TestAHealthyDayIsSilent(t *testing.T) {
	var rules []alert.Group
	for _, s := range []alert.Service{atDoor, atServer, atQueue} {
		rules = append(rules, s.Groups(links)...)
	}
	rules = append(rules, platform.Groups(links)...)
	series := healthyDay()
	fired, err := engine.Evaluate(rules, series, engine.Span{Minutes: day, Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range fired {
		if a.Name != alert.Watchdog {
			t.Errorf("%s fired from %s to %s: %v", a.Name, a.First, a.Last, a.Labels)
		}
	}
	if !slices.Contains(fired.Names(), alert.Watchdog) {
		t.Error("the dead man's switch did not fire")
	}

	covered, recorded := map[string]bool{}, map[string]bool{}
	for _, s := range series {
		covered[s.Labels.Get(labels.MetricName)] = true
	}
	for _, group := range rules {
		for _, rule := range group.Rules {
			recorded[rule.Record] = true
		}
	}
	for _, group := range rules {
		for _, rule := range group.Rules {
			names, err := engine.Names(rule.Expr)
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range names {
				if _, known := alert.Metrics[name]; !known && !recorded[name] {
					t.Errorf("%s%s reads %s, which nobody is known to tell", rule.Alert, rule.Record, name)
				}
				if !covered[name] && !recorded[name] {
					t.Errorf("%s%s reads %s, which the healthy day does not have", rule.Alert, rule.Record, name)
				}
			}
		}
	}
}

// TestTheDayIsNoQuietOne says that what happens in it would be told, were alerts impatient: else its silence proved nothing.
func TestTheDayIsNoQuietOne(t *testing.T) {
	var impatient []alert.Group
	for _, s := range []alert.Service{atDoor} {
		impatient = append(impatient, s.Groups(links)...)
	}
	impatient = append(impatient, platform.Groups(links)...)
	for _, group := range impatient {
		for i := range group.Rules {
			group.Rules[i].For = ""
		}
	}
	fired, err := engine.Evaluate(impatient, healthyDay(), engine.Span{Minutes: day, Step: 2})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"ContainersThrottled", "DeliveryOutOfSync", "MetricsNotCollected", "MonitoringTargetDown", "NodeNotReady", "NodeUnderPressure", "PodsCrashLooping", "PodsMissing",
		"PodsUnschedulable", "ScalerBlind", "ScalingAtMaximum", "SecretNotFetched", "ConfigurationRefused",
	} {
		if !slices.Contains(fired.Names(), name) {
			t.Errorf("%s did not come near: fired were %v", name, fired.Names())
		}
	}
}

// noise is a number from 0 to 1 that is the same in every run.
func noise(of string, minute int) float64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%s %d", of, minute)
	return float64(h.Sum64()%10_000) / 10_000
}

// load is how a day goes: little at night, most at noon.
func load(minute int) float64 { return 0.55 - 0.45*math.Cos(2*math.Pi*float64(minute)/day) }

// days are series that are made of functions of the minute.
type days []engine.Series

func (d *days) add(metric string, at func(minute int) (float64, bool)) {
	told, err := engine.Told(metric + " 0")
	if err != nil {
		panic(err)
	}
	*d = append(*d, engine.Series{Labels: told[0].Labels, At: at})
}

func (d *days) value(metric string, at func(minute int) float64) {
	d.add(metric, func(minute int) (float64, bool) { return at(minute), true })
}

func (d *days) constant(metric string, value float64) {
	d.value(metric, func(int) float64 { return value })
}

// counter counts from when its process begins until it ends.
func (d *days) counter(metric string, begins, ends int, perMinute func(minute int) float64) {
	sums := make([]float64, day+1)
	for minute := max(begins, 0) + 1; minute <= min(ends, day); minute++ {
		sums[minute] = sums[minute-1] + perMinute(minute)
	}
	d.add(metric, func(minute int) (float64, bool) { return sums[minute], minute >= begins && minute < ends })
}

// between is 1 in some minutes and else 0.
func between(from, to int) func(int) float64 {
	return func(minute int) float64 {
		if minute >= from && minute < to {
			return 1
		}
		return 0
	}
}

// The day's events. A version is delivered at ten, and once more in the afternoon; a node goes at two.
const (
	delivered = 10 * hour
	mended    = 16 * hour
	gone      = 14 * hour
)

// healthyDay is a day of a cluster with three services, in which happens what happens on ordinary days.
func healthyDay() []engine.Series {
	d := &days{}
	for _, s := range []alert.Service{atDoor, atServer, atQueue} {
		d.service(s)
	}
	d.platform()
	return *d
}

func (d *days) service(s alert.Service) {
	of := fmt.Sprintf("{namespace=%[1]q,deployment=%[1]q}", s.Name)
	pods := func(minute int) float64 { return 3 + math.Floor(7*load(minute)) } // 10 of 10 about noon, for a while
	d.value("kube_deployment_spec_replicas"+of, pods)
	d.value("kube_deployment_status_replicas_available"+of, func(minute int) float64 {
		missing := 0.0
		for _, trouble := range []func(int) float64{between(delivered, delivered+6), between(mended, mended+6), between(gone, gone+7)} {
			missing += trouble(minute)
		}
		if pods(minute) > pods(max(minute-2, 0)) {
			missing++ // the newest is starting
		}
		return pods(minute) - missing
	})
	scaler := fmt.Sprintf("{namespace=%[1]q,horizontalpodautoscaler=%[1]q}", s.Name)
	d.value("kube_horizontalpodautoscaler_status_current_replicas"+scaler, func(minute int) float64 {
		if minute >= 12*hour && minute < 12*hour+20 {
			return 11 // the peak of noon takes all that there are
		}
		return pods(minute)
	})
	d.constant("kube_horizontalpodautoscaler_spec_max_replicas"+scaler, 11)
	for _, life := range [][2]int{{-1, delivered + 3}, {delivered + 3, mended + 3}, {mended + 3, day + 1}} {
		d.pod(s, fmt.Sprintf("%s-%d", s.Name, life[0]+1), life[0], life[1])
	}
	d.value(fmt.Sprintf(`argocd_app_info{name=%q,sync_status="OutOfSync",health_status="Healthy"}`, s.Name), between(delivered-4, delivered))
	d.value(fmt.Sprintf(`argocd_app_info{name=%q,sync_status="Synced",health_status="Healthy"}`, s.Name), func(minute int) float64 {
		return 1 - between(delivered-4, delivered)(minute)
	})
	// The store was throttled once, and answered at the next attempt.
	d.value(fmt.Sprintf(`externalsecret_status_condition{%s=%q,name="credentials",condition="Ready",status="False"}`, alert.Owned, s.Name), between(3*hour, 3*hour+6))
	d.counter(fmt.Sprintf(`keda_scaler_detail_errors_total{scaledObject=%q,scaler="queue"}`, s.Name), -1, day+1, between(5*hour, 5*hour+3))
}

// pod is one pod in the place of all: it starts slowly, and fails now and then. One was ended for its memory once.
func (d *days) pod(s alert.Service, name string, begins, ends int) {
	of := fmt.Sprintf("namespace=%q,pod=%q,container=%q", s.Name, name, s.Name)
	during := func(at func(int) float64) func(int) (float64, bool) {
		return func(minute int) (float64, bool) { return at(minute), minute >= begins && minute < ends }
	}
	d.add("kube_pod_container_status_restarts_total{"+of+"}", during(func(minute int) float64 { return between(8*hour, day)(minute) }))
	d.add("kube_pod_container_status_last_terminated_reason{"+of+`,reason="OOMKilled"}`, during(between(8*hour, day)))
	d.add("kube_pod_container_status_waiting_reason{"+of+`,reason="CrashLoopBackOff"}`, during(between(8*hour, 8*hour+2)))
	d.add(fmt.Sprintf("up{job=%q,namespace=%q,pod=%q}", s.Name, s.Name, name), during(func(minute int) float64 { return 1 - between(begins, begins+2)(minute) }))
	starting := between(begins, begins+15)
	d.counter("container_cpu_cfs_periods_total{"+of+"}", begins, ends, func(int) float64 { return 600 })
	d.counter("container_cpu_cfs_throttled_periods_total{"+of+"}", begins, ends, func(minute int) float64 { return 600 * (0.05 + 0.5*starting(minute)) })

	requests := func(minute int) float64 { return math.Floor(600 * load(minute) * (0.9 + 0.2*noise(s.Name, minute))) }
	failing := func(minute int) float64 {
		if noise(s.Name+" fails", minute) > 0.9 {
			return math.Floor(requests(minute) / 400) // a connection breaks here and there
		}
		return 0
	}
	slow := func(minute int) float64 {
		return math.Floor(requests(minute) * (0.002 + 0.03*between(delivered+3, delivered+10)(minute))) // caches are cold after a delivery
	}
	good := func(minute int) float64 { return requests(minute) - failing(minute) }
	quick := func(minute int) float64 { return requests(minute) - slow(minute) }
	switch {
	case s.Doors:
		of := fmt.Sprintf("service=%q,route=%q,pod=%q", s.Name, s.Name, name)
		d.counter("kong_http_requests_total{"+of+`,code="200"}`, begins, ends, good)
		d.counter("kong_http_requests_total{"+of+`,code="404"}`, begins, ends, func(minute int) float64 { return 5 * noise("404", minute) })
		d.counter("kong_http_requests_total{"+of+`,code="429"}`, begins, ends, func(minute int) float64 { return 0.01 * requests(minute) })
		d.counter("kong_http_requests_total{"+of+`,code="502"}`, begins, ends, failing)
		for le, count := range map[string]func(int) float64{"250": quick, "400": quick, "+Inf": requests} {
			d.counter("kong_request_latency_ms_bucket{"+of+fmt.Sprintf(",le=%q}", le), begins, ends, count)
		}
		d.counter("kong_request_latency_ms_count{"+of+"}", begins, ends, requests)
	case s.Called:
		of := fmt.Sprintf("namespace=%q,pod=%q,http_route=%q", s.Name, name, "/entries")
		d.counter("http_server_request_duration_seconds_count{"+of+`,http_response_status_code="200"}`, begins, ends, good)
		d.counter("http_server_request_duration_seconds_count{"+of+`,http_response_status_code="500"}`, begins, ends, failing)
		for le, count := range map[string]func(int) float64{"0.1": quick, "0.25": quick, "+Inf": requests} {
			d.counter("http_server_request_duration_seconds_bucket{"+of+fmt.Sprintf(",le=%q}", le), begins, ends, count)
		}
	default:
		of := fmt.Sprintf("namespace=%q,pod=%q", s.Name, name)
		d.counter("messaging_process_duration_seconds_count{"+of+"}", begins, ends, good)
		d.counter("messaging_process_duration_seconds_count{"+of+`,error_type="timeout"}`, begins, ends, failing)
	}
}

func (d *days) platform() {
	for _, part := range []struct{ namespace, name string }{{"ingress", "kong-mobile"}, {"istio-system", "istiod"}, {"kube-system", "coredns"}} {
		of := fmt.Sprintf("{namespace=%q,deployment=%q}", part.namespace, part.name)
		d.constant("kube_deployment_spec_replicas"+of, 2)
		d.value("kube_deployment_status_replicas_available"+of, func(minute int) float64 { return 2 - between(gone, gone+9)(minute) })
	}
	d.constant(`kube_statefulset_replicas{namespace="observability",statefulset="prometheus"}`, 2)
	d.value(`kube_statefulset_status_replicas_ready{namespace="observability",statefulset="prometheus"}`, func(minute int) float64 { return 2 - between(gone, gone+12)(minute) })
	d.value(`kube_daemonset_status_number_unavailable{namespace="istio-system",daemonset="ztunnel"}`, between(gone, gone+12))
	// One node stops, and is taken away after eight minutes; another comes.
	d.add(`kube_node_status_condition{node="a",condition="Ready",status="true"}`, func(minute int) (float64, bool) { return 1 - between(gone, day)(minute), minute < gone+8 })
	d.constant(`kube_node_status_condition{node="b",condition="Ready",status="true"}`, 1)
	d.add(`kube_node_status_condition{node="c",condition="Ready",status="true"}`, func(minute int) (float64, bool) { return between(gone+5, day+1)(minute), minute >= gone+3 })
	d.value(`kube_node_status_condition{node="b",condition="MemoryPressure",status="true"}`, between(12*hour, 12*hour+4))
	d.constant(`kube_node_status_condition{node="b",condition="DiskPressure",status="true"}`, 0)
	for _, waits := range []string{"orders", "headroom"} {
		d.add(fmt.Sprintf(`kube_pod_status_unschedulable{namespace=%q,pod="waiting"}`, waits), func(minute int) (float64, bool) {
			return 1, minute >= gone && (minute < gone+6 || waits == "headroom")
		})
	}
	// Blocks are written every two hours, and old ones go once a day.
	volume := `{namespace="observability",persistentvolumeclaim="prometheus-0"}`
	d.value("kubelet_volume_stats_available_bytes"+volume, func(minute int) float64 { return 40e9 - 1e9*float64(minute%day)/day - 2e8*float64(minute/120%2) })
	d.constant("kubelet_volume_stats_capacity_bytes"+volume, 100e9)
	// A certificate was renewed half an hour after its time had come; the authority was slow.
	certificate, renews := fmt.Sprintf(`{name="door",%s="ingress"}`, alert.Owned), 6*hour
	d.value("certmanager_certificate_renewal_timestamp_seconds"+certificate, func(minute int) float64 {
		return float64(renews*60) + 60*86400*between(renews+30, day+1)(minute)
	})
	d.value("certmanager_certificate_expiration_timestamp_seconds"+certificate, func(minute int) float64 {
		return float64(renews*60) + 30*86400 + 60*86400*between(renews+30, day+1)(minute)
	})
	for job, namespace := range map[string]string{"kube-state-metrics": "observability", "kong": "ingress", "istiod": "istio-system"} {
		// What ran on the node that went was not asked for some minutes.
		d.value(fmt.Sprintf(`up{job=%q,namespace=%q,pod="a"}`, job, namespace), func(minute int) float64 { return 1 - between(gone, gone+4)(minute) })
	}
	d.constant(`prometheus_rule_evaluation_failures_total{rule_group="a"}`, 0)
	for _, job := range []string{"collector", "collector-agent"} {
		d.constant(`otelcol_receiver_refused_spans_total{job="`+job+`"}`, 0)
		d.constant(`otelcol_receiver_refused_log_records_total{job="`+job+`"}`, 0)
		d.constant(`otelcol_exporter_queue_size{job="`+job+`",exporter="otlp"}`, 40)
		d.constant(`otelcol_exporter_queue_capacity{job="`+job+`",exporter="otlp"}`, 2000)
		d.constant(`otelcol_exporter_send_failed_spans_total{job="`+job+`",exporter="otlp"}`, 0)
		d.constant(`otelcol_exporter_send_failed_log_records_total{job="`+job+`",exporter="otlp"}`, 0)
	}
	d.constant(`loki_ingester_chunks_flush_failures_total{job="loki"}`, 3)
	d.constant(`tempo_ingester_failed_flushes_total{job="tempo"}`, 1)
	for _, one := range []string{"prometheus", "alertmanager"} {
		d.value(fmt.Sprintf(`%s_config_last_reload_successful{pod="%s-0"}`, one, one), func(minute int) float64 { return 1 - between(9*hour, 9*hour+2)(minute) })
	}
	d.counter(`alertmanager_notifications_total{integration="webhook"}`, -1, day+1, func(int) float64 { return 1 })
	d.counter(`alertmanager_notifications_failed_total{integration="webhook"}`, -1, day+1, between(4*hour, 4*hour+1))
}
