package modelled

import (
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
)

// Step is one resource on the critical path.
type Step struct {
	URN  string
	Took time.Duration
}

// CriticalPath is the chain of dependent resources that takes longest, and its time. No engine can be
// faster, however many calls it makes at once. For a destroy the same chain is walked from its end.
func CriticalPath(resources []apitype.ResourceV3, took map[string]time.Duration) ([]Step, time.Duration) {
	byURN := map[string]apitype.ResourceV3{}
	for _, r := range resources {
		byURN[string(r.URN)] = r
	}
	type best struct {
		total time.Duration
		after string
	}
	known := map[string]best{}
	var longest func(urn string) best
	longest = func(urn string) best {
		if b, ok := known[urn]; ok {
			return b
		}
		known[urn] = best{} // the engine's state has no circles; a broken one must not hang
		r, b := byURN[urn], best{}
		for _, on := range r.Dependencies {
			if d := longest(string(on)); d.total > b.total {
				b = best{d.total, string(on)}
			}
		}
		b.total += took[urn]
		known[urn] = b
		return b
	}
	var end string
	for urn := range byURN {
		if b := longest(urn); end == "" || b.total > known[end].total || b.total == known[end].total && urn < end {
			end = urn
		}
	}
	total := known[end].total
	var path []Step
	for urn := end; urn != ""; urn = known[urn].after {
		path = append([]Step{{urn, took[urn]}}, path...)
	}
	return path, total
}
