package aws_test

import (
	"fmt"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/aws"
)

const account = "111122223333"

// world is the simulated AWS without an engine: resources are made and removed by hand.
type world struct {
	t     *testing.T
	table *cloud.Table
	store *cloud.Store
	in    cloud.Config
	made  int
}

func newWorld(t *testing.T) *world {
	t.Helper()
	table, err := aws.New(account)
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
	return &world{t: t, table: table, store: store, in: cloud.Config{Account: account, Region: "eu-central-1", Partition: "aws"}}
}

// create checks and makes a resource as the engine does.
func (w *world) create(typ string, inputs map[string]any) (o *cloud.Object, err error) {
	w.made++
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::thing%d", typ, w.made)
	set, failures := w.table.Check(w.in, cloud.CheckRequest{Type: typ, URN: urn, Name: fmt.Sprintf("thing%d", w.made), New: inputs})
	if len(failures) > 0 {
		return nil, fmt.Errorf("%v", failures)
	}
	for k, v := range set {
		inputs[k] = v
	}
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
		inputs := map[string]any{}
		for k, v := range now.Inputs {
			inputs[k] = v
		}
		for k, v := range changes {
			inputs[k] = v
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

// role makes a role that a service of AWS may take on.
func (w *world) role(name, service string) *cloud.Object {
	w.t.Helper()
	return w.have("aws:iam/role:Role", map[string]any{
		"name":             name,
		"assumeRolePolicy": `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":["` + service + `"]}}]}`,
	})
}
