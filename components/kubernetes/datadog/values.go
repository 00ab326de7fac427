package datadog

import "platform/components/kubernetes/system"

// values are those of the chart that differ from its own
// (https://github.com/DataDog/helm-charts/blob/datadog-operator-2.25.1/charts/datadog-operator/values.yaml).
type values struct {
	system.Placement
	Image       operatorImage `json:"image"`
	Site        string        `json:"site"`
	ClusterName string        `json:"clusterName"`
	// APIKey and AppKey are the Secret that holds both: without them its pod does not start.
	APIKey    string            `json:"apiKeyExistingSecret"`
	AppKey    string            `json:"appKeyExistingSecret"`
	Priority  string            `json:"priorityClassName"`
	Resources system.Resources  `json:"resources"`
	PodLabels map[string]string `json:"podLabels"`
	Context   security          `json:"containerSecurityContext"`
	// Monitors, SLOs and Dashboards are what is said to Datadog in the cluster.
	Monitors   switched `json:"datadogMonitor"`
	SLOs       switched `json:"datadogSLO"`
	Dashboards switched `json:"datadogDashboard"`
	// CSI would be a driver of volumes on each node, for sockets that no pod may mount.
	CSI         switched    `json:"datadogCSIDriver"`
	Definitions definitions `json:"datadogCRDs"`
	// Metrics of the operator itself no alert reads.
	Metrics bool `json:"collectOperatorMetrics"`
	// Migration is which images it would take from elsewhere than it is told.
	Migration string `json:"registryMigrationMode"`
}

type operatorImage struct {
	Repository string `json:"repository"`
}

type security struct {
	Escalation   bool   `json:"allowPrivilegeEscalation"`
	ReadOnly     bool   `json:"readOnlyRootFilesystem"`
	NonRoot      bool   `json:"runAsNonRoot"`
	Capabilities drop   `json:"capabilities"`
	Seccomp      strict `json:"seccompProfile"`
}

type drop struct {
	Drop []string `json:"drop"`
}

type strict struct {
	Type string `json:"type"`
}

// definitions are kept when the release goes, with all that is said by them: they would else take every monitor along.
type definitions struct {
	Keep  bool            `json:"keepCrds"`
	Kinds map[string]bool `json:"crds"`
}

// kinds are those that are used, and what the operator makes of agents on its way; the others are off.
var kinds = map[string]bool{
	"datadogAgents": true, "datadogAgentInternals": true, "datadogMonitors": true, "datadogSLOs": true, "datadogDashboards": true,
	"datadogMetrics": false, "datadogPodAutoscalers": false, "datadogPodAutoscalerClusterProfiles": false, "datadogCSIDrivers": false,
	"datadogInstrumentations": false,
}

func (a Args) values() values {
	return values{
		Placement: system.Pool(), Image: operatorImage{a.image("operator")}, Site: a.Site, ClusterName: a.Environment, APIKey: keys, AppKey: keys,
		Priority: a.Priority, Resources: system.Room(50, 256), PodLabels: a.Tags,
		Context:  security{ReadOnly: true, NonRoot: true, Capabilities: drop{[]string{"ALL"}}, Seccomp: strict{"RuntimeDefault"}},
		Monitors: switched{true}, SLOs: switched{true}, Dashboards: switched{true}, Definitions: definitions{Keep: true, Kinds: kinds},
	}
}
