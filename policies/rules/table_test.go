package rules

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// tableFile is the generated page of the rules.
const tableFile = "../../docs/policies.md"

// TestThePageOfTheRulesIsWhatTheyAre compares the page in Git. UPDATE_GOLDEN=1 (make policies) rewrites it.
func TestThePageOfTheRulesIsWhatTheyAre(t *testing.T) {
	want := Page()
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(tableFile, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(tableFile)
	if err != nil {
		t.Fatalf("%v: make policies writes it", err)
	}
	if string(got) != want {
		t.Errorf("%s is stale: make policies rewrites it", tableFile)
	}
}

// TestEveryRuleIsWhole: what a reader and an auditor need is there, and each condition names its page.
func TestEveryRuleIsWhole(t *testing.T) {
	forms := map[string]*regexp.Regexp{
		"SOC 2":     regexp.MustCompile(`^(CC[1-9]\.[1-9]|A1\.[1-3]|C1\.[12])$`),
		"ISO 27001": regexp.MustCompile(`^A\.[5-8]\.[1-9][0-9]?$`),
		"HIPAA":     regexp.MustCompile(`^164\.3(08|10|12)(\([a-z0-9]+\))+(\([ivA-Z]+\))*$`),
	}
	seen := map[string]bool{}
	for _, r := range All() {
		if seen[r.ID] || !regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`).MatchString(r.ID) {
			t.Errorf("id %q is given twice, or is not in kebab-case", r.ID)
		}
		seen[r.ID] = true
		if !slices.Contains(Severities, r.Severity) || r.Holds == "" || r.Why == "" || r.Mend == "" || len(r.Types()) == 0 {
			t.Errorf("%s is not whole: %+v", r.ID, r)
		}
		for name, ids := range map[string][]string{"SOC 2": r.Controls.SOC2, "ISO 27001": r.Controls.ISO27001, "HIPAA": r.Controls.HIPAA} {
			if len(ids) == 0 {
				t.Errorf("%s maps to no control of %s", r.ID, name)
			}
			for _, id := range ids {
				if !forms[name].MatchString(id) {
					t.Errorf("%s: %q is no control of %s", r.ID, id, name)
				}
			}
		}
		for _, source := range r.Sources() {
			if !strings.HasPrefix(source, "https://") {
				t.Errorf("%s: a condition names no page: %q", r.ID, source)
			}
		}
	}
	if !slices.IsSorted([]string{string(Critical), string(High), string(Medium)}) {
		t.Error("Pulumi would not sort the severities")
	}
}
