package azure

import "platform/tests/cloud"

// usesKey refuses a key that a service of the data tier could not use as the identity
// (https://learn.microsoft.com/azure/postgresql/security/security-data-encryption,
// https://learn.microsoft.com/azure/cosmos-db/how-to-setup-customer-managed-keys,
// https://learn.microsoft.com/azure/service-bus-messaging/configure-customer-managed-key).
func usesKey(t *cloud.Tx, o *cloud.Object, identity, uri string) error {
	return keyWraps(t, o, t.Lookup([]string{keyType}, []string{"keyUri", "keyUriWithVersion"}, uri), t.Get(identityType, identity))
}
