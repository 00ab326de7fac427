package monitoring

import (
	"fmt"

	"platform/components/kubernetes/system"
	"platform/components/tags"
)

// values are those of the chart that differ from its own
// (https://github.com/prometheus-community/helm-charts/blob/main/charts/kube-prometheus-stack/values.yaml, version 88.6.1).
type values struct {
	FullnameOverride string            `json:"fullnameOverride"`
	CommonLabels     map[string]string `json:"commonLabels"`
	CRDs             switched          `json:"crds"` // a release of their own brings them
	DefaultRules     defaultRules      `json:"defaultRules"`
	// What the cloud runs out of sight tells nobody how it fares. kube-proxy is of this kind where Cilium stands in its place, and
	// else tells it to its own node alone by default
	// (https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/). Who resolves names is asked by a target
	// of ours, which needs no Service in kube-system.
	ControllerManager switched         `json:"kubeControllerManager"`
	Scheduler         switched         `json:"kubeScheduler"`
	Etcd              switched         `json:"kubeEtcd"`
	Proxy             switched         `json:"kubeProxy"`
	CoreDNS           switched         `json:"coreDns"`
	Kubelet           kubelet          `json:"kubelet"`
	StateMetrics      stateMetrics     `json:"kube-state-metrics"`
	NodeExporter      nodeExporter     `json:"prometheus-node-exporter"`
	Operator          operator         `json:"prometheusOperator"`
	Prometheus        prometheus       `json:"prometheus"`
	Alertmanager      alertmanager     `json:"alertmanager"`
	Grafana           grafanaElsewhere `json:"grafana"`
}

type switched struct {
	Enabled bool `json:"enabled"`
}

// defaultRules are those of the chart that record, by which its dashboards show. What the platform tells of alerts it says itself, each
// with an owner and a page (components/kubernetes/alerting): the chart's hundred and more have neither.
type defaultRules struct {
	Rules map[string]bool `json:"rules"`
}

// silent are the chart's groups of alerts, and what records of parts that the cloud runs out of sight, or that nobody has here.
var silent = []string{
	"alertmanager", "configReloaders", "etcd", "general", "kubeApiserverSlos", "kubeControllerManager", "kubeProxy", "kubeSchedulerAlerting",
	"kubeSchedulerRecording", "kubeStateMetrics", "kubernetesApps", "kubernetesResources", "kubernetesStorage", "kubernetesSystem", "network",
	"nodeExporterAlerting", "prometheus", "prometheusOperator", "windows",
}

type kubelet struct {
	Namespace string `json:"namespace"`
}

type stateMetrics struct {
	system.Placement
	Priority     string            `json:"priorityClassName"`
	Resources    system.Resources  `json:"resources"`
	Collectors   []string          `json:"collectors"`
	Labels       []string          `json:"metricLabelsAllowlist"`
	CustomLabels map[string]string `json:"customLabels"`
}

type nodeExporter struct {
	NamespaceOverride string            `json:"namespaceOverride"`
	Priority          string            `json:"priorityClassName"`
	Resources         system.Resources  `json:"resources"`
	CommonLabels      map[string]string `json:"commonLabels"`
	Tolerations       []toleration      `json:"tolerations"`
}

// toleration is of whatever keeps pods away: every node is watched.
type toleration struct {
	Operator string `json:"operator"`
}

type operator struct {
	system.Placement
	Priority       string            `json:"priorityClassName"`
	Resources      system.Resources  `json:"resources"`
	PodLabels      map[string]string `json:"podLabels"`
	TLS            switched          `json:"tls"`
	Webhooks       switched          `json:"admissionWebhooks"`
	KubeletService kubeletService    `json:"kubeletService"`
	// The older of the two ways by which it writes down where kubelets are is deprecated since Kubernetes 1.33
	// (https://kubernetes.io/blog/2025/04/24/endpoints-deprecation/).
	KubeletEndpoints bool     `json:"kubeletEndpointsEnabled"`
	KubeletSlices    bool     `json:"kubeletEndpointSliceEnabled"`
	Reloader         reloader `json:"prometheusConfigReloader"`
}

type kubeletService struct {
	Namespace string `json:"namespace"`
}

type reloader struct {
	Resources system.Resources `json:"resources"`
}

type prometheus struct {
	Budget switched       `json:"podDisruptionBudget"`
	Spec   prometheusSpec `json:"prometheusSpec"`
}

