package gcp

import (
	"slices"

	"platform/tests/cloud"
)

const (
	authorizationType      = "gcp:certificatemanager/dnsAuthorization:DnsAuthorization"
	managedCertificateType = "gcp:certificatemanager/certificate:Certificate"
	certificatesType       = "gcp:certificatemanager/certificateMap:CertificateMap"
)

var certificatemanagerHooks = map[string]cloud.Hook{
	authorizationType:      {Created: authorizationCreated},
	managedCertificateType: {Created: certificateCreated},
	certificatesType:       {Created: certificatesCreated},
}

// authorizationCreated: there is one authorization for a domain
// (https://cloud.google.com/certificate-manager/docs/dns-authorizations).
func authorizationCreated(t *cloud.Tx, o *cloud.Object) error {
	for _, other := range t.Find(authorizationType, func(a *cloud.Object) bool {
		return a.ID != o.ID && a.Account == o.Account && a.Str("domain") == o.Str("domain") && a.Str("location") == o.Str("location")
	}) {
		return cloud.Refuse("ALREADY_EXISTS", "%s is authorized by %s", o.Str("domain"), other)
	}
	return nil
}

// certificateCreated: each domain has its authorization. Google makes the certificate at once and issues it when it finds
// the proof in the zone; it says nothing if there is none, and callers meet a load balancer without a certificate
// (https://cloud.google.com/certificate-manager/docs/domain-authorization).
func certificateCreated(t *cloud.Tx, o *cloud.Object) error {
	proven := map[string]bool{}
	for _, id := range o.List("managed.dnsAuthorizations") {
		authorization := t.Get(authorizationType, id)
		name, data := authorization.Str("dnsResourceRecords.0.name"), authorization.Str("dnsResourceRecords.0.data")
		proofs := t.Find(recordType, func(r *cloud.Object) bool {
			return r.Str("name") == name && slices.Contains(r.List("rrdatas"), data)
		})
		proven[authorization.Str("domain")] = len(proofs) > 0
	}
	issued := len(proven) > 0
	for _, domain := range o.List("managed.domains") {
		found, covered := proven[domain]
		if !covered && len(proven) > 0 {
			return cloud.Refuse("INVALID_ARGUMENT", "the domain %s has no authorization", domain)
		}
		issued = issued && found
	}
	o.Props = map[string]any{"issued": issued}
	return nil
}

// certificatesCreated remembers how a proxy names the map.
func certificatesCreated(_ *cloud.Tx, o *cloud.Object) error {
	o.Props = map[string]any{"reference": "//certificatemanager.googleapis.com/" + o.ID}
	return nil
}
