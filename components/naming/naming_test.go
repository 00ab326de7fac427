package naming_test

import (
	"regexp"
	"testing"

	"pgregory.net/rapid"

	"platform/components/naming"
)

var allowed = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)

func TestFitKeepsANameThatFits(t *testing.T) {
	if got, want := naming.Fit(63, "dev-aws", "payments"), "dev-aws-payments"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFitStaysWithinLimitAndAlphabet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		most := rapid.IntRange(naming.Shortest, 80).Draw(t, "most")
		parts := rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "parts")
		got := naming.Fit(most, parts...)
		if len(got) > most || !allowed.MatchString(got) {
			t.Fatalf("Fit(%d, %q) is %q", most, parts, got)
		}
	})
}

func TestFitKeepsCutNamesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z]{1,6}-[a-z0-9]{30,40}`), 2, 30, rapid.ID).Draw(t, "names")
		seen := map[string]string{}
		for _, name := range names {
			got := naming.Fit(32, "prod-aws", name)
			if other, taken := seen[got]; taken {
				t.Fatalf("%q and %q are both %q", name, other, got)
			}
			seen[got] = name
		}
	})
}
