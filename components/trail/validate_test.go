package trail_test

import (
	"testing"

	"platform/components/limit"
	"platform/components/trail"
)

func TestATrailIsKeptForDaysThatTheCloudAllows(t *testing.T) {
	offer := trail.Offer{Days: limit.Range{Least: 1, Most: 3650}}
	for days, want := range map[int]string{0: "days: value 0: 1 to 3650 is allowed", 365: "", 3651: "days: value 3651: 1 to 3650 is allowed"} {
		got := ""
		if err := (trail.Args{Days: days}).Validate(offer); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%d: got %q, want %q", days, got, want)
		}
	}
}
