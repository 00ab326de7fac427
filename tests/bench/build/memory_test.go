package build

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAGroupsMemoryIsThatOfItsProcesses(t *testing.T) {
	proc := t.TempDir()
	rest := strings.Repeat(" 0", 18) // fields 6 to 23
	for pid, stat := range map[string]string{
		"10":   "10 (go) S 1 10" + rest + " 100 0",
		"11":   "11 (a (b) c 7) R 10 10" + rest + " 20 0", // a name that looks like fields
		"12":   "12 (link) S 1 12" + rest + " 4000 0",     // of another group
		"13":   "13 (ended) Z 10 10",
		"self": "10 (go) S 1 10" + rest + " 100 0", // the first one again
	} {
		if err := os.MkdirAll(filepath.Join(proc, pid), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(proc, pid, "stat"), []byte(stat+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := groupMemory(proc, 10), int64(120*os.Getpagesize()); got != want {
		t.Errorf("the group holds %d bytes, want %d", got, want)
	}
}

func TestWhereNoMemoryIsToldItIsNone(t *testing.T) {
	if got := groupMemory(t.TempDir(), 10); got != 0 {
		t.Errorf("the group holds %d bytes, want 0", got)
	}
}
