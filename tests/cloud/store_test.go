package cloud_test

import (
	"errors"
	"testing"

	"platform/tests/cloud"
)

func open(t *testing.T, dir string) *cloud.Store {
	t.Helper()
	store, err := cloud.OpenStore(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func count(t *testing.T, store *cloud.Store) (n int) {
	t.Helper()
	if err := store.View(func(tx *cloud.Tx) error {
		n = len(tx.Find("mail:letter", nil))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func mint(tx *cloud.Tx) *cloud.Object {
	return tx.Mint(cloud.Object{Type: "mail:letter", Hidden: true})
}

func TestObjectsOutliveTheProcess(t *testing.T) {
	dir := t.TempDir()
	store := open(t, dir)
	if err := store.Update("first", func(tx *cloud.Tx) error { mint(tx); return nil }); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	again := open(t, dir)
	defer func() { _ = again.Close() }()
	if n := count(t, again); n != 1 {
		t.Errorf("%d letters are there after reopening, want 1", n)
	}
}

func TestAFailedTransactionChangesNothing(t *testing.T) {
	store := open(t, t.TempDir())
	defer func() { _ = store.Close() }()
	refused := errors.New("refused")
	if err := store.Update("first", func(tx *cloud.Tx) error { mint(tx); return refused }); !errors.Is(err, refused) {
		t.Errorf("error is %v, want the transaction's own", err)
	}
	if n := count(t, store); n != 0 {
		t.Errorf("%d letters are there, want none", n)
	}
}

func TestHoldersAreKnownUntilTheyGo(t *testing.T) {
	store := open(t, t.TempDir())
	defer func() { _ = store.Close() }()
	var held, holder cloud.Key
	if err := store.Update("first", func(tx *cloud.Tx) error {
		held = mint(tx).Key()
		holder = tx.Mint(cloud.Object{Type: "mail:box", Holds: []cloud.Key{held}}).Key()
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := store.Update("second", func(tx *cloud.Tx) error {
		if holders := tx.Holders(held); len(holders) != 1 || holders[0].Key() != holder {
			t.Errorf("holders are %v, want %v", holders, holder)
		}
		tx.Remove(holder)
		if holders := tx.Holders(held); len(holders) != 0 {
			t.Errorf("holders are %v after the holder went", holders)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
