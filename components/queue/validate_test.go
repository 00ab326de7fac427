package queue_test

import (
	"strings"
	"testing"

	"platform/components/limit"
	"platform/components/queue"
)

var offer = queue.Offer{
	RetentionDays: limit.Range{Least: 1, Most: 14}, MaxReceives: limit.Range{Least: 1, Most: 1000}, VisibilitySec: limit.Range{Most: 43200},
}

func valid() queue.Args {
	return queue.Args{
		Event: "order-placed", RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60,
		Consumers: map[string]queue.Consumer{"payments": {}},
	}
}

func TestValidArgsHaveNoFault(t *testing.T) {
	if err := valid().Validate(offer); err != nil {
		t.Error(err)
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	args := queue.Args{
		Event: "Order Placed", RetentionDays: 15, MaxReceives: 0, VisibilitySec: 43201,
		Consumers: map[string]queue.Consumer{"Pay_ments": {}},
	}
	err := args.Validate(offer)
	if err == nil {
		t.Fatal("accepted")
	}
	want := []string{
		`event: value "Order Placed": lower-case words joined by hyphens are allowed`,
		`retentionDays: value 15: 1 to 14 is allowed`,
		`maxReceives: value 0: 1 to 1000 is allowed`,
		`visibilitySec: value 43201: 0 to 43200 is allowed`,
		`consumers.Pay_ments: value "Pay_ments": lower-case words joined by hyphens are allowed`,
	}
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}
