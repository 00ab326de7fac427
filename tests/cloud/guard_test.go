package cloud_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
)

// TestWhatTheGuardrailsForbidIsRefusedAndFoundWhereItStands makes a room before there are guardrails, and one after.
func TestWhatTheGuardrailsForbidIsRefusedAndFoundWhereItStands(t *testing.T) {
	rules, err := cloud.Load(fstest.MapFS{"office.yaml": {Data: []byte(held)}}, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	closed := false
	table, err := cloud.NewTable(cloud.TableOptions{
		Package: "test", Release: "1.0.0", Rules: rules, Account: "111122223333",
		Guard: func(_ *cloud.Tx, o *cloud.Object) error {
			if closed && o.Type == room {
				return cloud.Refuse("Forbidden", "no rooms")
			}
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := cloud.Open(cloud.Options{Dir: t.TempDir(), Packages: []cloud.Package{table}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	build := func(urn string) error {
		return c.Meddle(func(tx *cloud.Tx) error {
			_, err := table.Create(tx, cloud.Config{Account: "111122223333", Region: "here"}, room, urn, map[string]any{})
			return err
		})
	}
	if err := build("urn:first"); err != nil {
		t.Fatal(err)
	}
	if found := c.Forbidden(); len(found) > 0 {
		t.Errorf("without guardrails: %v", found)
	}
	closed = true
	if found := c.Forbidden(); len(found) != 1 || !strings.Contains(found[0], "no rooms") {
		t.Errorf("with guardrails: %v, want the room", found)
	}
	if err := build("urn:second"); err == nil || !strings.Contains(err.Error(), "no rooms") {
		t.Errorf("a room although there must be none: %v", err)
	}
}
