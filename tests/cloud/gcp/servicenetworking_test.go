package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

// used marks the peering as a database server's creation does.
func (w *networkWorld) used() {
	w.T.Helper()
	if err := w.Store.Update("server", func(t *cloud.Tx) error {
		for _, peering := range t.Find("compute:network-peering", nil) {
			peering.Props["used"] = true
		}
		return nil
	}); err != nil {
		w.T.Fatal(err)
	}
}

func TestAConnectionIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(address, w.reserved())
	w.Have(address, values{"name": "public"})
	w.refuses(t, connection, w.connection(), map[string]refusal{
		"for a range that is not there":       {values{"reservedPeeringRanges": []any{"elsewhere"}}, "does not exist"},
		"for a public address":                {values{"reservedPeeringRanges": []any{"public"}}, "not reserved for peering"},
		"without a range":                     {values{"reservedPeeringRanges": []any{}}, "at least 1"},
		"with a policy that is not there yet": {values{"deletionPolicy": "REMOVE_PEERING"}, "allowed are"},
	})
	w.Have(connection, w.connection())
	if _, err := w.Create(connection, w.connection()); err == nil {
		t.Error("a network is connected twice")
	}
}

func TestAConnectionThatNothingUsedTakesItsPeeringWithIt(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(address, w.reserved())
	made := w.Have(connection, w.connection())
	if got := len(w.All("compute:network-peering")); got != 1 {
		t.Errorf("%d peerings, want 1", got)
	}
	if err := w.Remove(made); err != nil {
		t.Fatal(err)
	}
	if got := len(w.All("compute:network-peering")); got != 0 {
		t.Errorf("%d peerings are left", got)
	}
}

// Cloud SQL holds on to the connection for days after its servers are gone.
func TestAConnectionThatWasUsedIsNotDeleted(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(address, w.reserved())
	made := w.Have(connection, w.connection())
	w.used()
	if err := w.Remove(made); err == nil || !strings.Contains(err.Error(), "Producer services (e.g. CloudSQL, Cloud Memstore, etc.) are still using this connection") {
		t.Errorf("error is %v", err)
	}
}

func TestAnAbandonedConnectionIsTakenUpAgain(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(address, w.reserved())
	if err := w.Remove(w.Have(connection, w.connection(), values{"deletionPolicy": "ABANDON"})); err != nil {
		t.Fatal(err)
	}
	w.Have(connection, w.connection())
	if got := len(w.All("compute:network-peering")); got != 1 {
		t.Errorf("%d peerings, want the one that was there", got)
	}
}

func TestAnAbandonedConnectionGoesWithItsNetworkAndIsRemembered(t *testing.T) {
	w := newNetworkWorld(t)
	held := w.Have(address, w.reserved())
	made := w.Have(connection, w.connection(), values{"deletionPolicy": "ABANDON"})
	w.used()
	for _, o := range []*cloud.Object{made, held, w.router, w.subnet} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(w.All("compute:network-peering")); got != 1 {
		t.Errorf("%d peerings after the connection was abandoned, want 1", got)
	}
	if err := w.Remove(w.network); err != nil {
		t.Fatal(err)
	}
	if got := len(w.All("compute:network-peering")); got != 0 {
		t.Errorf("%d peerings outlive the network", got)
	}

	// The network is built again, with another range.
	w.network = w.Have(network, values{"name": "dev", "autoCreateSubnetworks": false})
	w.Have(address, w.reserved(), values{"address": "10.5.0.0"})
	if _, err := w.Create(connection, w.connection()); err == nil || !strings.Contains(err.Error(), "Cannot modify allocated ranges in CreateConnection") {
		t.Errorf("error is %v", err)
	}
	w.Have(connection, w.connection(), values{"updateOnCreationFail": true})
}
