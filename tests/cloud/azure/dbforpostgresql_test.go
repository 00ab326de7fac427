package azure_test

import (
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
)

const (
	serverType    = "azure-native:dbforpostgresql/v20240801:Server"
	baseType      = "azure-native:dbforpostgresql/v20240801:Database"
	adminType     = "azure-native:dbforpostgresql/v20240801:Administrator"
	parameterType = "azure-native:dbforpostgresql/v20240801:Configuration"
	lockType      = "azure-native:authorization:ManagementLockByScope"
)

// encrypted is a world with a key and an identity that may use it.
type encrypted struct {
	*world
	key, identity *cloud.Object
}

func newEncrypted(t *testing.T) *encrypted {
	t.Helper()
	w := newWorld(t)
	w.Have(vaultType, vaultInputs("keys", values{"enablePurgeProtection": true}))
	key := w.Have(keyType, keyInputs("keys", "data"))
	return &encrypted{world: w, key: key, identity: w.identity("crypt", map[*cloud.Object]string{key: keyUser})}
}

// tier is a world with what a server is placed in.
type tier struct {
	*encrypted
	subnet, zone, link *cloud.Object
}

func newTier(t *testing.T, block string) *tier {
	t.Helper()
	w := newEncrypted(t)
	net := w.network("10.0.0.0/16")
	return &tier{
		encrypted: w,
		subnet: w.Have(subnetType, subnetInputs("data", block, values{
			"delegations": []any{values{"name": "postgres", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}},
		})),
		zone: w.Have(zoneType, values{"resourceGroupName": "env", "privateZoneName": "env.private.postgres.database.azure.com", "location": "Global"}),
		link: w.Have(linkType, values{
			"resourceGroupName": "env", "privateZoneName": "env.private.postgres.database.azure.com", "location": "Global",
			"virtualNetworkLinkName": "net", "virtualNetwork": values{"id": net.ID}, "registrationEnabled": false,
		}),
	}
}

