package secrets

import (
	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
)

// values are those of the chart that differ from its own
// (https://github.com/external-secrets/external-secrets/blob/v1.3.2/deploy/charts/external-secrets/values.yaml).
type values struct {
	CommonLabels map[string]string `json:"commonLabels"`
	InstallCRDs  bool              `json:"installCRDs"`
	CRDs         definitions       `json:"crds"`
	LeaderElect  bool              `json:"leaderElect"`

	// Each store and each secret is one namespace's: nothing is read on behalf of all.
	ProcessClusterStore          bool `json:"processClusterStore"`
	ProcessClusterExternalSecret bool `json:"processClusterExternalSecret"`
	ProcessClusterGenerator      bool `json:"processClusterGenerator"`
	ProcessClusterPushSecret     bool `json:"processClusterPushSecret"`
	// Nothing is written from the cluster into the cloud's store.
	ProcessPushSecret bool `json:"processPushSecret"`

	OpenshiftFinalizers bool `json:"openshiftFinalizers"`
	RBAC                rbac `json:"rbac"`

	part
	Webhook        part `json:"webhook"`
	CertController part `json:"certController"`
}

// definitions are of what is not processed, and left out.
type definitions struct {
	CreateClusterExternalSecret bool `json:"createClusterExternalSecret"`
	CreateClusterSecretStore    bool `json:"createClusterSecretStore"`
	CreateClusterGenerator      bool `json:"createClusterGenerator"`
	CreateClusterPushSecret     bool `json:"createClusterPushSecret"`
	CreatePushSecret            bool `json:"createPushSecret"`
}

// rbac: teams see their stores and secrets, and change them in Git.
type rbac struct {
	AggregateToView bool `json:"aggregateToView"`
	AggregateToEdit bool `json:"aggregateToEdit"`
	Servicebindings struct {
		Create bool `json:"create"`
	} `json:"servicebindings"`
}

// part is one of the chart's three deployments.
type part struct {
	system.Placement
	ReplicaCount              int              `json:"replicaCount"`
	Resources                 system.Resources `json:"resources"`
	PodDisruptionBudget       budget           `json:"podDisruptionBudget"`
	TopologySpreadConstraints []system.Spread  `json:"topologySpreadConstraints"`
}

type budget struct {
	Enabled      bool `json:"enabled"`
	MinAvailable int  `json:"minAvailable"`
}

// The ports of the chart: of the webhook, and of the metrics of all parts.
const (
	webhookPort = 10250
	metricsPort = 8080
)

func (a Args) flows() flows.Part {
	return flows.Part{Around: a.Around, Asked: []int{webhookPort}, Metrics: []int{metricsPort}}
}

func valuesOf(a Args) values {
	return values{
		CommonLabels: a.Tags, InstallCRDs: true, LeaderElect: true,
		RBAC:    rbac{AggregateToView: true},
		part:    partOf(chart.ExternalSecrets.Chart, a.Replicas, 50, 128),
		Webhook: partOf(chart.ExternalSecrets.Chart+"-webhook", a.Replicas, 20, 64),
		// It renews the webhook's certificate and elects no leader: two would get in each other's way, and nobody misses
		// one for a while.
		CertController: partOf(chart.ExternalSecrets.Chart+"-cert-controller", 1, 20, 128),
	}
}

// partOf: the only replica may be moved to another node at any time; of several one stays. The chart asks for no room by
// itself, and a pod that asks for none is the first to go when a node is full.
func partOf(name string, replicas, milliCPU, memoryMiB int) part {
	return part{
		Placement: system.Pool(), ReplicaCount: replicas, Resources: system.Room(milliCPU, memoryMiB),
		PodDisruptionBudget:       budget{Enabled: replicas > 1, MinAvailable: 1},
		TopologySpreadConstraints: system.SpreadOf(map[string]string{"app.kubernetes.io/name": name}),
	}
}

// Targets are where its pods tell how they fare.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{Namespace: {Namespace: Namespace, Port: metricsPort}}
}
