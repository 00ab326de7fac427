package aws

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

const certificateType = "aws:acm/certificate:Certificate"

var acmHooks = map[string]cloud.Hook{
	"aws:acm/certificateValidation:CertificateValidation": {Created: certificateIssued},
}

// certificateIssued: ACM issues once it finds its proof in the zone, and waits for it in vain otherwise
// (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html).
func certificateIssued(t *cloud.Tx, o *cloud.Object) error {
	certificate := t.Get(certificateType, o.Str("certificateArn"))
	name := certificate.Str("domainValidationOptions.0.resourceRecordName")
	value := certificate.Str("domainValidationOptions.0.resourceRecordValue")
	proofs := t.Find(recordType, func(r *cloud.Object) bool {
		return strings.TrimSuffix(r.Str("name"), ".") == strings.TrimSuffix(name, ".") && slices.Contains(r.List("records"), value)
	})
	if len(proofs) == 0 {
		return cloud.Refuse("Timeout", "waiting for the certificate of %s to be issued: its status is PENDING_VALIDATION, there is no record %s",
			certificate.Str("domainName"), name)
	}
	if certificate.Props == nil {
		certificate.Props = map[string]any{}
	}
	certificate.Props["issued"] = true
	return nil
}

// issued refuses a certificate that is not issued yet, or not for the host.
func issued(t *cloud.Tx, arn, host string) error {
	certificate := t.Get(certificateType, arn)
	if !certificate.Bool("issued") {
		return cloud.Refuse("UnsupportedCertificate", "the certificate %s must have a fully-qualified domain name and be issued", arn)
	}
	if host != "" && certificate.Str("domainName") != host {
		return cloud.Refuse("BadRequestException", "the certificate %s is for %s, not for %s", arn, certificate.Str("domainName"), host)
	}
	return nil
}
