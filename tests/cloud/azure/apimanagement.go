package azure

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	serviceType       = "azure-native:apimanagement:ApiManagementService"
	apiType           = "azure-native:apimanagement:Api"
	apiPolicyType     = "azure-native:apimanagement:ApiPolicy"
	servicePolicyType = "azure-native:apimanagement:Policy"
	backendType       = "azure-native:apimanagement:Backend"
	// What API Management makes by itself.
	operationType   = "apimanagement:operation"
	sampleType      = "apimanagement:sample"
	unitAddressType = "apimanagement:address"
)

var apimanagementHooks = map[string]cloud.Hook{
	serviceType: {
		Created: serviceCreated,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error {
			if err := serviceFits(t, o); err != nil {
				return err
			}
			seat(t, o)
			return nil
		},
		Deleted: serviceDeleted,
	},
	apiType: {
		Created: apiSet,
		Updated: func(t *cloud.Tx, old, o *cloud.Object) error {
			if old.Str("value") == o.Str("value") {
				return pathFree(t, o)
			}
			if err := takesOwned(t, o); err != nil {
				return err
			}
			return apiSet(t, o)
		},
		Deleted: apiDeleted,
	},
	backendType:       {Deleted: backendUnused},
	servicePolicyType: bothTimes(func(t *cloud.Tx, o *cloud.Object) error { return policyFits(t, o, globalScope) }),
	apiPolicyType:     bothTimes(func(t *cloud.Tx, o *cloud.Object) error { return policyFits(t, o, apiScope) }),
}

// bothTimes makes a hook that checks what is created and what is changed.
func bothTimes(check func(*cloud.Tx, *cloud.Object) error) cloud.Hook {
	return cloud.Hook{Created: check, Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return check(t, o) }}
}

