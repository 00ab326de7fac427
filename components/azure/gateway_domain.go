package azure

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gateway"
)

// brought is a certificate that an operator keeps in a Key Vault.
type brought struct {
	id          string // of the secret in Azure's resource manager
	vault, name string
}

var broughtForm = regexp.MustCompile(`^/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\.KeyVault/vaults/([^/]+)/secrets/([^/]+)$`)

// broughtOf reads where the certificate is kept.
func broughtOf(id string) (brought, error) {
	found := broughtForm.FindStringSubmatch(id)
	if found == nil {
		return brought{}, fmt.Errorf("certificate %q: the resource id of a certificate's secret in a Key Vault is needed", id)
	}
	return brought{id: id, vault: found[1], name: found[2]}, nil
}

// uri is without a version, so that API Management fetches what the certificate is renewed to
// (https://learn.microsoft.com/azure/api-management/configure-custom-domain).
func (b brought) uri() string {
	return fmt.Sprintf("https://%s.vault.azure.net/secrets/%s", b.vault, b.name)
}

// hostnames gives each audience its own host name, of which those ask for a client certificate whose callers
// have one.
//
// The certificate is the operator's. API Management's own can only be had for a service that is there
// already, not with its making, and no new ones are issued for now
// (https://learn.microsoft.com/azure/api-management/breaking-changes/managed-certificates-suspension-august-2025).
func hostnames(args gateway.Args, certificate brought, reader pulumi.StringInput) pulumi.Array {
	all := pulumi.Array{}
	for i, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		all = append(all, pulumi.Map{
			"type": pulumi.String("Proxy"), "hostName": pulumi.String(args.Host(audience)),
			"certificateSource": pulumi.String("KeyVault"), "keyVaultId": pulumi.String(certificate.uri()), "identityClientId": reader,
			"negotiateClientCertificate": pulumi.Bool(args.Audiences[audience].Auth == gateway.MutualTLS),
			// Callers that name no host get the first one's certificate.
			"defaultSslBinding": pulumi.Bool(i == 0),
		})
	}
	return all
}

// maxAuthorities is how many authorities a service takes, and how many a policy names
// (https://learn.microsoft.com/azure/api-management/api-management-howto-ca-certificates,
// https://learn.microsoft.com/azure/api-management/validate-client-certificate-policy).
const maxAuthorities = 10

func tooManyAuthorities(n int) error {
	return fmt.Errorf("the trust stores hold %d authorities: API Management takes %d", n, maxAuthorities)
}

// authorities are what the service trusts besides the authorities that all the world trusts: the trust stores
// of all audiences.
func authorities(args gateway.Args) (pulumi.Array, error) {
	var known [][]byte
	all := pulumi.Array{}
	for _, audience := range slices.Sorted(maps.Keys(args.Audiences)) {
		if args.Audiences[audience].Auth != gateway.MutualTLS {
			continue
		}
		of, err := authoritiesOf(args.Audiences[audience].TrustStore)
		if err != nil {
			return nil, fmt.Errorf("audience %s: %w", audience, err)
		}
		for _, der := range of {
			if slices.ContainsFunc(known, func(k []byte) bool { return bytes.Equal(k, der) }) {
				continue
			}
			known = append(known, der)
			store, err := storeOf(der)
			if err != nil {
				return nil, fmt.Errorf("audience %s: %w", audience, err)
			}
			all = append(all, pulumi.Map{
				"encodedCertificate": pulumi.String(base64.StdEncoding.EncodeToString(der)), "storeName": pulumi.String(store),
			})
		}
	}
	if len(all) > maxAuthorities {
		return nil, tooManyAuthorities(len(all))
	}
	return all, nil
}

// storeOf tells the two stores apart: roots vouch for themselves.
func storeOf(der []byte) (string, error) {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return "", fmt.Errorf("trust store: %w", err)
	}
	if bytes.Equal(certificate.RawSubject, certificate.RawIssuer) {
		return "Root", nil
	}
	return "CertificateAuthority", nil
}

// dnsZone is a zone of public names that is there before.
type dnsZone struct{ subscription, group, name string }

var dnsZoneForm = regexp.MustCompile(`^/subscriptions/([^/]+)/resourceGroups/([^/]+)/providers/Microsoft\.Network/dnsZones/([^/]+)$`)

// zoneOf reads a zone's resource id. Records are made by the environment's own provider, and so the zone must
// be in its subscription.
func (d *Driver) zoneOf(id string) (dnsZone, error) {
	found := dnsZoneForm.FindStringSubmatch(id)
	if found == nil {
		return dnsZone{}, fmt.Errorf("zone %q: the resource id of a DNS zone is needed", id)
	}
	zone := dnsZone{subscription: found[1], group: found[2], name: found[3]}
	if zone.subscription != d.s.Subscription {
		return dnsZone{}, fmt.Errorf("zone %q: a zone of the environment's own subscription %s is needed", id, d.s.Subscription)
	}
	return zone, nil
}

// relative is a host's name within the zone.
func (z dnsZone) relative(host string) (string, error) {
	name, ok := strings.CutSuffix(host, "."+z.name)
	if !ok {
		return "", fmt.Errorf("host %s does not lie in zone %s", host, z.name)
	}
	return name, nil
}

const recordSeconds = 300

// audienceRecordArgs lead an audience's host name to the service, by name: its address may change
// (https://learn.microsoft.com/azure/api-management/configure-custom-domain#dns-configuration).
func audienceRecordArgs(name string, zone dnsZone, service pulumi.StringOutput) *network.RecordSetArgs {
	return &network.RecordSetArgs{
		ResourceGroupName: pulumi.String(zone.group), ZoneName: pulumi.String(zone.name), RecordType: pulumi.String("CNAME"),
		RelativeRecordSetName: pulumi.String(name), Ttl: pulumi.Float64(recordSeconds),
		CnameRecord: network.CnameRecordArgs{Cname: pulumi.Sprintf("%s.azure-api.net", service)},
	}
}
