package limit_test

import (
	"testing"

	"platform/components/limit"
)

func TestBothEndsAreInTheRange(t *testing.T) {
	days := limit.Range{Least: 1, Most: 14}
	for value, want := range map[int]string{0: "days: value 0: 1 to 14 is allowed", 1: "", 14: "", 15: "days: value 15: 1 to 14 is allowed"} {
		got := ""
		if err := days.Fault("days", value); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%d gives %q, want %q", value, got, want)
		}
	}
}
