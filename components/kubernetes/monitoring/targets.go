package monitoring

import (
	"fmt"
	"maps"
	"slices"

	metav1 "github.com/pulumi/pulumi-kubernetes/sdk/v4/go/kubernetes/meta/v1"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/custom"
	"platform/components/kubernetes/workload"
)

// apiVersion is that of the operator's kinds
// (https://prometheus-operator.dev/docs/api-reference/api/).
const apiVersion = "monitoring.coreos.com/v1"

// sampleLimit is how much one pod may tell at once. A service that makes a label of every order would else fill the store of
// all; it is left out instead, and an alert says so (MetricsNotCollected).
const sampleLimit = 20000

type podMonitorSpec struct {
	NamespaceSelector names         `json:"namespaceSelector"`
	Selector          labelSelector `json:"selector"`
	SampleLimit       int           `json:"sampleLimit"`
	Endpoints         []podEndpoint `json:"podMetricsEndpoints"`
}

type names struct {
	MatchNames []string `json:"matchNames"`
}

type labelSelector struct {
	MatchLabels map[string]string `json:"matchLabels"`
}

type podEndpoint struct {
	Path        string       `json:"path,omitempty"`
	Relabelings []relabeling `json:"relabelings"`
}

type relabeling struct {
	SourceLabels []string `json:"sourceLabels,omitempty"`
	TargetLabel  string   `json:"targetLabel,omitempty"`
	Replacement  string   `json:"replacement"`
	Regex        string   `json:"regex,omitempty"`
	Action       string   `json:"action,omitempty"`
}

// podMonitor asks each pod at the port, whether a container names it or not: a pod is found once for each port that it names, and
// what would tell these apart is dropped, so that one target is left
// (https://prometheus.io/docs/prometheus/latest/configuration/configuration/#pod).
func podMonitor(job string, t workload.Target) podMonitorSpec {
	labels := t.Pods
	if labels == nil {
		labels = map[string]string{}
	}
	return podMonitorSpec{
		NamespaceSelector: names{[]string{t.Namespace}}, Selector: labelSelector{labels}, SampleLimit: sampleLimit,
		Endpoints: []podEndpoint{{Path: t.Path, Relabelings: []relabeling{
			{SourceLabels: []string{"__meta_kubernetes_pod_ip"}, TargetLabel: "__address__", Replacement: fmt.Sprintf("$1:%d", t.Port)},
			{TargetLabel: "job", Replacement: job},
			{TargetLabel: "instance", SourceLabels: []string{"__address__"}, Replacement: "$1"},
			{TargetLabel: "container", Replacement: ""},
			{TargetLabel: "endpoint", Replacement: ""},
		}}},
	}
}

// monitors asks every target how it fares.
func (a Args) monitors(ctx *pulumi.Context, name string, parent pulumi.Resource, after []pulumi.Resource) ([]pulumi.Resource, error) {
	var out []pulumi.Resource
	for _, job := range slices.Sorted(maps.Keys(a.Targets)) {
		made, err := custom.New(ctx, name+"-target-"+job, custom.Args{
			APIVersion: apiVersion, Kind: "PodMonitor", Spec: podMonitor(job, a.Targets[job]),
			Metadata: metav1.ObjectMetaArgs{Name: pulumi.String(job), Namespace: pulumi.String(Namespace), Labels: pulumi.ToStringMap(a.Tags)},
		}, pulumi.Parent(parent), pulumi.DependsOn(after))
		if err != nil {
			return nil, fmt.Errorf("target %s: %w", job, err)
		}
		out = append(out, made)
	}
	return out, nil
}
