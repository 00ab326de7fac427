package azure

import (
	"testing"
	"time"
)

func TestATimespanIsWrittenAsAzureGivesItBack(t *testing.T) {
	for want, d := range map[string]time.Duration{
		"PT0S": 0, "PT30S": 30 * time.Second, "PT1M": 60 * time.Second, "PT1M30S": 90 * time.Second,
		"P4D": 96 * time.Hour, "P1DT1H": 25 * time.Hour, "PT5M": 300 * time.Second,
	} {
		if got := timespan(d); got != want {
			t.Errorf("%s is written %s, want %s", d, got, want)
		}
	}
}
