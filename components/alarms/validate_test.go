package alarms_test

import (
	"testing"

	"platform/components/alarms"
)

func TestValidArgsHaveNoFault(t *testing.T) {
	err := alarms.Args{
		Teams:     map[string]alarms.Team{"orders": {Email: "orders@example.com"}, "ledger": {}},
		Databases: map[string]alarms.Database{"payments": {Team: "ledger", ConnectionLimit: 400, StorageGiB: 50}},
		Queues:    map[string]alarms.Queue{"order-placed-payments": {Team: "orders", MaxAgeSeconds: 600}},
		APIs:      map[string]alarms.API{"mobile": {Team: "orders"}},
	}.Validate()
	if err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := alarms.Args{
		Teams:     map[string]alarms.Team{"orders": {Email: "Orders <orders@example.com>"}},
		Databases: map[string]alarms.Database{"payments": {Team: "ledger"}},
		Queues:    map[string]alarms.Queue{"Order placed": {Team: "orders"}},
		APIs:      map[string]alarms.API{"mobile": {}},
	}.Validate()
	want := `teams.orders.email: value "Orders <orders@example.com>": an address such as team@example.com is allowed, or none
databases.payments.team: value "ledger": one of [orders] is allowed
databases.payments.connectionLimit: value "0": at least 1 is allowed
databases.payments.storageGiB: value "0": at least 1 is allowed
queues.Order placed: value "Order placed": lower-case words joined by hyphens are allowed
queues.Order placed.maxAgeSeconds: value "0": at least 1 is allowed
apis.mobile.team: value "": one of [orders] is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