// instance is what the operator runs several pods of, each with a volume.
type instance struct {
	system.Placement
	Replicas    int              `json:"replicas"`
	Priority    string           `json:"priorityClassName"`
	Resources   system.Resources `json:"resources"`
	Spread      []system.Spread  `json:"topologySpreadConstraints"`
	PodMetadata podMetadata      `json:"podMetadata"`
	Retention   string           `json:"retention"`
	// Volumes go with whoever they are of: else they stay when an environment ends, and cost.
	Volumes retained `json:"persistentVolumeClaimRetentionPolicy"`
}

type podMetadata struct {
	Labels map[string]string `json:"labels"`
}

type retained struct {
	WhenDeleted string `json:"whenDeleted"`
	WhenScaled  string `json:"whenScaled"`
}

type prometheusSpec struct {
	instance
	RetentionSize string  `json:"retentionSize"`
	Storage       storage `json:"storageSpec"`
	// ExternalLabels tell environments apart wherever their alerts meet.
	ExternalLabels map[string]string `json:"externalLabels"`
	ScrapeInterval string            `json:"scrapeInterval"`
	// What the platform says in its own two namespaces is read, whoever made it, and nothing that anybody says elsewhere.
	RuleOnlyOfChart    bool     `json:"ruleSelectorNilUsesHelmValues"`
	ServiceOnlyOfChart bool     `json:"serviceMonitorSelectorNilUsesHelmValues"`
	PodOnlyOfChart     bool     `json:"podMonitorSelectorNilUsesHelmValues"`
	ProbeOnlyOfChart   bool     `json:"probeSelectorNilUsesHelmValues"`
	ScrapeOnlyOfChart  bool     `json:"scrapeConfigSelectorNilUsesHelmValues"`
	RulesIn            selector `json:"ruleNamespaceSelector"`
	ServicesIn         selector `json:"serviceMonitorNamespaceSelector"`
	PodsIn             selector `json:"podMonitorNamespaceSelector"`
	ProbesIn           selector `json:"probeNamespaceSelector"`
	ScrapesIn          selector `json:"scrapeConfigNamespaceSelector"`
}

type alertmanager struct {
	Budget switched         `json:"podDisruptionBudget"`
	Spec   alertmanagerSpec `json:"alertmanagerSpec"`
}

type alertmanagerSpec struct {
	instance
	// Token: it asks the cluster for nothing.
	Token     bool     `json:"automountServiceAccountToken"`
	Storage   storage  `json:"storage"`
	ConfigsIn selector `json:"alertmanagerConfigNamespaceSelector"`
	// Configuration is the Secret that says who is told, which whoever alerts brings with its keys; until it is there the operator
	// lets Alertmanager run and tell nobody.
	Configuration string `json:"configSecret"`
	Brought       bool   `json:"useExistingSecret"`
	// Otherwise a configuration in this namespace would hear of alerts about this namespace alone.
	Matching matching `json:"alertmanagerConfigMatcherStrategy"`
}

type matching struct {
	Type string `json:"type"`
}

type selector struct {
	MatchExpressions []expression `json:"matchExpressions"`
}

type expression struct {
	Key      string   `json:"key"`
	Operator string   `json:"operator"`
	Values   []string `json:"values"`
}

type storage struct {
	Template claimTemplate `json:"volumeClaimTemplate"`
}

type claimTemplate struct {
	Metadata podMetadata `json:"metadata"`
	Spec     claim       `json:"spec"`
}

type claim struct {
	StorageClassName string   `json:"storageClassName"`
	AccessModes      []string `json:"accessModes"`
	Resources        struct {
		Requests map[string]string `json:"requests"`
	} `json:"resources"`
}

// grafanaElsewhere leaves Grafana to a release of its own and keeps the dashboards that go with the chart's rules.
type grafanaElsewhere struct {
	Enabled    bool `json:"enabled"`
	Dashboards bool `json:"forceDeployDashboards"`
	Editable   bool `json:"defaultDashboardsEditable"`
}

// Receivers is the Secret in which Alertmanager finds whom it tells.
const Receivers = "receivers"

// prefix leads the names of the chart's objects.
const prefix = "monitoring"

// alertmanagerGiB is the least volume: what is silenced and who was told take some megabytes.
const alertmanagerGiB = 10

// scrapeSec is how often everybody is asked. What is told of alerts and burn rates reckons with it.
const scrapeSec = 30

