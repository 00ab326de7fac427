package keda

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// The names of the chart's deployments, by which their pods are spread.
const (
	operator  = "keda-operator"
	metricAPI = "keda-operator-metrics-apiserver"
)

// metricsPort is where the control plane asks for metrics: of the ports of nodes and pods that it reaches on every cloud
// without a rule of ours this is one, and the chart's own, 6443, is not
// (https://cloud.google.com/kubernetes-engine/docs/concepts/firewall-rules).
const metricsPort = 10250

// Where the operator tells the other part what it learned, and where both tell how they fare
// (https://keda.sh/docs/2.20/operate/cluster/#firewall).
const (
	tellPort = 9666
	ownPort  = 8080
)

func (a Args) flows() flows.Part {
	return flows.Part{Around: a.Around, Asked: []int{metricsPort}, Metrics: []int{ownPort}, Together: []int{tellPort}}
}

// values are those of the chart that the platform sets
// (https://github.com/kedacore/charts/blob/main/keda/values.yaml). Certificates stay as the chart has them: the operator
// makes and renews its own, and needs nothing else for it.
type values struct {
	system.Placement
	Image          image             `json:"image"`
	Labels         tags.Set          `json:"additionalLabels"`
	PodLabels      byOperator        `json:"podLabels"`
	ServiceAccount serviceAccount    `json:"serviceAccount"`
	Operator       replicas          `json:"operator"`
	MetricsServer  replicas          `json:"metricsServer"`
	Webhooks       switched          `json:"webhooks"`
	Disruption     parts[disruption] `json:"podDisruptionBudget"`
	Spread         spread            `json:"topologySpreadConstraints"`
	Resources      parts[resources]  `json:"resources"`
	Permissions    parts[permission] `json:"permissions"`
	RBAC           rbac              `json:"rbac"`
	Service        service           `json:"service"`
	Metrics        metrics           `json:"prometheus"`
	ServiceLinks   bool              `json:"enableServiceLinks"`
}

// image: the tag is that of the chart's version, so that what a node has need not be pulled again to start.
type image struct {
	PullPolicy string `json:"pullPolicy"`
}

type byOperator struct {
	Operator map[string]string `json:"keda"`
}

type serviceAccount struct {
	Operator struct {
		Name        string           `json:"name"`
		Annotations pulumi.StringMap `json:"annotations"`
	} `json:"operator"`
}

type replicas struct {
	Count int `json:"replicaCount"`
}

// switched: the webhooks stay off. They refuse an object that also counts the CPU until its Deployment is there, and
// Deployments come after all that the platform makes for them
// (https://github.com/kedacore/keda/blob/v2.20.2/apis/keda/v1alpha1/scaledobject_webhook.go, verifyCPUMemoryScalers).
type switched struct {
	Enabled bool `json:"enabled"`
}

// metrics of both parts are told.
type metrics struct {
	Operator      switched `json:"operator"`
	MetricsServer switched `json:"metricServer"`
}

// parts are the two that run, as the chart names them.
type parts[T any] struct {
	Operator      T `json:"operator"`
	MetricsServer T `json:"metricServer"`
}

type spread struct {
	Operator      []system.Spread `json:"operator"`
	MetricsServer []system.Spread `json:"metricsServer"`
}

type disruption struct {
	MaxUnavailable int `json:"maxUnavailable"`
}

// resources are those that KEDA's guide gives for production, and the chart by default
// (https://keda.sh/docs/2.20/operate/cluster/#cluster-capacity).
type resources struct {
	Requests amounts `json:"requests"`
	Limits   amounts `json:"limits"`
}

type amounts struct {
	CPU    string `json:"cpu"`
	Memory string `json:"memory"`
}

// permission: no secret of any other namespace is read; identities take their place
// (https://keda.sh/docs/2.20/operate/cluster/#restrict-secret-access).
type permission struct {
	Restrict struct {
		Secret bool `json:"secret"`
	} `json:"restrict"`
}

// rbac: Deployments are scaled, and so nothing of every kind is read. Teams see what scales their services.
type rbac struct {
	EveryKind bool `json:"enabledCustomScaledRefKinds"`
	Aggregate bool `json:"aggregateToDefaultRoles"`
}

type service struct {
	Port int `json:"portHttpsTarget"`
}

func (a Args) values() values {
	out := values{
		Placement: system.Pool(), Image: image{"IfNotPresent"}, Labels: a.Tags, PodLabels: byOperator{a.Identity.PodLabels},
		Operator: replicas{a.Replicas}, MetricsServer: replicas{a.Replicas}, Webhooks: switched{false},
		Disruption: both(disruption{MaxUnavailable: 1}),
		Spread:     spread{system.SpreadOf(map[string]string{"app": operator}), system.SpreadOf(map[string]string{"app": metricAPI})},
		Resources:  both(resources{Requests: amounts{"100m", "100Mi"}, Limits: amounts{"1", "1000Mi"}}),
		RBAC:       rbac{EveryKind: false, Aggregate: true}, Service: service{metricsPort},
		Metrics: metrics{switched{true}, switched{true}},
	}
	out.ServiceAccount.Operator.Name, out.ServiceAccount.Operator.Annotations = ServiceAccount, a.Identity.Annotations
	closed := permission{}
	closed.Restrict.Secret = true
	out.Permissions = both(closed)
	return out
}

func both[T any](v T) parts[T] { return parts[T]{v, v} }

// Targets are where its pods tell how they fare.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{Namespace: {Namespace: Namespace, Port: ownPort}}
}
