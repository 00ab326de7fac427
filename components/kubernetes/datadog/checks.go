package datadog

import (
	"encoding/json"
	"fmt"
	"slices"

	"platform/components/kubernetes/alerting/alert"
	"platform/components/kubernetes/workload"
)

// doors is the target that the doors in the cluster are.
const doors = "kong"

// part is a part of the platform by whose own metrics alerts are told, and the check of Datadog's that knows it.
type part struct {
	target   string
	check    string
	service  string // whose endpoints are its pods; nothing stands for the doors
	instance map[string]any
}

// parts are few: each metric that is read is paid for. What the agents see of any pod without asking it, they tell of all.
var parts = []part{
	{"argocd-application-controller", "argocd", "argocd-application-controller-metrics", map[string]any{
		"app_controller_endpoint": endpoint, "metrics": []any{map[string]any{"argocd_app_info": "app.info"}},
	}},
	// Datadog's queries know no present time, and so the check reckons how long ago a time was
	// (https://docs.datadoghq.com/integrations/guide/prometheus-metrics/, type time_elapsed). Its label for where a certificate is
	// would be taken for the namespace of who tells it.
	{"cert-manager", "cert_manager", "cert-manager", map[string]any{
		"openmetrics_endpoint": endpoint, "rename_labels": map[string]any{"namespace": "certificate_namespace"}, "metrics": []any{
			map[string]any{"certmanager_certificate_expiration_timestamp_seconds": elapsed("certificate.expiration.elapsed")},
			map[string]any{"certmanager_certificate_renewal_timestamp_seconds": elapsed("certificate.renewal.elapsed")},
		},
	}},
	{"keda", "keda", "keda-operator", map[string]any{
		"openmetrics_endpoint": endpoint, "metrics": []any{map[string]any{"keda_scaler_detail_errors": "scaler.detail_errors"}},
	}},
	{doors, "kong", "", map[string]any{
		"openmetrics_endpoint": endpoint, "rename_labels": map[string]any{"service": "kong_service"},
		"histogram_buckets_as_distributions": true, "collect_counters_with_distributions": true, "metrics": []any{
			map[string]any{"kong_http_requests": "http.requests"}, map[string]any{"kong_request_latency_ms": "request.latency.ms"},
		},
	}},
}

func elapsed(name string) map[string]any { return map[string]any{"name": name, "type": "time_elapsed"} }

// endpoint is where a pod is asked; %%host%% is its address.
const endpoint = "http://%%host%%:{port}/metrics"

// told is what is read of each service: what its objectives count
// (components/kubernetes/alerting/alert). Buckets become distributions, of which any limit can be asked
// (https://docs.datadoghq.com/integrations/guide/prometheus-host-collection/).
var told = map[string]any{
	"openmetrics_endpoint": endpoint, "namespace": alert.Collected, "max_returned_metrics": 20000,
	"histogram_buckets_as_distributions": true, "collect_counters_with_distributions": true,
	"metrics": []any{"http_server_request_duration_seconds", "messaging_process_duration_seconds"},
}

// configuration is one file of a check: for each endpoint of some Services an instance, on the node of the pod
// (https://docs.datadoghq.com/containers/cluster_agent/clusterchecks/#setting-up-check-configurations). Once for each pod, however many
// containers it has.
type configuration struct {
	ClusterCheck bool             `json:"cluster_check"`
	Of           []identifier     `json:"advanced_ad_identifiers"`
	Init         map[string]any   `json:"init_config"`
	Instances    []map[string]any `json:"instances"`
}

type identifier struct {
	Endpoints endpoints `json:"kube_endpoints"`
}

type endpoints struct {
	Name      string `json:"name"`
	Namespace string `json:"namespace"`
}

// asks says whether a target is asked: each of teams, and of the platform's those that a check is for.
func (a Args) asks(name string) bool {
	return slices.Contains(a.Services, name) || slices.ContainsFunc(parts, func(p part) bool { return p.target == name })
}

// checks are the files of all checks, by the name of each. JSON is YAML too.
func (a Args) checks() (map[string]string, error) {
	out := map[string]string{}
	add := func(check string, c configuration) error {
		if len(c.Of) == 0 {
			return nil
		}
		text, err := json.Marshal(c)
		out[check+".yaml"] = string(text)
		return err
	}
	services := configuration{ClusterCheck: true, Instances: []map[string]any{at(told, workload.MetricsPort)}}
	for _, name := range slices.Sorted(slices.Values(a.Services)) {
		services.Of = append(services.Of, identifier{endpoints{name, a.Targets[name].Namespace}})
	}
	if err := add("openmetrics", services); err != nil {
		return nil, err
	}
	for _, p := range parts {
		target, asked := a.Targets[p.target]
		if !asked {
			continue
		}
		c := configuration{ClusterCheck: true, Instances: []map[string]any{at(p.instance, target.Port)}}
		names := []string{p.service}
		if p.target == doors {
			names = a.Doors
		}
		for _, name := range names {
			c.Of = append(c.Of, identifier{endpoints{name, target.Namespace}})
		}
		if err := add(p.check, c); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// at is an instance at a port.
func at(instance map[string]any, port int) map[string]any {
	out := map[string]any{}
	for key, value := range instance {
		if value == endpoint {
			value = fmt.Sprintf("http://%%%%host%%%%:%d/metrics", port)
		}
		out[key] = value
	}
	return out
}
