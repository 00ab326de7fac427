package catalog

import (
	_ "embed"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"platform/stacks/strict"
)

//go:embed landing-zones.yaml
var landingZonesFile []byte

// LandingZones are where environments may stand: by cloud, and then by the name that environments use, which is
// the same on every cloud.
type LandingZones map[string]map[string]LandingZone

// LandingZone is what is there before the platform comes: an account with people and a DNS zone.
type LandingZone struct {
	Account string   `yaml:"account"` // account, subscription or project
	Admins  []string `yaml:"admins"`  // who may do everything in a cluster
	Viewers []string `yaml:"viewers,omitempty"`
	DNS     DNS      `yaml:"dns"`
	// Certificate is where a certificate of every host right below the domain is kept, on a cloud that issues none
	// for the gateway's doors.
	Certificate string `yaml:"certificate,omitempty"`
}

// DNS is a domain that was delegated to a zone of the account.
type DNS struct {
	Domain string `yaml:"domain"`
	Zone   string `yaml:"zone"`
}

// form is what a text must look like, and how messages say so.
type form struct {
	pattern *regexp.Regexp
	allowed string
}

// writing is how a cloud writes what a landing zone names.
type writing struct{ account, principal, dnsZone, certificate form }

var uuid = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

var writings = map[string]writing{
	"aws": {
		account:   form{regexp.MustCompile(`^[0-9]{12}$`), "an account of 12 digits, in quotes,"},
		principal: form{regexp.MustCompile(`^arn:aws:iam::[0-9]{12}:(role|user)/.+$`), "the ARN of a role or user"},
		dnsZone:   form{regexp.MustCompile(`^Z[0-9A-Z]{1,31}$`), "the id of a hosted zone, as Z0123456789ABCDEFGHIJ,"},
	},
	"azure": {
		account:   form{uuid, "the id of a subscription, a UUID in lower case,"},
		principal: form{uuid, "the object id of an Entra group, a UUID in lower case,"},
		dnsZone: form{
			regexp.MustCompile(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.Network/dnsZones/[^/]+$`),
			"the resource id of a DNS zone, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.Network/dnsZones/<domain>,",
		},
		certificate: form{
			regexp.MustCompile(`^/subscriptions/[0-9a-f-]{36}/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/[^/]+/secrets/[^/]+$`),
			"the resource id of a certificate's secret in a vault, as /subscriptions/<id>/resourceGroups/<name>/providers/Microsoft.KeyVault/vaults/<vault>/secrets/<certificate>,",
		},
	},
	"gcp": {
		account:   form{regexp.MustCompile(`^[a-z][a-z0-9-]{4,28}[a-z0-9]$`), "the id of a project, 6 to 30 lower-case letters, digits and dashes,"},
		principal: form{regexp.MustCompile(`^(group|user|serviceAccount):[^@ ]+@[^@ ]+$`), "a member as group:name@example.com, user: or serviceAccount:,"},
		dnsZone:   form{regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`), "the name of a managed zone"},
	},
}

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}$`)

// ParseLandingZones reads the company's landing zones and returns every fault at once.
func ParseLandingZones(raw []byte) (LandingZones, error) {
	zones := LandingZones{}
	faults := prefixed("landing-zones.yaml: ", strict.Decode(raw, &zones))
	if len(faults) == 0 {
		faults = prefixed("landing-zones.yaml: ", zones.validate())
	}
	return zones, strict.Join(faults)
}

func (zones LandingZones) validate() []error {
	var faults []error
	fault := func(path, value, allowed string) {
		faults = append(faults, strict.Fault{Path: path, Value: value, Allowed: allowed})
	}
	check := func(path, value string, f form) {
		if !f.pattern.MatchString(value) {
			fault(path, value, f.allowed+" is allowed")
		}
	}
	for _, cloud := range slices.Sorted(maps.Keys(zones)) {
		written, ok := writings[cloud]
		if !ok {
			fault(cloud, cloud, fmt.Sprintf("one of %v is allowed", slices.Sorted(maps.Keys(writings))))
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(zones[cloud])) {
			z, at := zones[cloud][name], cloud+"."+name
			check(at+".account", z.Account, written.account)
			if len(z.Admins) == 0 {
				fault(at+".admins", "[]", "at least one principal is needed: nobody could reach a cluster")
			}
			for i, principal := range z.Admins {
				check(fmt.Sprintf("%s.admins[%d]", at, i), principal, written.principal)
			}
			for i, principal := range z.Viewers {
				check(fmt.Sprintf("%s.viewers[%d]", at, i), principal, written.principal)
			}
			check(at+".dns.domain", z.DNS.Domain, form{domainName, "a domain name in lower case"})
			check(at+".dns.zone", z.DNS.Zone, written.dnsZone)
			switch {
			case written.certificate.pattern != nil:
				check(at+".certificate", z.Certificate, written.certificate)
			case z.Certificate != "":
				fault(at+".certificate", z.Certificate, "nothing is allowed: this cloud issues the doors' certificates itself")
			}
		}
	}
	return faults
}
