package trial

import (
	"fmt"
	"maps"
	"testing"

	"platform/tests/cloud"
)

// World is a simulated cloud and the store of one test.
type World struct {
	T      *testing.T
	Table  *cloud.Table
	Store  *cloud.Store
	Config cloud.Config

	made int
}

// New is an empty world of the account that the configuration names.
func New(t *testing.T, tableOf func(account string) (*cloud.Table, error), c cloud.Config) *World {
	t.Helper()
	table, err := tableOf(c.Account)
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
	return &World{T: t, Table: table, Store: store, Config: c}
}

// Create checks and makes a resource as the engine does. Changes are set over the inputs; nil leaves a property out.
func (w *World) Create(typ string, inputs map[string]any, changes ...map[string]any) (*cloud.Object, error) {
	return w.create(w.Table, w.Config, typ, changed(inputs, changes...))
}

func (w *World) create(p cloud.Package, c cloud.Config, typ string, inputs map[string]any) (o *cloud.Object, err error) {
	w.made++
	name := fmt.Sprintf("thing%d", w.made)
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::%s", typ, name)
	set, failures := p.Check(c, cloud.CheckRequest{Type: typ, URN: urn, Name: name, New: inputs, Seed: []byte(urn)})
	if len(failures) > 0 {
		return nil, fmt.Errorf("%v", failures)
	}
	err = w.Store.Update(urn, func(t *cloud.Tx) error {
		o, err = p.Create(t, c, typ, urn, changed(inputs, set))
		return err
	})
	return o, err
}

// changed is a copy of inputs, so that a test may use the same ones again.
func changed(inputs map[string]any, changes ...map[string]any) map[string]any {
	out := map[string]any{}
	maps.Copy(out, inputs)
	for _, c := range changes {
		maps.Copy(out, c)
	}
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

// Have makes what a test needs.
func (w *World) Have(typ string, inputs map[string]any, changes ...map[string]any) *cloud.Object {
	w.T.Helper()
	o, err := w.Create(typ, inputs, changes...)
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

// Mint puts in place what is there before a test begins, or what other parts of the cloud make.
func (w *World) Mint(objects ...cloud.Object) {
	w.T.Helper()
	w.must(w.Store.Update("mint", func(t *cloud.Tx) error {
		for _, o := range objects {
			t.Mint(o)
		}
		return nil
	}))
}

// Update changes some inputs; nil leaves a property out.
func (w *World) Update(o *cloud.Object, changes map[string]any) error {
	return w.Store.Update("update", func(t *cloud.Tx) error {
		now := t.Get(o.Type, o.ID)
		return w.Table.Update(t, w.Config, now, changed(now.Inputs, changes))
	})
}

// Remove deletes a resource as the engine does.
func (w *World) Remove(o *cloud.Object) error {
	return w.Store.Update("remove", func(t *cloud.Tx) error { return w.Table.Delete(t, w.Config, t.Get(o.Type, o.ID)) })
}

// All lists the objects of a type that are there.
func (w *World) All(typ string) (found []*cloud.Object) {
	w.T.Helper()
	w.must(w.Store.View(func(t *cloud.Tx) error {
		found = t.Find(typ, nil)
		return nil
	}))
	return found
}

// Kept is the object of a type that was deleted and stays, or nil.
func (w *World) Kept(typ, id string) (found *cloud.Object) {
	w.T.Helper()
	w.must(w.Store.View(func(t *cloud.Tx) error {
		found = t.Kept(typ, id)
		return nil
	}))
	return found
}

// Want compares what two things are written as.
func (w *World) Want(what string, got, want any) {
	w.T.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.T.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}
