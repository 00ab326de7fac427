package config_test

import (
	"testing"

	"platform/stacks/config"
)

const waived = `      - urn: "urn:pulumi:dev-aws::platform::platform:database:Database$aws:rds/instance:Instance::database-orders-server"
        operation: replace
        owner: checkout
        reason: restored from the snapshot of this morning
        expires: "2999-12-31"
`

func TestAWaiverIsReadByProgramAndGuardAlike(t *testing.T) {
	stacks := with(t, "waivers", waived)
	whole, err := fromFile(stacks)
	if err != nil {
		t.Fatal(err)
	}
	alone, err := config.Waived(stacks, "dev-aws")
	if err != nil {
		t.Fatal(err)
	}
	for _, got := range [][]config.Waiver{whole.Waivers, alone} {
		if len(got) != 1 || got[0].Owner != "checkout" || got[0].Operation != config.Replace || got[0].Expires.String() != "2999-12-31" {
			t.Errorf("read %+v", got)
		}
	}
}

func TestEveryMistakeInAWaiverIsTold(t *testing.T) {
	stacks := with(t, "waivers", `      - {urn: "urn:pulumi:dev-aws::platform::*$aws:rds/instance:Instance::*", operation: recreate, owner: me, reason: because, expires: "2026-12-31"}
      - {urn: "urn:pulumi:prod-aws::platform::aws:rds/instance:Instance::orders", operation: delete, owner: checkout, reason: "", expires: "2026-12-31"}
`)
	faults := `
waivers[0].operation: value "recreate": one of [delete replace] is allowed
waivers[0].owner: value "me": one of the teams [checkout customer discovery fulfilment integration payments platform reporting] is allowed
waivers[0].reason: value "because": a reason of at least 10 characters is allowed
waivers[0].urn: value "urn:pulumi:dev-aws::platform::*$aws:rds/instance:Instance::*": the whole URN of one thing of this stack is allowed, as the guard prints it
waivers[1].reason: a reason of at least 10 characters is allowed
waivers[1].urn: value "urn:pulumi:prod-aws::platform::aws:rds/instance:Instance::orders": the whole URN of one thing of this stack is allowed, as the guard prints it`
	_, err := fromFile(stacks)
	if want := "Pulumi.dev-aws.yaml has faults, nothing was built:" + faults; err == nil || err.Error() != want {
		t.Errorf("the program got\n%v\nwant\n%s", err, want)
	}
	_, err = config.Waived(stacks, "dev-aws")
	if want := "Pulumi.dev-aws.yaml has faults:" + faults; err == nil || err.Error() != want {
		t.Errorf("the guard got\n%v\nwant\n%s", err, want)
	}
}

func TestAWaiverCountsForOneThingAndOneOperation(t *testing.T) {
	const urn = "urn:pulumi:dev-aws::platform::aws:rds/instance:Instance::orders"
	w := config.Waiver{URN: urn, Operation: config.Replace}
	for _, test := range []struct {
		why       string
		operation config.Operation
		urn       string
		want      bool
	}{
		{"as it says", config.Replace, urn, true},
		{"another operation", config.Delete, urn, false},
		{"another thing", config.Replace, urn + "-2", false},
	} {
		if got := w.Covers(test.operation, test.urn); got != test.want {
			t.Errorf("%s: %v, want %v", test.why, got, test.want)
		}
	}
}
