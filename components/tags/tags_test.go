package tags_test

import (
	"maps"
	"slices"
	"testing"

	"platform/components/tags"
)

func TestMergeCopiesAndTheLaterWins(t *testing.T) {
	base := tags.Set{tags.Team: "payments", tags.Project: "platform"}
	merged := base.Merge(tags.Set{tags.Team: "orders"})
	want := tags.Set{tags.Team: "orders", tags.Project: "platform"}
	if !maps.Equal(merged, want) {
		t.Errorf("merged is %v, want %v", merged, want)
	}
	if base[tags.Team] != "payments" {
		t.Errorf("merging changed its receiver to %v", base)
	}
}

func TestPairsAreInTheOrderOfTheirKeys(t *testing.T) {
	got := tags.Set{tags.Team: "payments", tags.DataClass: "pii"}.Pairs()
	if want := []string{"data-class=pii", "team=payments"}; !slices.Equal(got, want) {
		t.Errorf("pairs are %v, want %v", got, want)
	}
}

func TestMissingNamesEmptyAndAbsentKeysInOrder(t *testing.T) {
	set := tags.Set{tags.Team: "payments", tags.Service: "", tags.Environment: "dev-aws", tags.CostCentre: "cc-1"}
	want := []string{tags.Project, tags.Service, tags.DataClass}
	if got := set.Missing(); !slices.Equal(got, want) {
		t.Errorf("missing is %v, want %v", got, want)
	}
}
