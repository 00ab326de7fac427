package cluster_test

import (
	"strings"
	"testing"

	"platform/components/cluster"
	"platform/components/limit"
)

var offer = cluster.Offer{
	Versions: []string{"1.33"}, PoolNodes: limit.Range{Most: 450}, Idle: limit.Range{Most: 450}, DiskGiB: limit.Range{Least: 20, Most: 16384},
}

func whole() cluster.Args {
	return cluster.Args{
		Version: "1.33", LogDays: 7, Admins: []string{"a"},
		Pools: map[string]cluster.Pool{
			"system":  {Size: cluster.Small, Capacity: cluster.OnDemand, Min: 1, Max: 2, System: true, DiskGiB: 50},
			"general": {Size: cluster.Medium, Capacity: cluster.OnDemand, Min: 1, Max: 5, DiskGiB: 50},
		},
	}
}

func TestAWholeClusterIsAllowed(t *testing.T) {
	if err := whole().Validate(offer); err != nil {
		t.Error(err)
	}
}

func TestFaultsAreAllNamed(t *testing.T) {
	args := whole()
	args.Version, args.PublicAccess, args.LogDays, args.Viewers = "1", []string{"0.0.0.0/0"}, 0, []string{"a"}
	args.Teams = map[string]string{"payments": "", "orders": "a"}
	args.Pools["system"] = cluster.Pool{Size: "huge", Capacity: "free", Min: 3, Max: 2, DiskGiB: 1}
	err := args.Validate(offer)
	if err == nil {
		t.Fatal("allowed")
	}
	for _, path := range []string{
		"version:", "publicAccess[0]:", "logDays:", "admins, viewers:", "teams.payments:", "teams.orders:", "pools.system.size:", "pools.system.capacity:",
		"pools.system:", "pools.system.diskGiB:", "pools:",
	} {
		if !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}

func TestNodesComeWithPodsWhereNothingHoldsThem(t *testing.T) {
	bound := offer
	bound.Idle, bound.Steady = limit.Range{}, true
	err := whole().Validate(bound)
	for _, want := range []string{
		`pools.general: value "min 1, max 5": min of 0 to 0 is allowed`, `pools.system: value "min 1, max 2": min and max that are the same`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in\n%v", want, err)
		}
	}
	args := whole()
	args.Pools["system"] = cluster.Pool{Size: cluster.Small, Capacity: cluster.OnDemand, Min: 2, Max: 2, System: true, DiskGiB: 50}
	args.Pools["general"] = cluster.Pool{Size: cluster.Medium, Capacity: cluster.OnDemand, Max: 5, DiskGiB: 50}
	if err := args.Validate(bound); err != nil {
		t.Error(err)
	}
}