// server is inputs that differ from good ones in some.
func (w *tier) server(changes values) values {
	inputs := with(values{
		"serverName": "payments", "version": "16", "sku": values{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"},
		"storage":        values{"storageSizeGB": 64.0},
		"authConfig":     values{"activeDirectoryAuth": "Enabled", "passwordAuth": "Disabled", "tenantId": azure.Tenant},
		"network":        values{"delegatedSubnetResourceId": w.subnet.ID, "privateDnsZoneArmResourceId": w.zone.ID},
		"identity":       values{"type": "UserAssigned", "userAssignedIdentities": values{w.identity.ID: values{}}},
		"dataEncryption": values{"type": "AzureKeyVault", "primaryKeyURI": w.key.Str("keyUri"), "primaryUserAssignedIdentityId": w.identity.ID},
	})
	maps.Copy(inputs, changes)
	return inputs
}

func TestAServerIsRefused(t *testing.T) {
	w := newTier(t, "10.0.0.0/24")
	plain := w.Have(subnetType, subnetInputs("plain", "10.0.1.0/24", nil))
	foreign := w.Have(zoneType, values{"resourceGroupName": "env", "privateZoneName": "privatelink.vaultcore.azure.net", "location": "Global"})
	unlinked := w.Have(zoneType, values{"resourceGroupName": "env", "privateZoneName": "other.private.postgres.database.azure.com", "location": "Global"})
	nobody := w.world.identity("nobody", nil)
	in := func(subnet, zone *cloud.Object) values {
		return values{"network": values{"delegatedSubnetResourceId": subnet.ID, "privateDnsZoneArmResourceId": zone.ID}}
	}
	for what, c := range map[string]struct {
		changes values
		code    string
	}{
		"in a subnet of its own":     {in(plain, w.zone), "SubnetNotDelegated"},
		"in a zone of other names":   {in(w.subnet, foreign), "InvalidPrivateDnsZone"},
		"in a zone that nobody sees": {in(w.subnet, unlinked), "PrivateDnsZoneNotLinked"},
		"in another region":          {values{"location": "westeurope"}, "InvalidParameterValue"},
		"open to the internet": {values{"network": values{
			"delegatedSubnetResourceId": w.subnet.ID, "privateDnsZoneArmResourceId": w.zone.ID, "publicNetworkAccess": "Enabled",
		}}, "InvalidParameterValue"},
		"with a disk that there is not": {values{"storage": values{"storageSizeGB": 100.0}}, "InvalidParameterValue"},
		"of another tier":               {values{"sku": values{"name": "Standard_D2ds_v5", "tier": "Burstable"}}, "InvalidParameterValue"},
		"with a standby that its tier has not": {values{
			"sku": values{"name": "Standard_B2s", "tier": "Burstable"}, "highAvailability": values{"mode": "ZoneRedundant"},
		}, "HighAvailabilityNotSupported"},
		"into which nobody could log":    {values{"authConfig": values{"activeDirectoryAuth": "Disabled", "passwordAuth": "Disabled"}}, "InvalidParameterValue"},
		"with passwords and without one": {values{"authConfig": values{"passwordAuth": "Enabled"}}, "InvalidParameterValue"},
		"whose identity may not use the key": {values{
			"identity":       values{"type": "UserAssigned", "userAssignedIdentities": values{nobody.ID: values{}}},
			"dataEncryption": values{"type": "AzureKeyVault", "primaryKeyURI": w.key.Str("keyUri"), "primaryUserAssignedIdentityId": nobody.ID},
		}, "KeyVaultAccessForbidden"},
		"whose encryption's identity is not its own": {values{
			"dataEncryption": values{"type": "AzureKeyVault", "primaryKeyURI": w.key.Str("keyUri"), "primaryUserAssignedIdentityId": nobody.ID},
		}, "InvalidParameterValue"},
	} {
		_, err := w.Create(serverType, w.server(c.changes))
		refused(t, what, err, c.code)
	}
	for what, changes := range map[string]values{
		"of a version that is not there": {"version": "17"},
		"of a name that DNS has not":     {"serverName": "Payments_1"},
		"with backups for too short":     {"backup": values{"backupRetentionDays": 6.0}},
		"with what the rules know not":   {"tier": "x"},
		"of a zone alone":                {"network": values{"privateDnsZoneArmResourceId": w.zone.ID}},
	} {
		if _, err := w.Create(serverType, w.server(changes)); err == nil {
			t.Errorf("a server %s was made", what)
		}
	}
	if n := len(w.All("network:private-address")); n != 0 {
		t.Errorf("refused servers left %d addresses", n)
	}
}

func TestAServerTakesAddressesAndItsStandbyAsMany(t *testing.T) {
	w := newTier(t, "10.0.0.0/28")
	server := w.Have(serverType, w.server(values{"highAvailability": values{"mode": "ZoneRedundant"}}))
	if n := len(w.All("network:private-address")); n != 4 {
		t.Errorf("%d addresses are taken, want 4", n)
	}
	refused(t, "the subnet of a server", w.Remove(w.subnet), "InUseSubnetCannotBeDeleted")
	// Of 16 addresses Azure keeps 5, so that 11 are left.
	w.Have(serverType, w.server(values{"serverName": "orders", "highAvailability": values{"mode": "ZoneRedundant"}}))
	_, err := w.Create(serverType, w.server(values{"serverName": "reports", "highAvailability": values{"mode": "ZoneRedundant"}}))
	refused(t, "a server in a full subnet", err, "SubnetFull")
	if err := w.Update(server, values{"highAvailability": values{"mode": "Disabled"}}); err != nil {
		t.Fatal(err)
	}
	if n := len(w.All("network:private-address")); n != 6 {
		t.Errorf("%d addresses are taken without the standby, want 6", n)
	}
}

func TestAServerDoesNotGoBack(t *testing.T) {
	w := newTier(t, "10.0.0.0/24")
	other := w.Have(subnetType, subnetInputs("other", "10.0.1.0/24", values{
		"delegations": []any{values{"name": "postgres", "serviceName": "Microsoft.DBforPostgreSQL/flexibleServers"}},
	}))
	server := w.Have(serverType, w.server(nil))
	refused(t, "less storage", w.Update(server, values{"storage": values{"storageSizeGB": 32.0}}), "InvalidParameterValue")
	refused(t, "an older version", w.Update(server, values{"version": "15"}), "InvalidParameterValue")
	refused(t, "another subnet", w.Update(server, values{
		"network": values{"delegatedSubnetResourceId": other.ID, "privateDnsZoneArmResourceId": w.zone.ID},
	}), "OperationNotAllowed")
	if err := w.Update(server, values{"storage": values{"storageSizeGB": 128.0}}); err != nil {
		t.Errorf("more storage: %v", err)
	}
}

func setting(name, value string) values {
	return values{"resourceGroupName": "env", "serverName": "payments", "configurationName": name, "value": value}
}

func TestPgBouncerIsSetOnceItIsOnAndNotOnBurstableServers(t *testing.T) {
	w := newTier(t, "10.0.0.0/24")
	server := w.Have(serverType, w.server(nil))
	_, err := w.Create(parameterType, setting("pgbouncer.max_client_conn", "5000"))
	refused(t, "a setting of a pooler that is off", err, "ConfigurationNotExists")
	w.Have(parameterType, setting("pgbouncer.enabled", "true"))
	_, err = w.Create(parameterType, setting("pgbouncer.default_pool_size", "4951"))
	refused(t, "a pool larger than there is", err, "InvalidParameterValue")
	_, err = w.Create(parameterType, setting("no_such_thing", "1"))
	refused(t, "a parameter that is not known", err, "ConfigurationNotExists")
	w.Have(parameterType, setting("pgbouncer.default_pool_size", "4950"))
	burstable := values{"sku": values{"name": "Standard_B2s", "tier": "Burstable"}}
	refused(t, "a burstable server with a pooler", w.Update(server, burstable), "OperationNotAllowed")

	w = newTier(t, "10.0.0.0/24")
	w.Have(serverType, w.server(burstable))
	_, err = w.Create(parameterType, setting("pgbouncer.enabled", "true"))
	refused(t, "a pooler on a burstable server", err, "ConfigurationNotExists")
}

func TestAnAdministratorIsWhoItSaysItIs(t *testing.T) {
	w := newTier(t, "10.0.0.0/24")
	w.Have(serverType, w.server(nil))
	admin := func(name, kind string) values {
		return values{
			"resourceGroupName": "env", "serverName": "payments", "objectId": w.identity.Str("principalId"), "principalName": name, "principalType": kind,
		}
	}
	_, err := w.Create(adminType, admin("somebody", "ServicePrincipal"))
	refused(t, "another name", err, "InvalidParameterValue")
	_, err = w.Create(adminType, admin("crypt", "User"))
	refused(t, "another kind", err, "InvalidParameterValue")
	w.Have(adminType, admin("crypt", "ServicePrincipal"))
}

func TestALockKeepsAServerAndWhatIsInItUntilItGoes(t *testing.T) {
	w := newTier(t, "10.0.0.0/24")
	_, err := w.Create(lockType, values{"scope": w.subnet.ID + "x", "lockName": "lock", "level": "CanNotDelete"})
	refused(t, "a lock on nothing", err, "ResourceNotFound")
	server := w.Have(serverType, w.server(nil))
	base := w.Have(baseType, values{"resourceGroupName": "env", "serverName": "payments", "databaseName": "app"})
	lock := w.Have(lockType, values{"scope": server.ID, "lockName": "lock", "level": "CanNotDelete"})
	refused(t, "a locked server", w.Remove(server), "ScopeLocked")
	refused(t, "a database in it", w.Remove(base), "ScopeLocked")
	if err := w.Remove(lock); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(server); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{baseType, "network:private-address", "network:private-record"} {
		if n := len(w.All(typ)); n != 0 {
			t.Errorf("%d of %s are left", n, typ)
		}
	}
	// The name is free at once.
	w.Have(serverType, w.server(nil))
}
