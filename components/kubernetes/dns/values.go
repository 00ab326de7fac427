package dns

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/kubernetes/flows"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/workload"
)

// values are those of the chart that do not depend on the cloud
// (https://github.com/kubernetes-sigs/external-dns/blob/master/charts/external-dns/values.yaml).
type values struct {
	system.Placement
	CommonLabels   map[string]string `json:"commonLabels"`
	PodLabels      map[string]string `json:"podLabels"`
	ServiceAccount account           `json:"serviceAccount"`
	Resources      system.Resources  `json:"resources"`

	Sources       []string `json:"sources"`
	Policy        string   `json:"policy"`
	Registry      string   `json:"registry"`
	TXTOwnerID    string   `json:"txtOwnerId"`
	DomainFilters []string `json:"domainFilters"`
	LogFormat     string   `json:"logFormat"`
}

// metricsPort is the chart's.
const metricsPort = 7979

func (a Args) flows() flows.Part { return flows.Part{Around: a.Around, Metrics: []int{metricsPort}} }

type account struct {
	Name        string           `json:"name"`
	Annotations pulumi.StringMap `json:"annotations,omitempty"`
}

// valuesOf: one replica, since the program elects no leader, and nobody misses it for the minute that another node takes.
// A record is taken back with what it was for, but only if a text record beside it says that this environment made it
// (https://kubernetes-sigs.github.io/external-dns/latest/docs/registry/txt/).
func valuesOf(a Args) values {
	return values{
		// The chart's common labels are not its pods'.
		Placement: system.Pool(), CommonLabels: a.Tags, PodLabels: a.Tags.Merge(a.Labels),
		ServiceAccount: account{Name: Account, Annotations: a.Annotations},
		Resources:      system.Room(20, 64),
		Sources:        []string{"service", "ingress"}, Policy: "sync", Registry: "txt", TXTOwnerID: a.Owner,
		DomainFilters: []string{a.Domain}, LogFormat: "json",
	}
}

// Targets are where its pods tell how they fare.
func Targets() map[string]workload.Target {
	return map[string]workload.Target{Namespace: {Namespace: Namespace, Port: metricsPort}}
}
