package aws

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestPhysicalNamesStayWithinTheLimitOfTheirKind(t *testing.T) {
	d := New(Settings{Environment: "staging-aws", Region: "eu-central-1", Account: "111122223333"})
	for kind, rule := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				parts := rapid.SliceOfN(rapid.StringMatching(`[a-z][a-z0-9-]{0,80}`), 1, 4).Draw(t, "parts")
				name := d.physical(kind, parts...)
				if len(name) > rule.max || !strings.HasPrefix(name, rule.prefix) {
					t.Fatalf("%q has %d characters: at most %d after the prefix %q are allowed", name, len(name), rule.max, rule.prefix)
				}
			})
		})
	}
}
