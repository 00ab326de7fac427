package rules

import "fmt"

// services are what happens to the pods of a service and to what it needs.
var services = []situation{
	{
		name: "no pod serves", of: atServer, span: [2]int{8, 1},
		series: deployed(atServer, 3, 0, 10), fires: []string{"ServiceDown"},
	},
	{
		name: "one of three pods serves", of: atServer, span: [2]int{25, 1},
		series: deployed(atServer, 3, 1, 30), near: []string{"ServiceDown", "PodsMissing"},
	},
	{
		name: "a pod is missing for long", of: atServer, span: [2]int{35, 1},
		series: deployed(atServer, 3, 2, 40), fires: []string{"PodsMissing"},
	},
	{
		name: "every second pod does not tell its metrics", of: atServer, span: [2]int{35, 1},
		series: []string{always(`up{job="ledger",namespace="ledger",pod="a"}`, 1, 40), always(`up{job="ledger",namespace="ledger",pod="b"}`, 0, 40)},
		fires:  []string{"MetricsNotCollected"},
	},
	{
		name: "all pods tell their metrics, but for some minutes", of: atServer, span: [2]int{35, 1},
		series: []string{always(`up{job="ledger",namespace="ledger",pod="a"}`, 1, 40), `up{job="ledger",namespace="ledger",pod="b"} 0x10 1x30`},
		near:   []string{"MetricsNotCollected"},
	},
	{
		name: "one of twenty pods does not tell its metrics", of: atServer, span: [2]int{35, 1}, series: many(20), near: []string{"MetricsNotCollected"},
	},
	{
		name: "as many pods as wanted serve", of: atServer, span: [2]int{35, 1},
		series: deployed(atServer, 3, 3, 40), near: []string{"PodsMissing"},
	},
	{
		name: "the agent on a node of the platform does not start", of: atServer, span: [2]int{35, 1},
		series: []string{always(`kube_daemonset_status_number_unavailable{namespace="istio-system",daemonset="ztunnel"}`, 1, 40)},
		fires:  []string{"PodsMissing"},
	},
	{
		name: "the agents on all nodes run", of: atServer, span: [2]int{35, 1},
		series: []string{always(`kube_daemonset_status_number_unavailable{namespace="istio-system",daemonset="ztunnel"}`, 0, 40)},
		near:   []string{"PodsMissing"},
	},
	{
		name: "one of two Prometheus is missing", of: atServer, span: [2]int{35, 1},
		series: []string{
			always(`kube_statefulset_replicas{namespace="observability",statefulset="prometheus"}`, 2, 40),
			always(`kube_statefulset_status_replicas_ready{namespace="observability",statefulset="prometheus"}`, 1, 40),
		},
		fires: []string{"PodsMissing"},
	},
	{
		name: "both Prometheus are there", of: atServer, span: [2]int{35, 1},
		series: []string{
			always(`kube_statefulset_replicas{namespace="observability",statefulset="prometheus"}`, 2, 40),
			always(`kube_statefulset_status_replicas_ready{namespace="observability",statefulset="prometheus"}`, 2, 40),
		},
		near: []string{"PodsMissing"},
	},
	{
		name: "a container ends after each start", of: atServer, span: [2]int{25, 1},
		series: []string{`kube_pod_container_status_waiting_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="CrashLoopBackOff"} 1x3 _x2 1x3 _x2 1x3 _x2 1x3 _x2 1x10`},
		fires:  []string{"PodsCrashLooping"},
	},
	{
		name: "a container came up at the third start", of: atServer, span: [2]int{25, 1},
		series: []string{`kube_pod_container_status_waiting_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="CrashLoopBackOff"} 1x3 _x1 1x3 _x20`},
		near:   []string{"PodsCrashLooping"},
	},
	{
		name: "a container is ended twice within the hour for its memory", of: atServer, span: [2]int{59, 1},
		series: []string{
			`kube_pod_container_status_restarts_total{namespace="ledger",pod="ledger-1",container="ledger"} 0x19 1x19 2x39`,
			`kube_pod_container_status_last_terminated_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="OOMKilled"} _x19 1x59`,
		},
		fires: []string{"ContainersOutOfMemory"},
	},
	{
		name: "a container is ended once for its memory", of: atServer, span: [2]int{59, 1},
		series: []string{
			`kube_pod_container_status_restarts_total{namespace="ledger",pod="ledger-1",container="ledger"} 0x19 1x59`,
			`kube_pod_container_status_last_terminated_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="OOMKilled"} _x19 1x59`,
		},
		near: []string{"ContainersOutOfMemory"},
	},
	{
		name: "a container ends twice by itself", of: atServer, span: [2]int{59, 1},
		series: []string{
			`kube_pod_container_status_restarts_total{namespace="ledger",pod="ledger-1",container="ledger"} 0x19 1x19 2x39`,
			`kube_pod_container_status_last_terminated_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="Error"} _x19 1x59`,
			`kube_pod_container_status_last_terminated_reason{namespace="ledger",pod="ledger-1",container="ledger",reason="OOMKilled"} _x19 0x59`,
		},
		near: []string{"ContainersOutOfMemory"},
	},
	{
		name: "containers are held back in 30 % of their periods", of: atServer, span: [2]int{90, 1}, series: throttled(300, 100), fires: []string{"ContainersThrottled"},
	},
	{
		name: "containers are held back in 20 % of their periods", of: atServer, span: [2]int{90, 1}, series: throttled(200, 100), near: []string{"ContainersThrottled"},
	},
	{
		name: "the autoscaler has had all pods for half an hour", of: atServer, span: [2]int{35, 1}, series: scaled("10x40"), fires: []string{"ScalingAtMaximum"},
	},
	{
		name: "the autoscaler has one pod left", of: atServer, span: [2]int{35, 1}, series: scaled("9x40"), near: []string{"ScalingAtMaximum"},
	},
	{
		name: "a peak of twenty minutes takes all pods", of: atServer, span: [2]int{35, 1}, series: scaled("2x5 10x20 6x20"), near: []string{"ScalingAtMaximum"},
	},
	{
		name: "a queue cannot be read", of: atDoor, span: [2]int{25, 1},
		series: []string{counter(`keda_scaler_detail_errors_total{scaledObject="orders",scaler="queue"}`, part{30, 2})}, fires: []string{"ScalerBlind"},
	},
	{
		name: "queues are read", of: atDoor, span: [2]int{25, 1},
		series: []string{counter(`keda_scaler_detail_errors_total{scaledObject="orders",scaler="queue"}`, part{30, 0})}, near: []string{"ScalerBlind"},
	},
	{
		name: "a queue could not be read for five minutes", of: atDoor, span: [2]int{25, 1},
		series: []string{counter(`keda_scaler_detail_errors_total{scaledObject="orders",scaler="queue"}`, part{10, 0}, part{5, 2}, part{15, 0})},
		near:   []string{"ScalerBlind"},
	},
	{
		name: "the last change is not delivered", of: atDoor, span: [2]int{70, 1},
		series: []string{`argocd_app_info{name="orders",sync_status="OutOfSync",health_status="Healthy"} 1x30 _x60`, `argocd_app_info{name="orders",sync_status="Unknown",health_status="Healthy"} _x30 1x60`},
		fires:  []string{"DeliveryOutOfSync"},
	},
	{
		name: "a change takes twenty minutes to be delivered", of: atDoor, span: [2]int{70, 1},
		series: []string{`argocd_app_info{name="orders",sync_status="OutOfSync",health_status="Progressing"} 1x20 _x60`, `argocd_app_info{name="orders",sync_status="Synced",health_status="Healthy"} _x20 1x60`},
		near:   []string{"DeliveryOutOfSync"},
	},
	{
		name: "a secret is not there", of: atDoor, span: [2]int{35, 1}, series: fetched("1x40"), fires: []string{"SecretNotFetched"},
	},
	{
		name: "a secret was not there for ten minutes", of: atDoor, span: [2]int{35, 1}, series: fetched("1x10 0x30"), near: []string{"SecretNotFetched"},
	},
	{
		name: "a tenth of the requests is turned away", of: atDoor, span: [2]int{35, 1}, series: limited(100), fires: []string{"RouteLimited"},
	},
	{
		name: "3 % of the requests are turned away", of: atDoor, span: [2]int{35, 1}, series: limited(30), near: []string{"RouteLimited"},
	},
}

