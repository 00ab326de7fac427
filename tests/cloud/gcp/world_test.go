package gcp_test

import (
	"fmt"
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

type values = map[string]any

const (
	project = "platform-test"
	region  = "europe-west3"
)

// world is the simulated Google Cloud without an engine: resources are made and removed by hand.
type world struct {
	t     *testing.T
	table *cloud.Table
	store *cloud.Store
	in    cloud.Config
	made  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	table, err := gcp.New(project)
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
	return &world{t: t, table: table, store: store, in: cloud.Config{Account: project, Region: region}}
}

// create checks and makes a resource as the engine does.
func (w *world) create(typ string, inputs values) (o *cloud.Object, err error) {
	w.made++
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::thing%d", typ, w.made)
	set, failures := w.table.Check(w.in, cloud.CheckRequest{Type: typ, URN: urn, Name: fmt.Sprintf("thing%d", w.made), New: inputs})
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
func (w *world) have(typ string, inputs values) *cloud.Object {
	w.t.Helper()
	o, err := w.create(typ, inputs)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// update changes some inputs.
func (w *world) update(o *cloud.Object, changes values) error {
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

func (w *world) want(what string, got, want any) {
	w.t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s: got %v, want %v", what, got, want)
	}
}
