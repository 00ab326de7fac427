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
	CertManager       = Source{"cert-manager", "v1.21.2", "https://charts.jetstack.io"}
	ClusterAutoscaler = Source{"cluster-autoscaler", "9.50.1", "https://kubernetes.github.io/autoscaler"}
	ExternalDNS       = Source{"external-dns", "1.21.1", "https://kubernetes-sigs.github.io/external-dns/"}
	ExternalSecrets   = Source{"external-secrets", "1.3.1", "https://charts.external-secrets.io"}
	// Istio's charts are released together.
	IstioBase     = Source{"base", istio, istioCharts}
	IstioControl  = Source{"istiod", istio, istioCharts}
	IstioNode     = Source{"cni", istio, istioCharts}
	IstioTunnel   = Source{"ztunnel", istio, istioCharts}
	KEDA          = Source{"keda", "2.20.2", "https://kedacore.github.io/charts"}
	MetricsServer = Source{"metrics-server", "3.12.2", "https://kubernetes-sigs.github.io/metrics-server/"}
)

// Sources lists them.
var Sources = []Source{ArgoCD, CertManager, ClusterAutoscaler, ExternalDNS, ExternalSecrets, IstioBase, IstioControl, IstioNode, IstioTunnel, KEDA, MetricsServer}
