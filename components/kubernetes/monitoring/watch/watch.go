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

// Collection is who takes traces and logs, and keeps them.
type Collection string

// The ways: OpenTelemetry's collectors before stores in the cloud's object storage, or nobody, which a file has to say.
const (
	Collectors Collection = "opentelemetry"
	Nobody     Collection = "none"
)

// Collections lists them.
var Collections = []Collection{Collectors, Nobody}

// The bounds of what an environment may ask for. A volume of the clouds' smallest useful class has at least ten gibibytes,
// and Prometheus keeps samples for months at most: for years it is the wrong store
// (https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects).
var (
	RetentionDays = limit.Range{Least: 1, Most: 90}
	StorageGiB    = limit.Range{Least: 10, Most: 2000}
	MemoryMiB     = limit.Range{Least: 512, Most: 65536}
	// Replicas each scrape everything; more than three copies of all samples are of no use.
	Replicas = limit.Range{Least: 1, Most: 3}

	// LogDays are up to ten years, which are what the longest-keeping law asks for; what a trace tells is of use for weeks.
	LogDays   = limit.Range{Least: 1, Most: 3653}
	TraceDays = limit.Range{Least: 1, Most: 90}
	// SharePercent of the traces without a fault, of which none would leave nothing to compare a slow one with.
	SharePercent = limit.Range{Least: 1, Most: 100}
	SlowMs       = limit.Range{Least: 10, Most: 60000}
	// StoreReplicas of what keeps logs: all that is kept is in three, of which one may be away; with two none could
	// (https://grafana.com/docs/loki/latest/get-started/hash-rings/).
	StoreReplicas = []int{1, 3}
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
