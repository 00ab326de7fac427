package alarms_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
)

func TestValidArgsHaveNoFault(t *testing.T) {
	err := alarms.Args{
		Teams:     map[string]alarms.Team{"orders": {Email: "orders@example.com"}, "ledger": {}},
		Bounds:    alarms.Bounds{}.Complete(),
		Databases: map[string]alarms.Database{"payments": {Team: "ledger", ConnectionLimit: 400, StorageGiB: 50, BurstCredits: 576}},
		Queues:    map[string]alarms.Queue{"order-placed-payments": {Team: "orders"}},
		APIs:      map[string]alarms.API{"mobile": {Team: "orders"}},
		Cluster:   &alarms.Cluster{Team: "orders"},
		Quotas:    &alarms.Quotas{Team: "orders", Percent: alarms.QuotaPercent},
	}.Validate()
	if err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := alarms.Args{
		Teams:     map[string]alarms.Team{"orders": {Email: "Orders <orders@example.com>"}},
		Bounds:    alarms.Bounds{CPUPercent: 100, QueueMinutes: 1441, SlowMilliseconds: -1}.Complete(),
		Databases: map[string]alarms.Database{"payments": {Team: "ledger", BurstCredits: -1}},
		Queues:    map[string]alarms.Queue{"Order placed": {Team: "orders"}},
		APIs:      map[string]alarms.API{"mobile": {}},
		Cluster:   &alarms.Cluster{Team: "nobody", Groups: map[string]pulumi.StringOutput{"System pool": {}}},
		Quotas:    &alarms.Quotas{Team: "orders"},
	}.Validate()
	want := `teams.orders.email: value "Orders <orders@example.com>": an address such as team@example.com is allowed, or none
bounds.cpuPercent: value "100": 1 to 99 is allowed
bounds.queueMinutes: value "1441": 1 to 1440 is allowed
bounds.slowMilliseconds: value "-1": 1 to 30000 is allowed
databases.payments.team: value "ledger": one of [orders] is allowed
databases.payments.connectionLimit: value "0": at least 1 is allowed
databases.payments.storageGiB: value "0": at least 1 is allowed
databases.payments.burstCredits: value "-1": 0 (a processor that saves none) or more is allowed
queues.Order placed: value "Order placed": lower-case words joined by hyphens are allowed
apis.mobile.team: value "": one of [orders] is allowed
cluster.team: value "nobody": one of [orders] is allowed
cluster.groups.System pool: value "System pool": lower-case words joined by hyphens are allowed
quotas.percent: value "0": 1 to 99 is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