func objects(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func word(m map[string]any, name string) string {
	s, _ := m[name].(string)
	return s
}

// serviceCreated: a service of a classic tier comes with a sample of an API and of two products
// (https://learn.microsoft.com/azure/api-management/api-management-howto-product-with-rules,
// https://learn.microsoft.com/azure/api-management/import-and-publish).
func serviceCreated(t *cloud.Tx, o *cloud.Object) error {
	for _, h := range objects(o.Value("hostnameConfigurations")) {
		if word(h, "certificateSource") == "Managed" {
			return cloud.Refuse("InvalidParameters",
				"%s: a managed certificate can be configured when an API Management service is updated, not when it is created", word(h, "hostName"))
		}
	}
	if err := serviceFits(t, o); err != nil {
		return err
	}
	for _, sample := range []struct{ kind, name, path string }{
		{"apis", "echo-api", "echo"}, {"products", "starter", ""}, {"products", "unlimited", ""},
	} {
		t.Mint(cloud.Object{
			Type: sampleType, ID: o.ID + "/" + sample.kind + "/" + sample.name, Hidden: true, Owner: o.Key(),
			Props: map[string]any{"name": sample.name, "path": sample.path, "kind": sample.kind},
		})
	}
	seat(t, o)
	return nil
}

// seat gives a service's units their addresses in its subnet: one in the tier Developer, and else two a unit
// (https://learn.microsoft.com/azure/api-management/virtual-network-injection-resources#subnet-size).
func seat(t *cloud.Tx, o *cloud.Object) {
	subnet := o.Str("virtualNetworkConfiguration.subnetResourceId")
	wanted := 0
	if subnet != "" {
		if wanted = 1; o.Str("sku.name") != "Developer" {
			wanted = 2 * int(o.Num("sku.capacity"))
		}
	}
	for _, old := range t.Owned(o.Key()) {
		if old.Type == unitAddressType {
			t.Remove(old.Key())
		}
	}
	for i := range wanted {
		t.Mint(cloud.Object{
			Type: unitAddressType, ID: fmt.Sprintf("%s/addresses/%d", o.ID, i+1), Hidden: true, Owner: o.Key(),
			Holds: []cloud.Key{{Type: subnetType, ID: subnet}}, Props: map[string]any{"subnetId": subnet},
		})
	}
}

// serviceFits checks what the tier, the network and the certificates ask of each other.
func serviceFits(t *cloud.Tx, o *cloud.Object) error {
	for _, check := range []func(*cloud.Tx, *cloud.Object) error{tierFits, networkFits, hostsFit, authoritiesFit} {
		if err := check(t, o); err != nil {
			return err
		}
	}
	return nil
}

// tierFits: https://learn.microsoft.com/azure/api-management/api-management-features,
// https://learn.microsoft.com/azure/reliability/reliability-api-management
func tierFits(_ *cloud.Tx, o *cloud.Object) error {
	tier, units, zones := o.Str("sku.name"), int(o.Num("sku.capacity")), len(o.List("zones"))
	switch {
	case tier == "Developer" && units != 1:
		return cloud.Refuse("InvalidSkuCapacity", "the tier Developer has one unit, not %d", units)
	case zones > 0 && tier != "Premium":
		return cloud.Refuse("ZonesNotSupported", "the tier %s does not span zones", tier)
	case zones > 0 && (units < zones || units%zones != 0):
		return cloud.Refuse("InvalidParameters", "%d units cannot be spread evenly over %d zones", units, zones)
	}
	proxies := 0
	for _, h := range objects(o.Value("hostnameConfigurations")) {
		if word(h, "type") == "Proxy" {
			proxies++
		}
	}
	if proxies > 1 && tier != "Premium" && tier != "Developer" {
		return cloud.Refuse("InvalidParameters", "the tier %s takes one host name for its gateway, not %d", tier, proxies)
	}
	return nil
}

// networkFits: https://learn.microsoft.com/azure/api-management/api-management-using-with-vnet#prerequisites
func networkFits(t *cloud.Tx, o *cloud.Object) error {
	kind, id, tier := o.Str("virtualNetworkType"), o.Str("virtualNetworkConfiguration.subnetResourceId"), o.Str("sku.name")
	if kind == "None" {
		if id != "" {
			return cloud.Refuse("InvalidParameters", "a subnet is for a service of virtualNetworkType External or Internal")
		}
		return nil
	}
	if tier != "Developer" && tier != "Premium" {
		return cloud.Refuse("VirtualNetworkNotSupported", "the tier %s cannot be in a virtual network", tier)
	}
	subnet := t.Get(subnetType, id)
	if subnet == nil {
		return cloud.Refuse("InvalidParameters", "virtualNetworkType %s asks for a subnet", kind)
	}
	if delegations, _ := subnet.Value("delegations").([]any); len(delegations) > 0 {
		return cloud.Refuse("SubnetDelegated", "%s is handed over to another service", subnet)
	}
	if address := t.Get(addressType, o.Str("publicIpAddressId")); address != nil {
		if address.Str("sku.name") != "Standard" || address.Str("dnsSettings.domainNameLabel") == "" {
			return cloud.Refuse("InvalidPublicIpAddress", "%s must be of the SKU Standard and have a DNS label", address)
		}
		for _, other := range t.Holders(address.Key()) {
			if other.Key() != o.Key() {
				return cloud.Refuse("PublicIPAddressInUse", "%s is in use by %s", address, other)
			}
		}
	}
	return wayIn(t, o, subnet, kind)
}

// wayIn: a service whose control port is shut never comes up
// (https://learn.microsoft.com/azure/api-management/virtual-network-reference#required-ports).
func wayIn(t *cloud.Tx, o, subnet *cloud.Object, kind string) error {
	group := t.Get(rulesType, subnet.Str("networkSecurityGroup.id"))
	if group == nil {
		return cloud.Refuse("NetworkSecurityGroupMissing", "%s has no security group, without which Azure's load balancer lets nothing in", subnet)
	}
	block := subnet.Str("addressPrefix")
	if !admits(group, "ApiManagement", block, 3443) {
		return cloud.Refuse("ManagementApiRequestFailed",
			"failed to connect to the management endpoint at %s.management.azure-api.net:3443: %s does not let ApiManagement in", o.Str("name"), group)
	}
	if o.Str("sku.name") != "Developer" && !admits(group, "AzureLoadBalancer", block, 6390) {
		return cloud.Refuse("ActivationFailed", "the load balancer cannot probe the units: %s does not let AzureLoadBalancer in at port 6390", group)
	}
	if kind == "External" && !admits(group, "Internet", block, 443) {
		return cloud.Refuse("ActivationFailed", "clients cannot reach the gateway: %s does not let the internet in at port 443", group)
	}
	return nil
}

// hostsFit: a certificate in a vault is read by an identity that may, and names its host
// (https://learn.microsoft.com/azure/api-management/configure-custom-domain).
func hostsFit(t *cloud.Tx, o *cloud.Object) error {
	seen := map[string]bool{}
	defaults := 0
	for _, h := range objects(o.Value("hostnameConfigurations")) {
		host := word(h, "hostName")
		if seen[host] {
			return cloud.Refuse("InvalidParameters", "host name %s is given twice", host)
		}
		seen[host] = true
		if h["defaultSslBinding"] == true {
			defaults++
		}
		for _, other := range t.Find(serviceType, func(s *cloud.Object) bool { return s.ID != o.ID }) {
			for _, taken := range objects(other.Value("hostnameConfigurations")) {
				if word(taken, "hostName") == host {
					return cloud.Refuse("HostnameInUse", "host name %s is in use by %s", host, other)
				}
			}
		}
		if word(h, "certificateSource") != "KeyVault" && word(h, "keyVaultId") == "" {
			continue
		}
		if err := vaultFits(t, o, h, host); err != nil {
			return err
		}
	}
	if defaults > 1 {
		return cloud.Refuse("InvalidParameters", "%d host names are the default, one may be", defaults)
	}
	return nil
}

// certificateType is the secret that comes with a certificate, in an operator's vault.
const certificateType = "azure-native:keyvault:Secret"

// vaultReaders may read the values of secrets
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/security).
var vaultReaders = []string{secretsUserRole, keyAdministratorRole, keyVaultCertificatesRole}

