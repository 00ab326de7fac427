package karpenter

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/chart"
	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
	"platform/components/tags"
)

// values are those of the chart that differ from its own
// (https://github.com/aws/karpenter-provider-aws/blob/v1.14.1/charts/karpenter/values.yaml).
type values struct {
	system.Placement
	AdditionalLabels tags.Set        `json:"additionalLabels"`
	PodLabels        tags.Set        `json:"podLabels"`
	ServiceAccount   account         `json:"serviceAccount"`
	Replicas         int             `json:"replicas"`
	Spread           []system.Spread `json:"topologySpreadConstraints"`
	Controller       controller      `json:"controller"`
	Settings         pulumi.Map      `json:"settings"`
}

type account struct {
	Name string `json:"name"`
}

type controller struct {
	Resources system.Resources `json:"resources"`
	Metrics   port             `json:"metrics"`
}

type port struct {
	Port int `json:"port"`
}

// metricsPort is the chart's own.
const metricsPort = 8080

// It keeps every pod and node in memory, so a kill by too low a limit would come at the worst time
// (https://karpenter.sh/docs/getting-started/getting-started-with-karpenter/#4-install-karpenter).
const (
	milliCPU  = 250
	memoryMiB = 1024
)

func (a Args) values() values {
	return values{
		Placement: system.Pool(), AdditionalLabels: a.Tags, PodLabels: a.Tags, ServiceAccount: account{Account}, Replicas: a.Replicas,
		// By default a zone must not have two, and a small system pool may have one zone.
		Spread:     system.SpreadOf(map[string]string{"app.kubernetes.io/name": chart.Karpenter.Chart}),
		Controller: controller{Resources: system.Room(milliCPU, memoryMiB), Metrics: port{metricsPort}},
		Settings:   a.Cloud.Settings,
	}
}

func (a Args) flows() flows.Part {
	return flows.Part{Around: a.Around, Metrics: []int{metricsPort}}
}

// kept are the values of the chart of definitions: they outlive the release, since all pools, and so all nodes, would go
// with them (https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource).
type kept struct {
	Annotations map[string]string `json:"additionalAnnotations"`
}

func definitions() kept {
	return kept{map[string]string{"helm.sh/resource-policy": "keep"}}
}

// Targets are where its pods tell how they fare.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{Namespace: {Namespace: Namespace, Port: metricsPort}}
}
