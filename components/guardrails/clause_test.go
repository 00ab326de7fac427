package guardrails_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	aws "platform/components/aws/promise"
	azure "platform/components/azure/promise"
	gcp "platform/components/gcp/promise"
	"platform/components/guardrails"
)

var tables = map[string]guardrails.Table{"aws": aws.Table, "azure": azure.Table, "gcp": gcp.Table}

// everywhere is an environment that asks for all there is.
var everywhere = guardrails.Args{
	Refuse: true, Regions: []string{"here"}, Protected: true, Redundant: true, BackupDays: 30, LogDays: 365,
}

func TestEveryClauseIsWhole(t *testing.T) {
	forms := map[string]*regexp.Regexp{
		"aws":   regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`),
		"azure": regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`),
		"gcp":   regexp.MustCompile(`^[a-z]+(\.managed)?\.[A-Za-z]+$`),
	}
	for cloud, table := range tables {
		seen := map[string]bool{}
		for _, c := range table.Clauses {
			if seen[c.Name] {
				t.Errorf("%s: %s is given twice", cloud, c.Name)
			}
			seen[c.Name] = true
			if !forms[cloud].MatchString(c.ID) || !strings.HasPrefix(c.Source, "https://") || c.Rule == "" || c.Strength == "" {
				t.Errorf("%s: %s is not whole: %+v", cloud, c.Name, c)
			}
		}
		if len(table.For(everywhere)) != len(table.Clauses) {
			t.Errorf("%s: an environment that asks for all gets %d of %d clauses", cloud, len(table.For(everywhere)), len(table.Clauses))
		}
	}
}

func TestAnEnvironmentIsAskedForNoMoreThanItAsksOfItself(t *testing.T) {
	small := everywhere
	small.Protected, small.Redundant = false, false
	for _, test := range []struct{ cloud, name string }{
		{"aws", "rds-multi-az-support"}, {"aws", "rds-instance-deletion-protection-enabled"}, {"azure", "storage-zones"}, {"azure", "vault-purge-protection"},
	} {
		has := func(a guardrails.Args) bool {
			return slices.ContainsFunc(tables[test.cloud].For(a), func(c guardrails.Clause) bool { return c.Name == test.name })
		}
		if !has(everywhere) || has(small) {
			t.Errorf("%s on %s: in production %t, in development %t", test.name, test.cloud, has(everywhere), has(small))
		}
	}
}

func TestWhatIsRefusedIsAsTheEnvironmentSays(t *testing.T) {
	for _, c := range azure.Table.Clauses {
		if c.Effect == nil {
			continue
		}
		telling := everywhere
		telling.Refuse = false
		if effect := c.Effect(telling); effect == azure.Deny {
			t.Errorf("%s refuses where nothing is to be refused", c.Name)
		}
		if effect := c.Effect(everywhere); (effect == azure.Deny) != (c.Strength == guardrails.Chooses) {
			t.Errorf("%s %s, and its effect is %s", c.Name, c.Strength, effect)
		}
	}
}

func TestEveryMistakeIsTold(t *testing.T) {
	err := guardrails.Args{}.Validate()
	want := `regions: value []: at least one region is needed, or nothing could be built
backupDays: value 0: at least 1 is allowed
logDays: value 0: at least 1 is allowed`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}
