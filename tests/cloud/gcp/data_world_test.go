package gcp_test

import (
	"fmt"
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/gcp"
)

const (
	dataProject = "platform-dev"
	dataKey     = "projects/platform-dev/locations/europe-west3/keyRings/dev/cryptoKeys/data"
)

// dataWorld is the simulated Google Cloud without an engine, with a key that the services of data may use and a network
// that is connected to them.
type dataWorld struct {
	t     *testing.T
	table *cloud.Table
	store *cloud.Store
	in    cloud.Config
	made  int
}

func newDataWorld(t *testing.T) *dataWorld {
	t.Helper()
	table, err := gcp.New(dataProject)
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
	w := &dataWorld{t: t, table: table, store: store, in: cloud.Config{Account: dataProject, Region: "europe-west3"}}
	w.mint("gcp:kms/cryptoKey:CryptoKey", dataKey, nil)
	for _, agent := range []string{"gcp-sa-cloud-sql", "gcp-sa-firestore", "gcp-sa-pubsub", "gcp-sa-secretmanager"} {
		w.mint("gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", agent, map[string]any{
			"cryptoKeyId": dataKey, "role": "roles/cloudkms.cryptoKeyEncrypterDecrypter", "member": agentMember(agent),
		})
	}
	w.mint("gcp:compute/globalAddress:GlobalAddress", "services", map[string]any{"name": "services", "address": "10.9.0.0", "prefixLength": 16.0})
	w.mint("gcp:servicenetworking/connection:Connection", "connection", map[string]any{
		"network": "projects/platform-dev/global/networks/dev", "reservedPeeringRanges": []any{"services"},
	})
	w.mint("gcp:serviceaccount/account:Account", "payments", map[string]any{"email": "payments@platform-dev.iam.gserviceaccount.com"})
	return w
}

func agentMember(agent string) string {
	return "serviceAccount:service-123456789012@" + agent + ".iam.gserviceaccount.com"
}

// mint puts in place what other parts of the cloud make.
func (w *dataWorld) mint(typ, id string, inputs map[string]any) {
	w.t.Helper()
	if err := w.store.Update("mint "+typ+id, func(t *cloud.Tx) error {
		t.Mint(cloud.Object{Type: typ, ID: id, Account: dataProject, Region: "europe-west3", Inputs: inputs})
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
}

// create checks and makes a resource as the engine does.
func (w *dataWorld) create(typ string, inputs, changes map[string]any) (o *cloud.Object, err error) {
	w.made++
	name := fmt.Sprintf("thing%d", w.made)
	urn := fmt.Sprintf("urn:pulumi:test::test::%s::%s", typ, name)
	all := maps.Clone(inputs)
	maps.Copy(all, changes)
	for k, v := range all {
		if v == nil {
			delete(all, k)
		}
	}
	set, failures := w.table.Check(w.in, cloud.CheckRequest{Type: typ, URN: urn, Name: name, New: all})
	if len(failures) > 0 {
		return nil, fmt.Errorf("%v", failures)
	}
	maps.Copy(all, set)
	err = w.store.Update(urn, func(t *cloud.Tx) error {
		o, err = w.table.Create(t, w.in, typ, urn, all)
		return err
	})
	return o, err
}

// have makes what a test needs.
func (w *dataWorld) have(typ string, inputs map[string]any) *cloud.Object {
	w.t.Helper()
	o, err := w.create(typ, inputs, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// update changes some inputs.
func (w *dataWorld) update(o *cloud.Object, changes map[string]any) error {
	return w.store.Update("update", func(t *cloud.Tx) error {
		now := t.Get(o.Type, o.ID)
		inputs := maps.Clone(now.Inputs)
		maps.Copy(inputs, changes)
		return w.table.Update(t, w.in, now, inputs)
	})
}

func (w *dataWorld) remove(o *cloud.Object) error {
	return w.store.Update("remove", func(t *cloud.Tx) error { return w.table.Delete(t, w.in, t.Get(o.Type, o.ID)) })
}

// all lists the objects of a type that are there.
func (w *dataWorld) all(typ string) (found []*cloud.Object) {
	w.t.Helper()
	if err := w.store.View(func(t *cloud.Tx) error {
		found = t.Find(typ, nil)
		return nil
	}); err != nil {
		w.t.Fatal(err)
	}
	return found
}
