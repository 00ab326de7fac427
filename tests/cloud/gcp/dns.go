package gcp

import (
	"strings"

	"platform/tests/cloud"
)

const (
	zoneType   = "gcp:dns/managedZone:ManagedZone"
	recordType = "gcp:dns/recordSet:RecordSet"
	// givenZoneType is a zone that was there before.
	givenZoneType = "dns:managed-zone"
	ownRecordType = "dns:record-set" // that Cloud DNS makes itself
)

var dnsHooks = map[string]cloud.Hook{
	zoneType:   {Created: zoneCreated, Updated: func(_ *cloud.Tx, _, o *cloud.Object) error { return zoneVisible(o) }, Deleted: zoneDeleted},
	recordType: {Created: recordCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return recordFits(t, o) }},
}

// zoneCreated: a zone comes with the records of its servers, which go with it
// (https://cloud.google.com/dns/docs/zones).
func zoneCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := zoneVisible(o); err != nil {
		return err
	}
	if o.Str("visibility") == "private" {
		for _, other := range t.Find(zoneType, func(z *cloud.Object) bool { return z.ID != o.ID && z.Str("dnsName") == o.Str("dnsName") }) {
			for _, network := range networksOf(o) {
				for _, taken := range networksOf(other) {
					if network == taken {
						return cloud.Refuse("badRequest", "the network %s has the zone %s for %s already", network, other, o.Str("dnsName"))
					}
				}
			}
		}
		o.Outputs["nameServers"] = []any{"ns-gcp-private.googledomains.com."}
	} else {
		o.Outputs["nameServers"] = []any{
			"ns-cloud-a1.googledomains.com.", "ns-cloud-a2.googledomains.com.", "ns-cloud-a3.googledomains.com.", "ns-cloud-a4.googledomains.com.",
		}
	}
	for _, typ := range []string{"NS", "SOA"} {
		t.Mint(cloud.Object{
			Type: ownRecordType, ID: o.ID + "/rrsets/" + o.Str("dnsName") + "/" + typ, Hidden: true, Owner: o.Key(),
			Props: map[string]any{"name": o.Str("dnsName"), "type": typ},
		})
	}
	return nil
}

func zoneVisible(o *cloud.Object) error {
	clusters, _ := o.Value("privateVisibilityConfig.gkeClusters").([]any)
	seen := len(networksOf(o)) + len(clusters)
	switch private := o.Str("visibility") == "private"; {
	case private && seen == 0:
		return cloud.Refuse("badRequest", "a private zone needs a network or a cluster that sees it")
	case private && o.Value("dnssecConfig") != nil:
		return cloud.Refuse("badRequest", "private zones are not signed: dnssecConfig is for public ones")
	case !private && seen > 0:
		return cloud.Refuse("badRequest", "privateVisibilityConfig is for private zones")
	}
	return nil
}

func networksOf(zone *cloud.Object) []string {
	list, _ := zone.Value("privateVisibilityConfig.networks").([]any)
	var out []string
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			if url, ok := m["networkUrl"].(string); ok {
				out = append(out, url)
			}
		}
	}
	return out
}

func zoneDeleted(t *cloud.Tx, o *cloud.Object) error {
	records := t.Find(recordType, func(r *cloud.Object) bool { return zoneOf(t, r) == o })
	if len(records) > 0 && !o.Bool("forceDestroy") {
		return cloud.Refuse("containerNotEmpty", "the zone %s has %d record sets besides its own: %s", o.ID, len(records), records[0])
	}
	return takesOwned(t, o)
}

// zoneOf is the zone of a record set, which names it by name or id.
func zoneOf(t *cloud.Tx, record *cloud.Object) *cloud.Object {
	return t.Lookup([]string{zoneType, givenZoneType}, []string{"name", "id"}, record.Str("managedZone"))
}

func recordCreated(t *cloud.Tx, o *cloud.Object) error {
	if typ := o.Str("type"); typ == "NS" || typ == "SOA" {
		zone := zoneOf(t, o)
		if t.Get(ownRecordType, zone.ID+"/rrsets/"+o.Str("name")+"/"+typ) != nil {
			return cloud.Refuse("alreadyExists", "the record set %s %s is the zone's own", o.Str("name"), typ)
		}
	}
	return recordFits(t, o)
}

// recordFits: a record lies in its zone, and beside a CNAME there is nothing
// (https://cloud.google.com/dns/docs/records).
func recordFits(t *cloud.Tx, o *cloud.Object) error {
	zone, name := zoneOf(t, o), o.Str("name")
	domain := zone.Str("dnsName")
	if zone.Type == givenZoneType {
		domain = strings.TrimSuffix(zone.Str("name"), ".") + "."
	}
	if name != domain && !strings.HasSuffix(name, "."+domain) {
		return cloud.Refuse("invalid", "the name %s is not in the zone %s of %s", name, zone.ID, domain)
	}
	if o.Str("type") == "CNAME" && name == domain {
		return cloud.Refuse("cnameResourceRecordSetConflict", "%s is the zone's own name, beside whose records no CNAME may be", name)
	}
	for _, other := range t.Find(recordType, func(r *cloud.Object) bool { return r.ID != o.ID && r.Str("name") == name && zoneOf(t, r) == zone }) {
		if o.Str("type") == "CNAME" || other.Str("type") == "CNAME" {
			return cloud.Refuse("cnameResourceRecordSetConflict", "%s %s conflicts with %s", name, o.Str("type"), other)
		}
	}
	return nil
}
