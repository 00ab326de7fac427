// Package watch says who may watch an environment, and within which bounds an environment asks for it. Files of environments are
// read by programs that build nothing, such as the policy pack, which need not be built with what does.
package watch

import "platform/components/limit"

// Kind is what watches an environment.
type Kind string

// The kinds. None is said as any other: an environment that nobody watches shows it.
const (
	Prometheus Kind = "prometheus"
	Datadog    Kind = "datadog"
	None       Kind = "none"
)

// Kinds lists the kinds.
var Kinds = []Kind{Prometheus, Datadog, None}

// The bounds of what an environment may ask for. A volume of the clouds' smallest useful class has at least ten gibibytes,
// and Prometheus keeps samples for months at most: for years it is the wrong store
// (https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects).
var (
	RetentionDays = limit.Range{Least: 1, Most: 90}
	StorageGiB    = limit.Range{Least: 10, Most: 2000}
	MemoryMiB     = limit.Range{Least: 512, Most: 65536}
	// Replicas each scrape everything; more than three copies of all samples are of no use.
	Replicas = limit.Range{Least: 1, Most: 3}
	// Agents of the cluster: one leads, and the others wait
	// (https://docs.datadoghq.com/containers/cluster_agent/setup/).
	Agents = limit.Range{Least: 1, Most: 3}
)

// Site is one of Datadog's, which share nothing: where its pages are, and on whose ground what it is sent.
type Site struct {
	Pages     string
	Residency string // of an environment; empty where none of those lies
}

// Sites are Datadog's, by the name that agents know them by (https://docs.datadoghq.com/getting_started/site/,
// https://docs.datadoghq.com/api/latest/).
var Sites = map[string]Site{
	"datadoghq.com":     {"https://app.datadoghq.com", "us"},
	"us3.datadoghq.com": {"https://us3.datadoghq.com", "us"},
	"us5.datadoghq.com": {"https://us5.datadoghq.com", "us"},
	"datadoghq.eu":      {"https://app.datadoghq.eu", "eu"},
	"ap1.datadoghq.com": {"https://ap1.datadoghq.com", ""},
	"ap2.datadoghq.com": {"https://ap2.datadoghq.com", ""},
	"uk1.datadoghq.com": {"https://uk1.datadoghq.com", ""},
	"ddog-gov.com":      {"https://app.ddog-gov.com", "us"},
	"us2.ddog-gov.com":  {"https://us2.ddog-gov.com", "us"},
}
