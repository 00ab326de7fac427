package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud/gcp"
)

func TestTheTablesAreWhole(t *testing.T) {
	tables, err := gcp.New(project)
	if err != nil {
		t.Fatal(err)
	}
	for token, rule := range tables.Rules.Types {
		if !strings.HasPrefix(rule.Source, "https://") {
			t.Errorf("%s: source %q is no address", token, rule.Source)
		}
	}
}
