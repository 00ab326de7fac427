package gcp_test

import (
	"strings"
	"testing"

	"platform/tests/cloud"
)

const (
	zone   = "gcp:dns/managedZone:ManagedZone"
	record = "gcp:dns/recordSet:RecordSet"
)

func (w *networkWorld) zone() values {
	return values{
		"name": "apis", "dnsName": "googleapis.com.", "visibility": "private",
		"privateVisibilityConfig": values{"networks": []any{values{"networkUrl": w.network.ID}}},
	}
}

func TestAZoneIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(zone, w.zone())
	w.refuses(t, zone, w.zone(), map[string]refusal{
		"that the network has already":  {values{"name": "again"}, "has the zone"},
		"that nobody sees":              {values{"name": "b", "privateVisibilityConfig": nil}, "needs a network"},
		"that is public and private":    {values{"name": "b", "visibility": "public"}, "is for private zones"},
		"that is private and signed":    {values{"name": "b", "dnsName": "b.", "dnssecConfig": values{"state": "on"}}, "not signed"},
		"of a name without its dot":     {values{"name": "b", "dnsName": "googleapis.com"}, "does not match"},
		"for a network that is not one": {values{"name": "b", "privateVisibilityConfig": values{"networks": []any{values{"networkUrl": "dev"}}}}, "does not exist"},
	})
}

func TestARecordIsRefused(t *testing.T) {
	w := newNetworkWorld(t)
	w.Have(zone, w.zone())
	good := values{"managedZone": "apis", "name": "private.googleapis.com.", "type": "A", "ttl": 300.0, "rrdatas": []any{"199.36.153.8"}}
	w.Have(record, good)
	alias := values{"type": "CNAME", "rrdatas": []any{"private.googleapis.com."}}
	w.refuses(t, record, good, map[string]refusal{
		"outside its zone":             {values{"name": "private.example.com."}, "is not in the zone"},
		"without its dot":              {values{"name": "a.googleapis.com"}, "does not match"},
		"that is there":                {values{}, "is taken by"},
		"for another beside addresses": {alias, "conflicts with"},
		"for another at the top":       {values{"name": "googleapis.com.", "type": "CNAME"}, "no CNAME may be"},
		"that the zone has itself":     {values{"name": "googleapis.com.", "type": "NS"}, "the zone's own"},
		"of nothing":                   {values{"name": "b.googleapis.com.", "rrdatas": nil}, "must be set"},
		"in a zone that is not there":  {values{"managedZone": "elsewhere"}, "does not exist"},
	})
}

func TestAZoneStaysWhileItHasRecords(t *testing.T) {
	w := newNetworkWorld(t)
	made := w.Have(zone, w.zone())
	held := w.Have(record, values{"managedZone": "apis", "name": "*.googleapis.com.", "type": "CNAME", "ttl": 300.0, "rrdatas": []any{"private.googleapis.com."}})
	if err := w.Remove(made); !cloud.Refused(err, "containerNotEmpty") || !strings.Contains(err.Error(), held.ID) {
		t.Errorf("error is %v, want one that names the record", err)
	}
	for _, o := range []*cloud.Object{held, made} {
		if err := w.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	if left := w.All("dns:record-set"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}

func TestARecordLiesInAZoneThatWasThereBefore(t *testing.T) {
	w := newNetworkWorld(t)
	good := values{"managedZone": "example-com", "name": "api.example.com.", "type": "A", "ttl": 300.0, "rrdatas": []any{"198.18.0.1"}}
	w.Have(record, good)
	if _, err := w.Create(record, good, values{"name": "api.example.org."}); err == nil || !strings.Contains(err.Error(), "is not in the zone") {
		t.Errorf("error is %v", err)
	}
}
