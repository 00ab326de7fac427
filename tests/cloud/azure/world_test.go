package azure_test

import (
	"fmt"
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
)

// world is the simulated Azure without an engine: resources are made and removed by hand.
type world struct {
	t     *testing.T
	table *cloud.Table
	store *cloud.Store
	in    cloud.Config
	made  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	table, err := azure.New(subscription)
	if err != nil {
		t.Fatal(err)
	}
	store, err := cloud.OpenStore(t.TempDir(), 1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	w := &world{t: t, table: table, store: store, in: cloud.Config{Account: subscription}}
	w.have(groupType, with(nil))
	return w
}

// with adds what every resource has.
func with(inputs map[string]any) map[string]any {
	out := map[string]any{"resourceGroupName": "env", "location": "germanywestcentral"}
	maps.Copy(out, inputs)
	return out
}

// create checks and makes a resource as the engine does.
func (w *world) create(typ string, inputs map[string]any) (o *cloud.Object, err error) {
	w.made++
	name := fmt.Sprintf("thing%d", w.made)
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::%s", typ, name)
	set, failures := w.table.Check(w.in, cloud.CheckRequest{Type: typ, URN: urn, Name: name, New: inputs, Seed: []byte(urn)})
	if len(failures) > 0 {
		return nil, fmt.Errorf("%v", failures)
	}
	maps.Copy(inputs, set)
	err = w.store.Update(urn, func(t *cloud.Tx) error {
		o, err = w.table.Create(t, w.in, typ, urn, inputs)
		return err
	})
	return o, err
}

// have makes what a test needs.
func (w *world) have(typ string, inputs map[string]any) *cloud.Object {
	w.t.Helper()
	o, err := w.create(typ, inputs)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// update changes some inputs.
func (w *world) update(o *cloud.Object, changes map[string]any) error {
	return w.store.Update("update", func(t *cloud.Tx) error {
		now := t.Get(o.Type, o.ID)
		inputs := maps.Clone(now.Inputs)
		maps.Copy(inputs, changes)
		return w.table.Update(t, w.in, now, inputs)
	})
}

func (w *world) remove(o *cloud.Object) error {
	return w.store.Update("remove", func(t *cloud.Tx) error { return w.table.Delete(t, w.in, t.Get(o.Type, o.ID)) })
}

// all lists the objects of a type that are there.
func (w *world) all(typ string) (found []*cloud.Object) {
	w.t.Helper()
	if err := w.store.View(func(t *cloud.Tx) error {
		found = t.Find(typ, nil)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return found
}

// refused expects the error that Azure gives.
func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	if !cloud.Refused(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}