func vaultFits(t *cloud.Tx, o *cloud.Object, h map[string]any, host string) error {
	if word(h, "keyVaultId") == "" || word(h, "identityClientId") == "" {
		return cloud.Refuse("InvalidParameters", "%s: a certificate in a vault asks for keyVaultId and identityClientId", host)
	}
	certificate := t.Lookup([]string{certificateType}, []string{"uri"}, word(h, "keyVaultId"))
	if certificate == nil {
		return cloud.Refuse("CertificateNotFound", "%s: %s is not there", host, word(h, "keyVaultId"))
	}
	if !slices.ContainsFunc(certificate.List("hosts"), func(name string) bool { return covers(name, host) }) {
		return cloud.Refuse("InvalidParameters", "the certificate %s is for %v, not for %s", certificate.ID, certificate.List("hosts"), host)
	}
	reader := t.Lookup([]string{identityType}, []string{"clientId"}, word(h, "identityClientId"))
	if !slices.Contains(o.List("identity.userAssignedIdentities"), reader.ID) {
		return cloud.Refuse("InvalidParameters", "%s: the service does not bear the identity %s", host, reader)
	}
	if !may(t, reader.Str("principalId"), certificate.ID, vaultReaders...) {
		return cloud.Refuse("KeyVaultAccessDenied", "%s: %s may not read %s", host, reader, word(h, "keyVaultId"))
	}
	return nil
}

// covers tells whether a certificate's name is a host's: a star stands for one label.
func covers(name, host string) bool {
	if rest, wild := strings.CutPrefix(name, "*."); wild {
		_, parent, _ := strings.Cut(host, ".")
		return parent == rest
	}
	return name == host
}

func authoritiesFit(_ *cloud.Tx, o *cloud.Object) error {
	for i, c := range objects(o.Value("certificates")) {
		der, err := base64.StdEncoding.DecodeString(word(c, "encodedCertificate"))
		if err != nil {
			return cloud.Refuse("InvalidCertificate", "certificates[%d]: %v", i, err)
		}
		if _, err := x509.ParseCertificate(der); err != nil {
			return cloud.Refuse("InvalidCertificate", "certificates[%d]: %v", i, err)
		}
	}
	return nil
}

// serviceDeleted takes what is inside the service with it.
func serviceDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, typ := range []string{apiPolicyType, servicePolicyType, apiType, backendType} {
		for _, inside := range t.Find(typ, func(i *cloud.Object) bool { return i.Str("serviceName") == o.Str("serviceName") }) {
			if err := takesOwned(t, inside); err != nil {
				return err
			}
			t.Remove(inside.Key())
		}
	}
	return takesOwned(t, o)
}