// watched are the kinds whose state is told: not of secrets, nor of what may hold some, so that nothing here reads them.
var watched = []string{
	"cronjobs", "daemonsets", "deployments", "horizontalpodautoscalers", "jobs", "limitranges", "namespaces", "nodes", "persistentvolumeclaims",
	"persistentvolumes", "poddisruptionbudgets", "pods", "replicasets", "resourcequotas", "services", "statefulsets", "storageclasses",
}

func (a Args) values() values {
	v := values{
		FullnameOverride: prefix, CommonLabels: a.Tags, CRDs: switched{false},
		DefaultRules: defaultRules{Rules: map[string]bool{}},
		Kubelet:      kubelet{Namespace},
		StateMetrics: stateMetrics{
			Placement: system.Pool(), Priority: a.Priority, Resources: system.Room(50, 256), Collectors: watched, CustomLabels: a.Tags,
			// By which an alert about a namespace finds whose it is.
			Labels: []string{fmt.Sprintf("namespaces=[%s,%s]", tags.Team, tags.Service)},
		},
		NodeExporter: nodeExporter{
			NamespaceOverride: Nodes, Priority: a.Priority, Resources: system.Room(20, 64), CommonLabels: a.Tags,
			Tolerations: []toleration{{"Exists"}},
		},
		Operator: operator{
			Placement: system.Pool(), Priority: a.Priority, Resources: system.Room(50, 256), PodLabels: a.Tags,
			KubeletService: kubeletService{Namespace}, KubeletSlices: true,
			// Its webhooks are asked by the cluster's API, which is nobody in the mesh. What they would refuse, the definitions
			// refuse or tests find; and what gets through, the operator leaves out and says so.
			TLS: switched{false}, Webhooks: switched{false},
			Reloader: reloader{system.Room(10, 50)},
		},
		Prometheus:   prometheus{Budget: switched{a.Replicas > 1}, Spec: a.prometheus()},
		Alertmanager: alertmanager{Budget: switched{a.Replicas > 1}, Spec: a.alertmanager()},
		Grafana:      grafanaElsewhere{Enabled: false, Dashboards: true, Editable: false},
	}
	for _, group := range silent {
		v.DefaultRules.Rules[group] = false
	}
	return v
}

func (a Args) instance(name string, room system.Resources, retention string) instance {
	return instance{
		Placement: system.Pool(), Replicas: a.Replicas, Priority: a.Priority, Resources: room, Retention: retention,
		Spread:      system.SpreadOf(map[string]string{"app.kubernetes.io/name": name}),
		PodMetadata: podMetadata{a.Tags}, Volumes: retained{WhenDeleted: "Delete", WhenScaled: "Retain"},
	}
}

func (a Args) storage(gib int) storage {
	var s storage
	s.Template.Metadata.Labels = a.Tags
	s.Template.Spec = claim{StorageClassName: a.StorageClass, AccessModes: []string{"ReadWriteOnce"}}
	s.Template.Spec.Resources.Requests = map[string]string{"storage": fmt.Sprintf("%dGi", gib)}
	return s
}

// in is what the platform says in the two namespaces.
func in(namespaces ...string) selector {
	return selector{[]expression{{"kubernetes.io/metadata.name", "In", namespaces}}}
}

// prometheus: of the volume a fifth is left for what is written before the oldest is dropped
// (https://prometheus.io/docs/prometheus/latest/storage/#right-sizing-retention-size).
func (a Args) prometheus() prometheusSpec {
	own := in(Namespace, Nodes)
	return prometheusSpec{
		instance:      a.instance("prometheus", system.Room(300, a.MemoryMiB), fmt.Sprintf("%dd", a.RetentionDays)),
		RetentionSize: fmt.Sprintf("%dMB", a.StorageGiB*1024*8/10), Storage: a.storage(a.StorageGiB),
		ExternalLabels: map[string]string{"environment": a.Environment, "cloud": a.Cloud}, ScrapeInterval: fmt.Sprintf("%ds", scrapeSec),
		RulesIn: own, ServicesIn: own, PodsIn: own, ProbesIn: own, ScrapesIn: own,
	}
}

// silencesKept is how long Alertmanager remembers what was silenced and told: the 31 days over which `lifecycle alerts` looks
// for what nobody acted on.
const silencesKept = "744h"

func (a Args) alertmanager() alertmanagerSpec {
	return alertmanagerSpec{
		instance: a.instance("alertmanager", system.Room(20, 128), silencesKept), Storage: a.storage(alertmanagerGiB),
		ConfigsIn: in(Namespace), Matching: matching{"None"}, Configuration: Receivers, Brought: true,
	}
}
