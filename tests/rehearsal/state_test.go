package rehearsal_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/state"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// ticking is a clock that goes on by a minute each time it is asked.
func ticking() func() time.Time {
	at := time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)
	return func() time.Time { at = at.Add(time.Minute); return at }
}

func TestAStateIsCopiedWithItsSecretsEncryptedAndRestored(t *testing.T) {
	ctx := context.Background()
	dir, folder := t.TempDir(), t.TempDir()
	e := open(t, dir, toyProgram(2, false), true)
	must(t)(e.Up(ctx))
	store := state.Store{Folder: folder, Keep: 2, Now: ticking()}
	at, err := store.Backup(ctx, e.Stack())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if forms := rehearsal.PlainSecrets(raw, planted); len(forms) > 0 {
		t.Errorf("the copy holds the secret as %v", forms)
	}
	if !strings.Contains(string(raw), "ciphertext") {
		t.Error("the copy holds no encrypted secret")
	}
	if info, err := os.Stat(at); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the copy is open to others: %v (%v)", info.Mode(), err)
	}
	copies, err := store.List("toy")
	if err != nil || len(copies) != 1 || copies[0].Resources < 4 || copies[0].Pending != 0 {
		t.Fatalf("the copies are %+v (%v)", copies, err)
	}
	first := copies[0].Name

	must(t)(e.Destroy(ctx))
	e.Cloud.Faults.Set()
	if _, err := store.Restore(ctx, e.Stack(), "20400101T999999.000Z"); err == nil || !strings.Contains(err.Error(), first) {
		t.Errorf("a copy that is not there is restored, or those that are there are not named: %v", err)
	}
	if _, err := store.Restore(ctx, e.Stack(), first); err != nil {
		t.Fatal(err)
	}
	_, d, err := e.Stack().Deployment(ctx)
	if err != nil || len(d.Resources) != copies[0].Resources {
		t.Errorf("restored are %d resources, want %d (%v)", len(d.Resources), copies[0].Resources, err)
	}
	if copies, err := store.List("toy"); err != nil || len(copies) != 2 || copies[1].Name != first {
		t.Errorf("after the restore the copies are %+v (%v)", copies, err)
	}
	// What it says is there is gone: the next up makes it anew.
	must(t)(e.Refresh(ctx))
	must(t)(e.Up(ctx))
	if got := len(e.Cloud.Inventory()); got != 3 {
		t.Errorf("%d objects exist, want 3", got)
	}
	for range 3 {
		if _, err := store.Backup(ctx, e.Stack()); err != nil {
			t.Fatal(err)
		}
	}
	if copies, err := store.List("toy"); err != nil || len(copies) != 2 {
		t.Errorf("%d copies are kept, want 2 (%v)", len(copies), err)
	}
}

func TestACopyOfAnotherEnvironmentIsNotRestored(t *testing.T) {
	ctx := context.Background()
	folder := t.TempDir()
	e := open(t, t.TempDir(), toyProgram(1, false), true)
	must(t)(e.Up(ctx))
	store := state.Store{Folder: folder, Keep: 5, Now: ticking()}
	at, err := store.Backup(ctx, e.Stack())
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(strings.ReplaceAll(string(raw), "urn:pulumi:toy::", "urn:pulumi:other::")), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := store.Restore(ctx, e.Stack(), strings.TrimSuffix(filepath.Base(at), ".json")); err == nil || !strings.Contains(err.Error(), "is of stack other, not of toy") {
		t.Errorf("restored, or refused for another reason: %v", err)
	}
}

// A run that died holds its lock; the next one tells whose it is, how old, and how it is taken away.
func TestALockOfADeadRunIsToldWithItsAge(t *testing.T) {
	ctx := context.Background()
	engine := engine(t)
	e := openWith(t, engine, t.TempDir(), toyProgram(2, false), true)
	e.Cloud.Faults.Set(&cloud.Fault{Kind: cloud.DeadAfter, Op: "Create", Nth: 2, Kill: engine.Kill})
	if _, err := e.Up(ctx); err == nil {
		t.Fatal("the run survived its death")
	}
	e.Cloud.Faults.Set()
	_, err := e.Up(ctx)
	var lock run.Locked
	if !errors.As(err, &lock) || !strings.Contains(lock.Who, "pid") || time.Since(lock.Since) > time.Hour || time.Since(lock.Since) < 0 {
		t.Fatalf("ended with %v", err)
	}
	for _, want := range []string{"is locked by ", " since ", "lifecycle recover ENV --dead"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	// A recovery that nobody told that the run is dead takes no lock away.
	if _, err := e.Stack().Recover(ctx, e.Finder()); !errors.As(err, &lock) {
		t.Errorf("a recovery ended with %v", err)
	}
	told, err := e.Recover(ctx)
	if err != nil || len(told) == 0 {
		t.Fatalf("told %q (%v)", told, err)
	}
	must(t)(e.Up(ctx))
	if got := len(e.Cloud.Inventory()); got != 3 {
		t.Errorf("%d objects exist, want 3", got)
	}
}
