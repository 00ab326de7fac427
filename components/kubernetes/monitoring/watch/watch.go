// Package watch says who may watch an environment, and within which bounds an environment asks for it. Files of environments are
// read by programs that build nothing, such as the policy pack, which need not be built with what does.
package watch

import "platform/components/limit"

// Kind is what watches an environment.
type Kind string

// The kinds. None is said as any other: an environment that nobody watches shows it.
const (
	Prometheus Kind = "prometheus"
	None       Kind = "none"
)

// Kinds lists the kinds.
var Kinds = []Kind{Prometheus, None}

// The bounds of what an environment may ask for. A volume of the clouds' smallest useful class has at least ten gibibytes,
// and Prometheus keeps samples for months at most: for years it is the wrong store
// (https://prometheus.io/docs/prometheus/latest/storage/#operational-aspects).
var (
	RetentionDays = limit.Range{Least: 1, Most: 90}
	StorageGiB    = limit.Range{Least: 10, Most: 2000}
	MemoryMiB     = limit.Range{Least: 512, Most: 65536}
	// Replicas each scrape everything; more than three copies of all samples are of no use.
	Replicas = limit.Range{Least: 1, Most: 3}
)
