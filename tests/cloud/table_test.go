package cloud_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
)

const held = `
test:net/room:Room:
  source: https://example.com/room
  id: "room-{hex:8}"
  properties:
    label: {type: string}
test:net/desk:Desk:
  source: https://example.com/desk
  id: "desk-{hex:8}"
  requires: [roomId]
  properties:
    roomId: {type: string, ref: {types: ["test:net/room:Room"], by: [id], holds: true}}
`

const (
	room = "test:net/room:Room"
	desk = "test:net/desk:Desk"
)

func office(t *testing.T) (*cloud.Table, *cloud.Store, cloud.Config) {
	t.Helper()
	rules, err := cloud.Load(fstest.MapFS{"office.yaml": {Data: []byte(held)}}, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	table, err := cloud.NewTable(cloud.TableOptions{Package: "test", Release: "1.0.0", Rules: rules, Account: "111122223333"})
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, t.TempDir())
	t.Cleanup(func() { _ = store.Close() })
	return table, store, cloud.Config{Account: "111122223333", Region: "here"}
}

func create(table *cloud.Table, store *cloud.Store, c cloud.Config, typ string, inputs map[string]any) (o *cloud.Object, err error) {
	err = store.Update(typ, func(tx *cloud.Tx) error {
		o, err = table.Create(tx, c, typ, "urn:"+typ, inputs)
		return err
	})
	return o, err
}

func TestADeleteInTheWrongOrderIsRefused(t *testing.T) {
	table, store, c := office(t)
	r, err := create(table, store, c, room, map[string]any{"label": "east"})
	if err != nil {
		t.Fatal(err)
	}
	d, err := create(table, store, c, desk, map[string]any{"roomId": r.ID})
	if err != nil {
		t.Fatal(err)
	}
	remove := func(k cloud.Key) error {
		return store.Update("delete", func(tx *cloud.Tx) error { return table.Delete(tx, c, tx.Get(k.Type, k.ID)) })
	}
	if err := remove(r.Key()); err == nil || !strings.Contains(err.Error(), d.ID) {
		t.Errorf("deleting a room with a desk in it: error is %v, want one that names %s", err, d.ID)
	}
	if err := remove(d.Key()); err != nil {
		t.Fatal(err)
	}
	if err := remove(r.Key()); err != nil {
		t.Errorf("deleting the empty room: %v", err)
	}
}

func TestAReferenceToNothingIsRefusedAndNothingIsMade(t *testing.T) {
	table, store, c := office(t)
	if _, err := create(table, store, c, desk, map[string]any{"roomId": "room-00000000"}); err == nil || !strings.Contains(err.Error(), "room-00000000") {
		t.Errorf("error is %v, want one that names the missing room", err)
	}
	if err := store.View(func(tx *cloud.Tx) error {
		if n := len(tx.Find(desk, nil)); n != 0 {
			t.Errorf("%d desks were made", n)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
