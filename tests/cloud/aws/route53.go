package aws

import (
	"strings"

	"platform/tests/cloud"
)

const (
	recordType = "aws:route53/record:Record"
	zoneType   = "route53:zone"
)

var route53Hooks = map[string]cloud.Hook{
	recordType: {Created: recordCreated, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return recordCreated(t, o) }},
}

// recordCreated: a record lies in its zone, beside a CNAME there is nothing, and an alias leads to
// something (https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html).
func recordCreated(t *cloud.Tx, o *cloud.Object) error {
	name := strings.TrimSuffix(o.Str("name"), ".")
	o.Outputs["fqdn"] = name
	zone := strings.TrimSuffix(t.Get(zoneType, o.Str("zoneId")).Str("name"), ".")
	if name != zone && !strings.HasSuffix(name, "."+zone) {
		return cloud.Refuse("InvalidChangeBatch", "RRSet with DNS name %s. is not permitted in zone %s.", name, zone)
	}
	for _, other := range t.Find(recordType, nil) {
		if other.ID == o.ID || other.Str("zoneId") != o.Str("zoneId") || strings.TrimSuffix(other.Str("name"), ".") != name {
			continue
		}
		if o.Str("type") == "CNAME" || other.Str("type") == "CNAME" {
			return cloud.Refuse("InvalidChangeBatch", "RRSet of type %s with DNS name %s. is not permitted as it conflicts with %s", o.Str("type"), name, other)
		}
	}
	target := o.Str("aliases.0.name")
	if target == "" {
		return nil
	}
	domains := t.Find(domainType, func(d *cloud.Object) bool { return d.Str(targetOf) == target })
	balancers := t.Find(balancerType, func(b *cloud.Object) bool { return b.Str("dnsName") == target })
	if len(domains)+len(balancers) == 0 {
		return cloud.Refuse("InvalidChangeBatch", "tried to create an alias that targets %s., but the alias target name does not lie within the target zone", target)
	}
	return nil
}
