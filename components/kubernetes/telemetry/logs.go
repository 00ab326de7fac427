package telemetry

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/system"
	"platform/components/tags"
)

// logsValues are those of Loki's chart that differ from its own
// (https://github.com/grafana-community/helm-charts/blob/main/charts/loki/values.yaml, version 18.11.7). All parts of it run in one
// process: that is for some tens of gibibytes a day, and the mode with readers and writers apart goes with its next version
// (https://grafana.com/docs/loki/latest/get-started/deployment-modes/).
type logsValues struct {
	FullnameOverride string            `json:"fullnameOverride"`
	Mode             string            `json:"deploymentMode"`
	Labels           map[string]string `json:"commonLabels"`
	Defaults         logsDefaults      `json:"defaults"`
	Loki             loki              `json:"loki"`
	Account          account           `json:"serviceAccount"`
	RBAC             logsRBAC          `json:"rbac"`
	Single           single            `json:"singleBinary"`
	// What the other modes have, and what stands beside: whoever asks Loki is in the mesh, and no cache of some gibibytes pays here.
	Read         count       `json:"read"`
	Write        count       `json:"write"`
	Backend      count       `json:"backend"`
	Gateway      switched    `json:"gateway"`
	Canary       switched    `json:"lokiCanary"`
	Test         switched    `json:"test"`
	Chunks       switched    `json:"chunksCache"`
	Results      switched    `json:"resultsCache"`
	Ruler        switched    `json:"ruler"` // rules are Prometheus' alone
	RulesSidecar logsSidecar `json:"sidecar"`
}

type switched struct {
	Enabled bool `json:"enabled"`
}

type count struct {
	Replicas int `json:"replicas"`
}

type logsDefaults struct {
	Token        bool `json:"automountServiceAccountToken"` // it asks the cluster for nothing
	ServiceLinks bool `json:"enableServiceLinks"`
}

type logsRBAC struct {
	Namespaced bool `json:"namespaced"`
}

type logsSidecar struct {
	Rules switched `json:"rules"`
}

type account struct {
	Name        string           `json:"name"`
	Annotations pulumi.StringMap `json:"annotations,omitempty"`
	Labels      tags.Set         `json:"labels"`
	Token       bool             `json:"automountServiceAccountToken"`
}

// loki is its configuration (https://grafana.com/docs/loki/latest/configure/).
type loki struct {
	Auth       bool           `json:"auth_enabled"` // one tenant: who may see, Grafana decides
	PodLabels  tags.Set       `json:"podLabels"`
	Common     map[string]any `json:"commonConfig"`
	Limits     map[string]any `json:"limits_config"`
	Schema     map[string]any `json:"schemaConfig"`
	Compactor  map[string]any `json:"compactor"`
	Analytics  map[string]any `json:"analytics"`
	Storage    pulumi.Map     `json:"storage"`
	Ingester   map[string]any `json:"ingester"`
	QueryRange map[string]any `json:"query_range"`
}

type single struct {
	system.Placement
	Replicas    int              `json:"replicas"`
	Priority    string           `json:"priorityClassName"`
	Resources   system.Resources `json:"resources"`
	Spread      []system.Spread  `json:"topologySpreadConstraints"`
	Affinity    map[string]any   `json:"affinity"`
	Sidecar     bool             `json:"sidecar"`
	Budget      logsBudget       `json:"podDisruptionBudget"`
	Persistence logsVolume       `json:"persistence"`
}

type logsBudget struct {
	Enabled        bool `json:"enabled"`
	MaxUnavailable int  `json:"maxUnavailable"`
}

type logsVolume struct {
	Enabled bool     `json:"enabled"`
	Deletes bool     `json:"enableStatefulSetAutoDeletePVC"`
	Scaled  string   `json:"whenScaled"`
	Deleted string   `json:"whenDeleted"`
	Size    string   `json:"size"`
	Class   string   `json:"storageClass"`
	Labels  tags.Set `json:"labels"`
}

// schemaFrom is a day before the first log of any environment: a schema holds from a day on, and must not begin later than the
// logs do (https://grafana.com/docs/loki/latest/operations/storage/schema/).
const schemaFrom = "2026-01-01"

func (a Args) logsValues() logsValues {
	kind := a.Logs.Objects.Kind
	return logsValues{
		FullnameOverride: logs, Mode: "Monolithic", Labels: a.Tags, RBAC: logsRBAC{Namespaced: true},
		Account: account{Name: LogsAccount, Annotations: a.Logs.Who.Annotations, Labels: a.Tags},
		Loki: loki{
			PodLabels: a.Tags.Merge(a.Logs.Who.PodLabels), Storage: a.Logs.Objects.Logs,
			// Of three copies two are enough to write and to read.
			Common: map[string]any{
				"path_prefix": "/var/loki", "replication_factor": a.Replicas,
				"compactor_grpc_address": address(logs, innerPort),
			},
			Schema: map[string]any{"configs": []map[string]any{{
				"from": schemaFrom, "store": "tsdb", "object_store": kind, "schema": "v13",
				"index": map[string]any{"prefix": "index_", "period": "24h"},
			}}},
			// https://grafana.com/docs/loki/latest/operations/storage/retention/
			Compactor: map[string]any{
				"working_directory": "/var/loki/compactor", "retention_enabled": true, "delete_request_store": kind, "retention_delete_delay": "2h",
			},
			// One service that logs without end is slowed down, and not all.
			Limits: map[string]any{
				"retention_period": fmt.Sprintf("%dh", a.LogDays*24), "allow_structured_metadata": true, "volume_enabled": true,
				"reject_old_samples": true, "reject_old_samples_max_age": "168h", "max_cache_freshness_per_query": "10m",
				"split_queries_by_interval": "15m", "query_timeout": "300s",
				"ingestion_rate_mb": 16, "ingestion_burst_size_mb": 32, "per_stream_rate_limit": "5MB", "per_stream_rate_limit_burst": "20MB",
				"max_line_size": "256KB", "max_line_size_truncate": true,
			},
			Analytics: map[string]any{"reporting_enabled": false},
			// What is not in the object storage yet is in the volume, and goes there at the end.
			Ingester:   map[string]any{"wal": map[string]any{"flush_on_shutdown": true, "dir": "/var/loki/wal"}, "chunk_encoding": "snappy"},
			QueryRange: map[string]any{"align_queries_with_step": true},
		},
		Single: single{
			Placement: system.Pool(), Replicas: a.Replicas, Priority: a.Priority, Resources: system.Room(100, a.MemoryMiB),
			Spread: system.SpreadOf(map[string]string{nameLabel: logs}), Affinity: map[string]any{"podAntiAffinity": map[string]any{
				"requiredDuringSchedulingIgnoredDuringExecution": []any{},
			}},
			Budget:      logsBudget{Enabled: a.Replicas > 1, MaxUnavailable: 1},
			Persistence: logsVolume{true, true, "Delete", "Delete", gib(a.StorageGiB), a.StorageClass, a.Tags},
		},
	}
}

func gib(size int) string { return fmt.Sprintf("%dGi", size) }
