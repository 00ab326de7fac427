package environments

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"platform/tests/cloud/aws"
)

// TestTheRulesKnowEverythingThatTheProgramSets lists what an environment sets and the tables do not say.
func TestTheRulesKnowEverythingThatTheProgramSets(t *testing.T) {
	tables, err := aws.New("123456789012")
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	e := open(t, "prod-aws", t.TempDir(), &out, nothing)
	if _, err := e.Up(context.Background()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, o := range e.Cloud.Inventory() {
		if o.URN == "" || !strings.HasPrefix(o.Type, "aws:") {
			continue
		}
		rule := tables.Rules.Types[o.Type]
		if rule == nil {
			t.Errorf("%s has no rule", o.Type)
			continue
		}
		if !strings.HasPrefix(rule.Source, "https://") {
			t.Errorf("%s names no source", o.Type)
		}
		for name := range o.Inputs {
			if rule.Properties[name] == nil && !strings.HasPrefix(name, "__") {
				t.Errorf("%s sets %s, which its rule does not know", o.URN, name)
			}
		}
		seen[o.Type] = true
	}
	if len(seen) < 30 {
		t.Errorf("only %d types were seen", len(seen))
	}
}
