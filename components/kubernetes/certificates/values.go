package certificates

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
)

// values are those of the chart that differ from its own
// (https://github.com/cert-manager/cert-manager/blob/v1.21.2/deploy/charts/cert-manager/values.yaml).
type values struct {
	Global global      `json:"global"`
	CRDs   definitions `json:"crds"`

	part
	ServiceAccount account           `json:"serviceAccount"`
	PodLabels      map[string]string `json:"podLabels,omitempty"`

	// Whether a record is there, the cluster's own resolver is asked, and not the servers of the zone: the controller
	// talks to no others (https://cert-manager.io/docs/configuration/acme/dns01/#setting-nameservers-for-dns01-self-check).
	RecursiveOnly bool `json:"dns01RecursiveNameserversOnly"`

	Webhook    part  `json:"webhook"`
	CAInjector part  `json:"cainjector"`
	APICheck   check `json:"startupapicheck"`
}

type global struct {
	CommonLabels   map[string]string `json:"commonLabels"`
	LeaderElection struct {
		Namespace string `json:"namespace"`
	} `json:"leaderElection"`
}

type definitions struct {
	Enabled bool `json:"enabled"`
	Keep    bool `json:"keep"`
}

type account struct {
	Name        string           `json:"name"`
	Annotations pulumi.StringMap `json:"annotations,omitempty"`
}

// part is one of the chart's deployments.
type part struct {
	system.Placement
	ReplicaCount              int              `json:"replicaCount"`
	Resources                 system.Resources `json:"resources"`
	PodDisruptionBudget       budget           `json:"podDisruptionBudget"`
	TopologySpreadConstraints []system.Spread  `json:"topologySpreadConstraints"`
}

type budget struct {
	Enabled bool `json:"enabled"` // at least one stays
}

// check is the job that ends the release: it asks for an issuer until the webhook answers.
type check struct {
	system.Placement
	Resources system.Resources `json:"resources"`
}

func valuesOf(a Args) values {
	v := values{
		// The definitions outlive the release: with them all certificates and issuers of the cluster would go.
		CRDs:           definitions{Enabled: true, Keep: true},
		part:           a.part("controller", 50, 128),
		ServiceAccount: account{Name: Account},
		RecursiveOnly:  true,
		Webhook:        a.part("webhook", 20, 64),
		CAInjector:     a.part("cainjector", 50, 128),
		APICheck:       check{Placement: system.Pool(), Resources: system.Room(10, 32)},
	}
	v.Global.CommonLabels = a.Tags
	// By default the lease is in kube-system, in which nobody but the cloud should write.
	v.Global.LeaderElection.Namespace = Namespace
	if p := a.Public; p != nil {
		v.ServiceAccount.Annotations, v.PodLabels = p.Annotations, p.Labels
	}
	return v
}

// The ports of the chart: of the webhook, and of the metrics of all parts.
const (
	webhookPort = 10250
	metricsPort = 9402
)

func (a Args) flows() flows.Part {
	return flows.Part{Around: a.Around, Asked: []int{webhookPort}, Metrics: []int{metricsPort}}
}

// part: the only replica may be moved to another node at any time; of several one stays. The chart asks for no room by
// itself, and a pod that asks for none is the first to go when a node is full
// (https://cert-manager.io/docs/installation/best-practice/).
func (a Args) part(component string, milliCPU, memoryMiB int) part {
	return part{
		Placement: system.Pool(), ReplicaCount: a.Replicas, Resources: system.Room(milliCPU, memoryMiB),
		PodDisruptionBudget: budget{Enabled: a.Replicas > 1},
		TopologySpreadConstraints: system.SpreadOf(map[string]string{
			"app.kubernetes.io/instance": Namespace, "app.kubernetes.io/component": component,
		}),
	}
}

// Targets are where its pods tell how they fare.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{Namespace: {Namespace: Namespace, Port: metricsPort}}
}
