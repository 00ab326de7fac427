package azure

import (
	"platform/tests/cloud"
)

const (
	publicRecordType  = "azure-native:network:RecordSet"
	privateRecordType = "azure-native:network:PrivateRecordSet"
	// givenZoneType is a zone that was there before.
	givenZoneType = "network:dns-zone"
)

var dnsHooks = map[string]cloud.Hook{
	publicRecordType:  bothTimes(recordFits),
	privateRecordType: bothTimes(privateRecordFits),
}

func recordFits(t *cloud.Tx, o *cloud.Object) error {
	zone := "/subscriptions/" + o.Account + "/resourceGroups/" + o.Str("resourceGroupName") + "/providers/Microsoft.Network/dnsZones/" + o.Str("zoneName")
	if t.Get(givenZoneType, zone) == nil {
		return cloud.Refuse("ParentResourceNotFound", "zone %s is not there", zone)
	}
	if o.Value("targetResource") == nil && o.Value("ttl") == nil {
		return cloud.Refuse("BadRequest", "%s: records need a ttl", o)
	}
	return setFits(t, o, "zoneName")
}

func privateRecordFits(t *cloud.Tx, o *cloud.Object) error { return setFits(t, o, "privateZoneName") }

// setFits: a set holds records of its own type, and an alias stands alone
// (https://learn.microsoft.com/azure/dns/dns-zones-records#cname-record-sets).
func setFits(t *cloud.Tx, o *cloud.Object, zone string) error {
	holds := map[string]string{"A": "aRecords", "CNAME": "cnameRecord", "TXT": "txtRecords"}
	kind, name := o.Str("recordType"), o.Str("relativeRecordSetName")
	for other, property := range holds {
		if (other == kind) != (o.Value(property) != nil) && (o.Value("targetResource") == nil || other != kind) {
			return cloud.Refuse("BadRequest", "%s: a set of type %s holds no %s", o, kind, property)
		}
	}
	if kind == "CNAME" && name == "@" {
		return cloud.Refuse("BadRequest", "%s: the zone itself cannot be an alias", o)
	}
	for _, other := range t.Find(o.Type, func(r *cloud.Object) bool {
		return r.ID != o.ID && r.Str(zone) == o.Str(zone) && r.Str("relativeRecordSetName") == name
	}) {
		if kind == "CNAME" || other.Str("recordType") == "CNAME" {
			return cloud.Refuse("BadRequest", "%s: an alias stands alone, and there is %s", o, other)
		}
	}
	return nil
}
