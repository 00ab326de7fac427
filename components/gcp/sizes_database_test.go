package gcp

import (
	"testing"

	"platform/components/cluster"
	"platform/components/database"
)

func TestDatabaseLimitsAreWhatTheServerIsTold(t *testing.T) {
	d := New(Settings{})
	for size, want := range map[cluster.Size]int{cluster.Small: 400, cluster.Medium: 500, cluster.Large: 800} {
		if got, err := d.DatabaseLimits(size); err != nil || got != (database.Limits{Direct: want}) {
			t.Errorf("%s: %v, %v; want %d and no pooler", size, got, err, want)
		}
	}
	if _, err := d.DatabaseLimits("huge"); err == nil {
		t.Error("a size that does not exist has limits")
	}
}

func TestEverySizeHasAMachineOfEachEdition(t *testing.T) {
	for _, size := range cluster.Sizes {
		for _, edition := range []string{editionEnterprise, editionEnterprisePlus} {
			if databaseSizes[size].tiers[edition] == "" {
				t.Errorf("%s has no machine of edition %s", size, edition)
			}
		}
	}
}

func TestTheLesserEditionServesUpToAWeek(t *testing.T) {
	for days, want := range map[int]string{1: editionEnterprise, 7: editionEnterprise, 8: editionEnterprisePlus, 35: editionEnterprisePlus} {
		if got := databaseEdition(days); got != want {
			t.Errorf("%d days: %s, want %s", days, got, want)
		}
	}
}
