package gcp

import (
	"context"
	"regexp"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"pgregory.net/rapid"

	"platform/components/naming"
)

// everyKind is an alphabet that every kind of name accepts
// (https://cloud.google.com/compute/docs/naming-resources#resource-name-format is the strictest).
var everyKind = regexp.MustCompile(`^[a-z]([a-z0-9-]*[a-z0-9])?$`)

func driverOfNames() *Driver {
	d := New(Settings{Environment: "staging-gcp", Region: "europe-west3", Project: "platform-staging"})
	d.ground.build = pulumi.String("0123abc").ToStringOutput()
	return d
}

func TestPhysicalNamesKeepTheLimitAndAlphabetOfTheirKind(t *testing.T) {
	d := driverOfNames()
	for kind, rule := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				parts := rapid.SliceOfN(rapid.StringMatching(`[A-Za-z0-9._ -]{0,120}`), 1, 4).Draw(t, "parts")
				if name := d.physical(kind, parts...); len(name) > rule.max || !everyKind.MatchString(name) {
					t.Fatalf("%q has %d characters: at most %d of lower-case letters, digits and hyphens are allowed", name, len(name), rule.max)
				}
			})
		})
	}
}

// What is cut off must still tell two names apart.
func TestPhysicalNamesStayUniqueWhenTheyAreCut(t *testing.T) {
	d := driverOfNames()
	for kind, rule := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				head := rapid.StringMatching(`[a-z][a-z0-9]{19}`).Draw(t, "head")
				for len(head) < rule.max {
					head += head
				}
				tails := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z0-9]{1,12}`), 2, 12, rapid.ID).Draw(t, "tails")
				seen := map[string]string{}
				for _, tail := range tails {
					name := d.physical(kind, head, tail)
					if other, taken := seen[name]; taken {
						t.Fatalf("%q and %q are both %q", tail, other, name)
					}
					seen[name] = tail
				}
			})
		})
	}
}

func TestGlobalNamesCarryTheProject(t *testing.T) {
	mine, theirs := driverOfNames(), driverOfNames()
	theirs.s.Project = "another"
	for kind, rule := range kinds {
		if same := mine.physical(kind, "a") == theirs.physical(kind, "a"); same == rule.global {
			t.Errorf("%s: names of two projects are the same: %t, want %t", kind, same, !rule.global)
		}
	}
}

func TestUniqueNamesKeepTheLimitAndEndWithTheBuild(t *testing.T) {
	d := driverOfNames()
	for kind, rule := range kinds {
		for _, part := range []string{"a", "flow-logs", string(make([]byte, 300))} {
			name := await(t, d.unique(kind, part))
			if len(name) > rule.max || !everyKind.MatchString(name) || lastWord(name) != "0123abc" {
				t.Errorf("%s: %q, want at most %d characters that end with the build's", kind, name, rule.max)
			}
		}
	}
}

// A kind whose limit is shorter than naming can serve would stop the program in the middle of a build.
func TestEveryKindHasRoomForAHashAndABuild(t *testing.T) {
	for kind, rule := range kinds {
		if rule.max-buildLength-1 < naming.Shortest {
			t.Errorf("%s: limit %d leaves no room", kind, rule.max)
		}
	}
}

func await(t *testing.T, out pulumi.StringOutput) string {
	t.Helper()
	got := make(chan string, 1)
	out.ApplyTWithContext(context.Background(), func(_ context.Context, s string) string {
		got <- s
		return s
	})
	return <-got
}
