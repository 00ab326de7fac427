package gcp_test

import (
	"fmt"
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

const project = "platform-test"

// world is the simulated Google Cloud without an engine: resources are made and removed by hand.
type world struct {
	t     *testing.T
	table *cloud.Table
	store *cloud.Store
	in    cloud.Config
	made  int
}

// newWorld is a project in which the named services are on.
func newWorld(t *testing.T, services ...string) *world {
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
	w := &world{t: t, table: table, store: store, in: cloud.Config{Account: project, Region: "europe-west3"}}
	if err := store.Update("seed", func(t *cloud.Tx) error {
		for _, o := range gcp.Baseline(project, "example-com", "example.com") {
			o.Preexisting = true
			t.Mint(o)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, service := range services {
		w.have("gcp:projects/service:Service", map[string]any{"project": project, "service": service + ".googleapis.com", "disableOnDestroy": false})
	}
	return w
}

// create checks and makes a resource as the engine does.
func (w *world) create(typ string, inputs map[string]any, changes ...map[string]any) (o *cloud.Object, err error) {
	w.made++
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::thing%d", typ, w.made)
	inputs = maps.Clone(inputs)
	for _, c := range changes {
		for name, value := range c {
			if inputs[name] = value; value == nil {
				delete(inputs, name)
			}
		}
	}
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
func (w *world) have(typ string, inputs map[string]any, changes ...map[string]any) *cloud.Object {
	w.t.Helper()
	o, err := w.create(typ, inputs, changes...)
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
		for name, value := range changes {
			if inputs[name] = value; value == nil {
				delete(inputs, name)
			}
		}
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

// kept is the object of a type that was deleted and stays, or nil.
func (w *world) kept(typ, id string) (found *cloud.Object) {
	w.t.Helper()
	if err := w.store.View(func(t *cloud.Tx) error {
		found = t.Kept(typ, id)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return found
}
