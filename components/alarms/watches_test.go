package alarms_test

import (
	"slices"
	"testing"

	"platform/components/alarms"
)

func TestAllIsWatchedInAFixedOrder(t *testing.T) {
	args := alarms.Args{
		Databases: map[string]alarms.Database{"payments": {}, "ledger": {ConnectionLimit: 400}},
		Queues:    map[string]alarms.Queue{"order-placed-payments": {}, "order-placed-ledger": {Team: "ledger"}},
		APIs:      map[string]alarms.API{"partner": {}, "mobile": {Team: "orders"}},
	}
	got := alarms.Watches(args,
		func(service string, d alarms.Database) []int { return []int{len(service), d.MostConnections()} },
		func(queue string, q alarms.Queue) []int { return []int{len(queue), len(q.Team)} },
		func(audience string, a alarms.API) []int { return []int{len(audience), len(a.Team)} })
	if want := []int{6, 320, 8, 0, 19, 6, 21, 0, 6, 6, 7, 0}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
