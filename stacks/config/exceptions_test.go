package config_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"platform/stacks/config"
	"platform/stacks/platform"
)

// with writes the development environment with one more list.
func with(t *testing.T, key, entries string) fstest.MapFS {
	t.Helper()
	raw, err := os.ReadFile("../Pulumi.dev-aws.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const begin = "  platform:environment:\n"
	text := strings.Replace(string(raw), begin, begin+"    "+key+":\n"+entries, 1)
	return fstest.MapFS{"Pulumi.dev-aws.yaml": {Data: []byte(text)}}
}

func fromFile(stacks fstest.MapFS) (config.Settings, error) {
	return config.FromFile(stacks, "dev-aws", platform.Offers)
}

// excepting reads the development environment with exceptions.
func excepting(t *testing.T, exceptions string) (config.Settings, error) {
	t.Helper()
	return fromFile(with(t, "exceptions", exceptions))
}

func TestAnExceptionIsRead(t *testing.T) {
	s, err := excepting(t, `      - rule: database-not-public
        urn: "urn:pulumi:dev-aws::platform::*$aws:rds/instance:Instance::database-orders-server"
        owner: checkout
        reason: the load test of December comes from outside
        expires: "2999-12-31"
`)
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Exceptions) != 1 || s.Exceptions[0].Owner != "checkout" || s.Exceptions[0].Expires.String() != "2999-12-31" {
		t.Errorf("read %+v", s.Exceptions)
	}
}

func TestEveryMistakeInAnExceptionIsTold(t *testing.T) {
	_, err := excepting(t, `      - {rule: Public DB, urn: "urn:pulumi:prod-aws::platform::aws:rds/instance:Instance::orders", owner: me, reason: because, expires: soon}
      - {rule: backups, urn: "urn:pulumi:dev-aws::platform::*::*", owner: checkout, reason: it is only for some days, until: "2026-12-31"}
`)
	want := `Pulumi.dev-aws.yaml has faults, nothing was built:
exceptions[0].expires: value "soon": a date is allowed
exceptions[0].owner: value "me": one of the teams [checkout customer discovery fulfilment integration payments platform reporting] is allowed
exceptions[0].reason: value "because": a reason of at least 10 characters is allowed
exceptions[0].rule: value "Public DB": the id of a rule of docs/policies.md is allowed
exceptions[0].urn: value "urn:pulumi:prod-aws::platform::aws:rds/instance:Instance::orders": a URN of this stack is allowed, as urn:pulumi:dev-aws::platform::*$aws:rds/instance:Instance::*, in which * stands for any text, but not for the type
exceptions[1].expires: missing
exceptions[1].until: unknown key: allowed are expires, owner, reason, rule, urn
exceptions[1].urn: value "urn:pulumi:dev-aws::platform::*::*": a URN of this stack is allowed, as urn:pulumi:dev-aws::platform::*$aws:rds/instance:Instance::*, in which * stands for any text, but not for the type`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
