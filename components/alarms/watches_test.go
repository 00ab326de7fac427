package alarms_test

import (
	"slices"
	"testing"

	"platform/components/alarms"
)

// names watches everything by its name.
type names struct{}

func (names) Database(service string, _ alarms.Database) []string {
	return []string{service, "store of " + service}
}
func (names) Queue(name string, _ alarms.Queue) []string { return []string{name} }
func (names) API(audience string, _ alarms.API) []string { return []string{audience} }
func (names) Cluster(c alarms.Cluster) []string          { return []string{"cluster of " + c.Team} }
func (names) Quotas(q alarms.Quotas) []string            { return []string{"quotas of " + q.Team} }

var _ alarms.Watcher[string] = names{}

func TestAllIsWatchedInAFixedOrder(t *testing.T) {
	args := alarms.Args{
		Databases: map[string]alarms.Database{"payments": {}, "ledger": {}},
		Queues:    map[string]alarms.Queue{"order-placed-payments": {}, "order-placed-ledger": {}},
		APIs:      map[string]alarms.API{"partner": {}, "mobile": {}},
	}
	want := []string{"ledger", "store of ledger", "payments", "store of payments", "order-placed-ledger", "order-placed-payments", "mobile", "partner"}
	if got := alarms.Watches[string](args, names{}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	args.Cluster, args.Quotas = &alarms.Cluster{Team: "platform"}, &alarms.Quotas{Team: "platform"}
	want = append(want, "cluster of platform", "quotas of platform")
	if got := alarms.Watches[string](args, names{}); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestBoundsAreSharesOfWhatThereIs(t *testing.T) {
	bounds := alarms.Bounds{QueueMinutes: 2, ConnectionsPercent: 50}.Complete()
	if want := (alarms.Bounds{
		CPUPercent: 80, CreditsPercent: 10, StoragePercent: 90, ConnectionsPercent: 50, QueueMinutes: 2, QueueDepth: 1000,
		FailuresPercent: 1, SlowMilliseconds: 1000,
	}); bounds != want {
		t.Errorf("got %+v, want %+v", bounds, want)
	}
	database := alarms.Database{ConnectionLimit: 401, BurstCredits: 576}
	if got := bounds.MostConnections(database); got != 200 {
		t.Errorf("told above %d connections, want 200", got)
	}
	if got := bounds.FewCredits(database); got != 57 {
		t.Errorf("told below %d credits, want 57", got)
	}
	if got := bounds.QueueSeconds(); got != 120 {
		t.Errorf("a message may wait %d seconds, want 120", got)
	}
}
