package alarms

import "platform/components/limit"

// Bounds are when teams are told, the same on every cloud. What is 0 is as usual.
type Bounds struct {
	CPUPercent         int `yaml:"cpuPercent,omitempty"`         // of a database's processor
	CreditsPercent     int `yaml:"creditsPercent,omitempty"`     // left of the credits that a database's processor can save
	StoragePercent     int `yaml:"storagePercent,omitempty"`     // of a database's disk, or of a cluster's own store
	ConnectionsPercent int `yaml:"connectionsPercent,omitempty"` // of those that a database accepts
	QueueMinutes       int `yaml:"queueMinutes,omitempty"`       // that a message may wait
	QueueDepth         int `yaml:"queueDepth,omitempty"`         // messages that may wait
	FailuresPercent    int `yaml:"failuresPercent,omitempty"`    // of a door's requests
	SlowMilliseconds   int `yaml:"slowMilliseconds,omitempty"`   // that the slowest 1 % of a door's requests may take
}

// QuotaPercent is what of a quota may be used, usually and at all. The rest is what is left while a larger one is asked for.
const QuotaPercent = 80

// Percent are the shares that say something: at 0 an alarm always tells, at 100 never.
var Percent = limit.Range{Least: 1, Most: 99}

// bound is one of the numbers, under the name that files give it.
type bound struct {
	name    string
	value   *int
	usual   int
	allowed limit.Range
}

// numbers: an alarm waits a day at most, which is the longest window of the clouds' metrics, and a gateway half a minute
// (https://learn.microsoft.com/rest/api/monitor/metric-alerts/create-or-update,
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html).
func (b *Bounds) numbers() []bound {
	return []bound{
		{"cpuPercent", &b.CPUPercent, 80, Percent},
		{"creditsPercent", &b.CreditsPercent, 10, Percent},
		{"storagePercent", &b.StoragePercent, 90, Percent},
		{"connectionsPercent", &b.ConnectionsPercent, 80, Percent},
		{"queueMinutes", &b.QueueMinutes, 15, limit.Range{Least: 1, Most: 1440}},
		{"queueDepth", &b.QueueDepth, 1000, limit.Range{Least: 1, Most: 1_000_000}},
		{"failuresPercent", &b.FailuresPercent, 1, Percent},
		{"slowMilliseconds", &b.SlowMilliseconds, 1000, limit.Range{Least: 1, Most: 30_000}},
	}
}

// Complete fills in what is usual.
func (b Bounds) Complete() Bounds {
	for _, n := range b.numbers() {
		if *n.value == 0 {
			*n.value = n.usual
		}
	}
	return b
}

// Each tells every number, its name and what is allowed, for whoever judges them.
func (b Bounds) Each(judge func(name string, value int, allowed limit.Range)) {
	for _, n := range b.numbers() {
		judge(n.name, *n.value, n.allowed)
	}
}

// MostConnections is above how many open connections of a database its team is told.
func (b Bounds) MostConnections(d Database) int {
	return d.ConnectionLimit * b.ConnectionsPercent / 100
}

// FewCredits is below how many saved credits of a database's processor its team is told.
func (b Bounds) FewCredits(d Database) int { return d.BurstCredits * b.CreditsPercent / 100 }

// QueueSeconds is how long a message may wait.
func (b Bounds) QueueSeconds() int { return b.QueueMinutes * 60 }
