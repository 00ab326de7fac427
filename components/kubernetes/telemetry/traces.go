package telemetry

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/system"
	"platform/components/tags"
)

// tracesValues are those of Tempo's chart that differ from its own
// (https://github.com/grafana-community/helm-charts/blob/main/charts/tempo/values.yaml, version 2.3.0). It is one pod, whatever the
// environment: while it restarts the gateways keep what comes, and of traces a share is enough by design.
type tracesValues struct {
	system.Placement
	FullnameOverride string        `json:"fullnameOverride"`
	Replicas         int           `json:"replicas"`
	ExtraLabels      tags.Set      `json:"extraLabels"`
	PodLabels        tags.Set      `json:"podLabels"`
	Priority         string        `json:"priorityClassName"`
	Account          account       `json:"serviceAccount"`
	Pod              podSecurity   `json:"securityContext"`
	Volume           tracesVolume  `json:"persistence"`
	Extra            []extraVolume `json:"extraVolumes"`
	Tempo            tempo         `json:"tempo"`
	Config           string        `json:"config"`
}

type tempo struct {
	Resources  system.Resources `json:"resources"`
	Ballast    int              `json:"memBallastSizeMbs"`
	Retention  string           `json:"retention"`
	Reporting  bool             `json:"reportingEnabled"`
	Storage    tempoStorage     `json:"storage"`
	Container  containerSafety  `json:"securityContext"`
	ExtraMount []extraMount     `json:"extraVolumeMounts"`
}

type tempoStorage struct {
	Trace pulumi.Map `json:"trace"`
}

type podSecurity struct {
	RunAsUser    int     `json:"runAsUser"`
	RunAsGroup   int     `json:"runAsGroup"`
	FSGroup      int     `json:"fsGroup"`
	RunAsNonRoot bool    `json:"runAsNonRoot"`
	Seccomp      seccomp `json:"seccompProfile"`
}

type seccomp struct {
	Type string `json:"type"`
}

type containerSafety struct {
	Escalation   bool         `json:"allowPrivilegeEscalation"`
	ReadOnly     bool         `json:"readOnlyRootFilesystem"`
	Capabilities capabilities `json:"capabilities"`
}

type capabilities struct {
	Drop []string `json:"drop"`
}

type tracesVolume struct {
	Enabled bool   `json:"enabled"`
	Deletes bool   `json:"enableStatefulSetAutoDeletePVC"`
	Size    string `json:"size"`
	Class   string `json:"storageClassName"`
}

type extraVolume struct {
	Name     string         `json:"name"`
	EmptyDir map[string]any `json:"emptyDir"`
}

type extraMount struct {
	Name string `json:"name"`
	Path string `json:"mountPath"`
}

// tempoUser is who the image runs as, by the chart.
const tempoUser = 10001

// tracesConfig stands for the chart's own, which opens what nobody sends to, and the port that services send to
// (https://grafana.com/docs/tempo/latest/configuration/).
var tracesConfig = fmt.Sprintf(`memberlist:
  cluster_label: "{{ .Release.Name }}.{{ .Release.Namespace }}"
multitenancy_enabled: false
usage_report:
  reporting_enabled: {{ .Values.tempo.reportingEnabled }}
compactor:
  compaction:
    block_retention: {{ .Values.tempo.retention }}
distributor:
  receivers:
    otlp:
      protocols:
        grpc:
          endpoint: "0.0.0.0:%d"
server:
  {{- toYaml .Values.tempo.server | nindent 2 }}
storage:
  {{- toYaml .Values.tempo.storage | nindent 2 }}
`, intakePort)

func (a Args) tracesValues() tracesValues {
	return tracesValues{
		Placement: system.Pool(), FullnameOverride: traces, Replicas: 1, ExtraLabels: a.Tags, PodLabels: a.Tags.Merge(a.Traces.Who.PodLabels),
		Priority: a.Priority, Account: account{Name: TracesAccount, Annotations: a.Traces.Who.Annotations, Labels: a.Tags},
		Pod:    podSecurity{tempoUser, tempoUser, tempoUser, true, seccomp{"RuntimeDefault"}},
		Volume: tracesVolume{true, true, gib(a.StorageGiB), a.StorageClass},
		Extra:  []extraVolume{{"tmp", map[string]any{"sizeLimit": "256Mi"}}},
		Tempo: tempo{
			Resources: system.Room(100, a.MemoryMiB), Retention: fmt.Sprintf("%dh", a.TraceDays*24), Storage: tempoStorage{a.Traces.Objects.Traces},
			Container:  containerSafety{false, true, capabilities{[]string{"ALL"}}},
			ExtraMount: []extraMount{{"tmp", "/tmp"}},
		},
		Config: tracesConfig,
	}
}
