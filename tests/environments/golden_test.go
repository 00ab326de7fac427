package environments

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"platform/tests/cloud"
)

// TestTheInventoryIsTheGoldenOne compares what each environment builds with what is in Git, so that a
// change of the code shows what it changes everywhere; who may talk to whom, and what is delivered where, with what the
// catalogue says; and what is set with what the rules know. UPDATE_GOLDEN=1 (make golden) rewrites the files.
func TestTheInventoryIsTheGoldenOne(t *testing.T) {
	t.Parallel()
	for _, name := range committed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := open(t, name, t.TempDir(), &out, nothing)
			if _, err := e.Up(context.Background()); err != nil {
				t.Fatal(err)
			}
			s, inventory := settings(t, name), e.Cloud.Inventory()
			partsAreClosed(t, s, inventory)
			deliveryIsTheCatalogues(t, s, inventory)
			accessIsWritten(t, name, e)
			running := deliveredIn(t, s, e)
			flowsAreTheCatalogues(t, s, running)
			meshIsTheCatalogues(t, s, running)
			everyLinkIsThere(t, s, running)
			aServiceAnswers(t, running)
			rulesKnowAll(t, s, inventory)
			got, file := cloud.Describe(inventory), filepath.Join("testdata", name+".txt")
			if os.Getenv("UPDATE_GOLDEN") != "" {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatalf("%v: make golden writes it", err)
			}
			if got != string(want) {
				t.Errorf("%s differs (make golden rewrites it, git diff shows it all); first:\n%s", file, firstDifference(string(want), got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "- " + a[i] + "\n+ " + b[i]
		}
	}
	return "one is longer than the other"
}