// serviceOf is the service that something is inside of.
func serviceOf(t *cloud.Tx, o *cloud.Object) *cloud.Object {
	return t.Lookup([]string{serviceType}, []string{"serviceName"}, o.Str("serviceName"))
}

// operationQuotas: https://learn.microsoft.com/azure/api-management/service-limits
var operationQuotas = map[string]int{
	"Consumption": 3000, "Developer": 3000, "Basic": 10000, "Standard": 50000, "Premium": 75000,
}

// apiSet makes the operations of an imported document.
func apiSet(t *cloud.Tx, o *cloud.Object) error {
	if err := pathFree(t, o); err != nil {
		return err
	}
	if o.Str("format") == "" {
		return nil
	}
	if o.Str("format") != "openapi+json" {
		return cloud.Refuse("NotModelled", "%s: documents of format %s are not modelled", o, o.Str("format"))
	}
	var document struct {
		OpenAPI string
		Info    map[string]any
		Paths   map[string]map[string]struct{ OperationID string }
	}
	if err := json.Unmarshal([]byte(o.Str("value")), &document); err != nil {
		return cloud.Refuse("ValidationError", "%s: parsing the document: %v", o, err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.0.") || word(document.Info, "title") == "" || word(document.Info, "version") == "" {
		return cloud.Refuse("ValidationError", "%s: the document is not OpenAPI 3.0 with a title and a version", o)
	}
	seen := map[string]string{}
	for _, path := range sortedKeys(document.Paths) {
		if !strings.HasPrefix(path, "/") {
			return cloud.Refuse("ValidationError", "%s: path %q does not begin with a slash", o, path)
		}
		for _, method := range sortedKeys(document.Paths[path]) {
			id := document.Paths[path][method].OperationID
			if other, twice := seen[id]; twice || id == "" {
				return cloud.Refuse("ValidationError", "%s: operationId %q of %s %s is that of %s", o, id, method, path, other)
			}
			seen[id] = method + " " + path
			t.Mint(cloud.Object{
				Type: operationType, ID: o.ID + "/operations/" + id, Hidden: true, Owner: o.Key(),
				Props: map[string]any{"method": strings.ToUpper(method), "urlTemplate": path, "service": o.Str("serviceName")},
			})
		}
	}
	service := serviceOf(t, o)
	all := t.Find(operationType, func(p *cloud.Object) bool { return p.Str("service") == o.Str("serviceName") })
	if most := operationQuotas[service.Str("sku.name")]; len(all) > most {
		return cloud.Refuse("ValidationError", "you have reached the maximum number of operations, %d, in %s", most, service)
	}
	return nil
}

// pathFree: a path leads to one API of a service.
func pathFree(t *cloud.Tx, o *cloud.Object) error {
	service := serviceOf(t, o)
	same := func(other *cloud.Object) bool {
		return other.Key() != o.Key() && strings.EqualFold(other.Str("path"), o.Str("path"))
	}
	taken := t.Find(apiType, func(a *cloud.Object) bool { return a.Str("serviceName") == o.Str("serviceName") && same(a) })
	taken = append(taken, t.Find(sampleType, func(s *cloud.Object) bool {
		return s.Owner == service.Key() && s.Str("kind") == "apis" && same(s)
	})...)
	if len(taken) > 0 {
		return cloud.Refuse("ValidationError", "%s: an API with the path %q is there already: %s", o, o.Str("path"), taken[0])
	}
	return nil
}

func apiDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, policy := range t.Find(apiPolicyType, func(p *cloud.Object) bool {
		return p.Str("serviceName") == o.Str("serviceName") && p.Str("apiId") == o.Str("apiId")
	}) {
		t.Remove(policy.Key())
	}
	return takesOwned(t, o)
}

// backendUnused refuses to delete what a policy names.
func backendUnused(t *cloud.Tx, o *cloud.Object) error {
	for _, typ := range []string{servicePolicyType, apiPolicyType} {
		for _, policy := range t.Find(typ, func(p *cloud.Object) bool { return p.Str("serviceName") == o.Str("serviceName") }) {
			if slices.Contains(backendsIn(policy.Str("value")), o.Str("backendId")) {
				return cloud.Refuse("ValidationError", "%s cannot be deleted: %s refers to it", o, policy)
			}
		}
	}
	return nil
}
