package record

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var section = regexp.MustCompile(`(docs/runbooks/[a-z-]+\.md)#([a-z-]+)`)

// Runbook wants a text to name a section of a runbook that is there. A driver's tests run in its own folder.
func Runbook(t *testing.T, what, text string) {
	t.Helper()
	named := section.FindStringSubmatch(text)
	if named == nil {
		t.Errorf("%s says %q, and names no section of a runbook", what, text)
		return
	}
	raw, err := os.ReadFile("../../" + named[1])
	if err != nil {
		t.Errorf("%s: %v", what, err)
		return
	}
	if !slices.Contains(strings.Split(string(raw), "\n"), "## "+named[2]) {
		t.Errorf("%s names the section %s of %s, which is not there", what, named[2], named[1])
	}
}
