package chart

// Source is where a chart comes from: one exact version in one repository.
type Source struct {
	Chart, Version, Repository string
}

const (
	istio       = "1.31.0"
	istioCharts = "https://istio-release.storage.googleapis.com/charts"
)

// The charts that the platform releases, in the versions that tests/charts reads the sources of: a version is raised
// here and there together, and a test says so if one is forgotten.
var (
	ArgoCD = Source{"argo-cd", "10.8.0", "https://argoproj.github.io/argo-helm"}
	// CertManager's versions begin with a v (https://cert-manager.io/docs/installation/helm/).
	CertManager = Source{"cert-manager", "v1.21.2", "https://charts.jetstack.io"}
	// Datadog is its operator, which makes agents.
	Datadog         = Source{"datadog-operator", "2.25.1", "https://helm.datadoghq.com"}
	ExternalDNS     = Source{"external-dns", "1.21.1", "https://kubernetes-sigs.github.io/external-dns/"}
	ExternalSecrets = Source{"external-secrets", "1.3.1", "https://charts.external-secrets.io"}
	Grafana         = Source{"grafana", "13.0.1", "https://grafana-community.github.io/helm-charts"}
	// Istio's charts are released together.
	IstioBase    = Source{"base", istio, istioCharts}
	IstioControl = Source{"istiod", istio, istioCharts}
	IstioNode    = Source{"cni", istio, istioCharts}
	IstioTunnel  = Source{"ztunnel", istio, istioCharts}
	// Karpenter's definitions are a chart of their own, so that they are upgraded with it
	// (https://karpenter.sh/docs/upgrading/upgrade-guide/#crd-upgrades).
	Karpenter            = Source{"karpenter", "1.14.1", "oci://public.ecr.aws/karpenter"}
	KarpenterDefinitions = Source{"karpenter-crd", "1.14.1", "oci://public.ecr.aws/karpenter"}
	KEDA                 = Source{"keda", "2.20.2", "https://kedacore.github.io/charts"}
	// Loki's and Tempo's charts are those of Grafana's community, where their makers' own ended
	// (https://github.com/grafana-community/helm-charts).
	Loki          = Source{"loki", "18.11.7", "https://grafana-community.github.io/helm-charts"}
	MetricsServer = Source{"metrics-server", "3.12.2", "https://kubernetes-sigs.github.io/metrics-server/"}
	// Prometheus' definitions are a chart of their own: with the other's they would never be upgraded
	// (https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/UPGRADE.md). Both are of one
	// version of the operator.
	Prometheus            = Source{"kube-prometheus-stack", "88.6.1", "https://prometheus-community.github.io/helm-charts"}
	PrometheusDefinitions = Source{"prometheus-operator-crds", "31.0.1", "https://prometheus-community.github.io/helm-charts"}
	Tempo                 = Source{"tempo", "2.3.0", "https://grafana-community.github.io/helm-charts"}
)

// Sources lists them.
var Sources = []Source{
	ArgoCD, CertManager, Datadog, ExternalDNS, ExternalSecrets, Grafana, IstioBase, IstioControl, IstioNode, IstioTunnel, Karpenter, KarpenterDefinitions, KEDA,
	Loki, MetricsServer, Prometheus, PrometheusDefinitions, Tempo,
}
