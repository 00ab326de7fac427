package rules

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	aws "platform/components/aws/promise"
	azure "platform/components/azure/promise"
)

// TestEveryRuleIsAnsweredByEachCloud: a cloud has rules of its own for a rule of ours, or a reason why it has none,
// and speaks of no rule that there is not.
func TestEveryRuleIsAnsweredByEachCloud(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range All() {
		ids[r.ID] = true
	}
	for cloud, table := range promises {
		for _, c := range table.Clauses {
			if !ids[c.Rule] {
				t.Errorf("%s: %s stands for %q, which is no rule", cloud, c.Name, c.Rule)
			}
		}
		for id, why := range table.None {
			if !ids[id] || why == "" {
				t.Errorf("%s: %q has the reason %q", cloud, id, why)
			}
		}
		for id := range ids {
			if has, reason := len(table.Of(id)) > 0, table.None[id] != ""; has == reason {
				t.Errorf("%s: %s has rules of the cloud: %t, and a reason why not: %t", cloud, id, has, reason)
			}
		}
	}
}

// TestTheCloudsAskForWhatTheRulesAskFor compares what both say in numbers.
func TestTheCloudsAskForWhatTheRulesAskFor(t *testing.T) {
	if want := fmt.Sprintf("%d.%d", oldestKubernetes[0], oldestKubernetes[1]); aws.OldestKubernetes != want {
		t.Errorf("the oldest Kubernetes is %s, the rules say %s", aws.OldestKubernetes, want)
	}
	const day = 24 * 3600
	if mostRotation != azure.MostRotationDays*day {
		t.Errorf("a key is replaced after %d days at most, the rules say %d seconds", azure.MostRotationDays, int(mostRotation))
	}
}

func TestThePageShowsWhatTheCloudsThemselvesDo(t *testing.T) {
	lines := strings.Split(ownRules(), "\n")
	for _, want := range []string{
		"| `residency` | – | [`allowed-locations`](https://github.com/Azure/azure-policy/blob/master/built-in-policies/policyDefinitions/General/AllowedLocations_Deny.json) chooses | " +
			"[`gcp.resourceLocations`](https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints) refuses |",
		"- `image-digest`: it is of what lives in a cluster, where admission refuses it",
	} {
		if !slices.Contains(lines, want) {
			t.Errorf("the page lacks the line %s", want)
		}
	}
}
