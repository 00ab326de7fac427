package chart

import (
	"maps"
	"path"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/image"
)

// istioImages is where Istio's images are kept; the charts' sources name a place of tests, which a release replaces
// (https://github.com/istio/istio/blob/1.31.0/manifests/charts/README.md).
const istioImages = "registry.istio.io/release"

// Images are the values by which each chart is told where its images come from, and where that is if nobody tells it: a
// registry, a part of one, or an image without its tag. One without values has no image.
var Images = map[string]map[string]string{
	ArgoCD.Chart: {
		"global.image.repository": "quay.io/argoproj/argocd", "dex.image.repository": "ghcr.io/dexidp/dex",
		"redis.image.repository":            "ecr-public.aws.com/docker/library/redis",
		"redis-ha.image.repository":         "ecr-public.aws.com/docker/library/redis",
		"redis-ha.haproxy.image.repository": "ecr-public.aws.com/docker/library/haproxy",
	},
	CertManager.Chart: {"imageRegistry": "quay.io"},
	Datadog.Chart:     {"image.repository": "registry.datadoghq.com/operator"},
	ExternalDNS.Chart: {"image.repository": "registry.k8s.io/external-dns/external-dns"},
	ExternalSecrets.Chart: {
		"image.repository":                "ghcr.io/external-secrets/external-secrets",
		"webhook.image.repository":        "ghcr.io/external-secrets/external-secrets",
		"certController.image.repository": "ghcr.io/external-secrets/external-secrets",
	},
	Grafana.Chart:   {"image.registry": "docker.io", "sidecar.image.registry": "quay.io"},
	IstioBase.Chart: {}, IstioControl.Chart: {"global.hub": istioImages}, IstioNode.Chart: {"global.hub": istioImages}, IstioTunnel.Chart: {"hub": istioImages},
	Karpenter.Chart: {"controller.image.repository": "public.ecr.aws/karpenter/controller"}, KarpenterDefinitions.Chart: {},
	KEDA.Chart: {
		"image.keda.registry": "ghcr.io", "image.metricsApiServer.registry": "ghcr.io", "image.webhooks.registry": "ghcr.io",
	},
	Loki.Chart:                  {"loki.image.registry": "docker.io"},
	PrometheusDefinitions.Chart: {},
	Prometheus.Chart: {
		"prometheusOperator.image.registry": "quay.io", "prometheusOperator.prometheusConfigReloader.image.registry": "quay.io",
		"prometheus.prometheusSpec.image.registry": "quay.io", "alertmanager.alertmanagerSpec.image.registry": "quay.io",
		// What the operator would run for others, it is told as well.
		"prometheusOperator.thanosImage.registry": "quay.io",
		"kube-state-metrics.image.registry":       "registry.k8s.io", "prometheus-node-exporter.image.registry": "quay.io",
	},
	Tempo.Chart:         {"tempo.registry": "docker.io"},
	MetricsServer.Chart: {"image.repository": "registry.k8s.io/metrics-server/metrics-server"},
}

// From makes all releases beneath what it is given to take their images from a registry.
func From(registry image.Registry) pulumi.ResourceOption {
	return pulumi.Transformations([]pulumi.ResourceTransformation{func(args *pulumi.ResourceTransformationArgs) *pulumi.ResourceTransformationResult {
		inputs, ok := args.Props.(pulumi.Map)
		if args.Type != Token || !ok {
			return nil
		}
		named, _ := inputs["chart"].(pulumi.String)
		values, _ := inputs["values"].(pulumi.Map)
		for at, origin := range Images[path.Base(string(named))] {
			values = with(values, strings.Split(at, "."), pulumi.String(registry.Of(origin)))
		}
		inputs = maps.Clone(inputs)
		inputs["values"] = values
		return &pulumi.ResourceTransformationResult{Props: inputs, Opts: args.Opts}
	}})
}

// with is a copy of values with one more.
func with(values pulumi.Map, at []string, value pulumi.Input) pulumi.Map {
	out := maps.Clone(values)
	if out == nil {
		out = pulumi.Map{}
	}
	if len(at) > 1 {
		below, _ := out[at[0]].(pulumi.Map)
		value = with(below, at[1:], value)
	}
	out[at[0]] = value
	return out
}
