package database_test

import (
	"fmt"
	"testing"

	"platform/components/cluster"
	"platform/components/database"
)

// sizes is a cloud with round numbers.
type sizes map[cluster.Size]database.Limits

func (s sizes) DatabaseLimits(size cluster.Size) (database.Limits, error) {
	limits, ok := s[size]
	if !ok {
		return limits, fmt.Errorf("no such size")
	}
	return limits, nil
}

var round = sizes{
	cluster.Small:  {Direct: 100, Pooled: 1000},
	cluster.Medium: {Direct: 200, Pooled: 2000},
	cluster.Large:  {Direct: 500, Pooled: 5000},
}

func TestPlan(t *testing.T) {
	for name, c := range map[string]struct {
		size         cluster.Size
		pods, perPod int
		pooled       bool
		fault        string
	}{
		"exactly four fifths is direct": {size: cluster.Small, pods: 8, perPod: 10},
		"one more needs a pooler":       {size: cluster.Small, pods: 81, perPod: 1, pooled: true},
		"exactly the pooler's limit":    {size: cluster.Small, pods: 100, perPod: 10, pooled: true},
		"more than the pooler of a size": {
			size: cluster.Small, pods: 150, perPod: 10,
			fault: `size: value "small": 150 pods with 10 connections each need 1500 connections, and 80 are allowed (1000 with a pooler): size medium or large would do`,
		},
		"more than any size": {
			size: cluster.Large, pods: 600, perPod: 10,
			fault: `size: value "large": 600 pods with 10 connections each need 6000 connections, and 400 are allowed (5000 with a pooler): no size would do, so fewer pods or fewer connections for each are needed`,
		},
		"every fault at once": {
			size:  "huge",
			fault: "maxPods: value 0: at least 1 is allowed\nconnectionsPerPod: value 0: at least 1 is allowed\nsize: value \"huge\": no such size",
		},
	} {
		t.Run(name, func(t *testing.T) {
			pooled, err := database.Args{Size: c.size, MaxPods: c.pods, ConnectionsPerPod: c.perPod}.Plan(round)
			fault := ""
			if err != nil {
				fault = err.Error()
			}
			if pooled != c.pooled || fault != c.fault {
				t.Errorf("pooled %t with fault\n%s\nwant %t with\n%s", pooled, fault, c.pooled, c.fault)
			}
		})
	}
}

func TestPlanWithoutAPoolerNamesSizesThatHoldTheConnections(t *testing.T) {
	direct := sizes{cluster.Small: {Direct: 100}, cluster.Medium: {Direct: 200}, cluster.Large: {Direct: 500}}
	pooled, err := database.Args{Size: cluster.Small, MaxPods: 40, ConnectionsPerPod: 10}.Plan(direct)
	want := `size: value "small": 40 pods with 10 connections each need 400 connections, and 80 are allowed (there is no pooler): size large would do`
	if pooled || err == nil || err.Error() != want {
		t.Errorf("pooled %t with fault\n%v\nwant\n%s", pooled, err, want)
	}
}