// many are pods of which one does not tell its metrics.
func many(pods int) []string {
	out := []string{always(`up{job="ledger",namespace="ledger",pod="none"}`, 0, 40)}
	for n := 1; n < pods; n++ {
		out = append(out, always(fmt.Sprintf(`up{job="ledger",namespace="ledger",pod="%d"}`, n), 1, 40))
	}
	return out
}

func throttled(perMinute, minutes int) []string {
	of := `{namespace="ledger",pod="ledger-1",container="ledger"}`
	return []string{
		counter("container_cpu_cfs_throttled_periods_total"+of, part{minutes, perMinute}), counter("container_cpu_cfs_periods_total"+of, part{minutes, 1000}),
	}
}

func scaled(pods string) []string {
	of := `{namespace="ledger",horizontalpodautoscaler="ledger"}`
	return []string{"kube_horizontalpodautoscaler_status_current_replicas" + of + " " + pods, always("kube_horizontalpodautoscaler_spec_max_replicas"+of, 10, 60)}
}

func fetched(failing string) []string {
	return []string{`externalsecret_status_condition{exported_namespace="orders",name="card-network-credentials",condition="Ready",status="False"} ` + failing}
}

func limited(turnedAway int) []string {
	of := `kong_http_requests_total{service="orders",route="orders"`
	return []string{counter(of+`,code="200"}`, part{40, 1000 - turnedAway}), counter(of+`,code="429"}`, part{40, turnedAway})}
}
