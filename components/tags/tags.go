// Package tags holds the labels by which every resource is owned, priced and found again.
package tags

import (
	"maps"
	"slices"
)

// The keys that every taggable resource bears.
const (
	Team        = "team"
	Project     = "project"
	Service     = "service"
	Environment = "environment"
	CostCentre  = "cost-centre"
	DataClass   = "data-class"
)

// The keys that everything in an environment of some hours bears besides: who asked for it, and when it is gone at the latest.
const (
	Owner   = "owner"
	Expires = "expires"
)

// Required lists the keys that no resource may lack, in the order in which messages name them.
var Required = []string{Team, Project, Service, Environment, CostCentre, DataClass}

// Set is a resource's tags. It is never changed in place: With and Merge return copies, so that
// one component's addition cannot leak into another's resources.
type Set map[string]string

// With returns a copy in which key has the value.
func (s Set) With(key, value string) Set {
	return s.Merge(Set{key: value})
}

// Merge returns a copy in which the tags of other are added and win.
func (s Set) Merge(other Set) Set {
	merged := make(Set, len(s)+len(other))
	maps.Copy(merged, s)
	maps.Copy(merged, other)
	return merged
}

// Keys returns the keys in ascending order.
func (s Set) Keys() []string {
	return slices.Sorted(maps.Keys(s))
}

// Pairs returns the tags as "key=value", in ascending order of the keys: the form in which controllers in a cluster read them.
func (s Set) Pairs() []string {
	var pairs []string
	for _, key := range s.Keys() {
		pairs = append(pairs, key+"="+s[key])
	}
	return pairs
}

// Missing returns the required keys that are absent or empty, in the order of Required.
func (s Set) Missing() []string {
	var missing []string
	for _, key := range Required {
		if s[key] == "" {
			missing = append(missing, key)
		}
	}
	return missing
}
