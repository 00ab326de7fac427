package azure

import (
	"maps"
	"math"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"platform/tests/cloud"
)

const (
	postgresModule    = "azure-native:dbforpostgresql/v20240801:"
	postgresType      = postgresModule + "Server"
	postgresBaseType  = postgresModule + "Database"
	postgresAdminType = postgresModule + "Administrator"
	postgresParamType = postgresModule + "Configuration"

	privateAddressType = "network:private-address"
	droppedServerType  = "dbforpostgresql:dropped-server"
)

var dbforpostgresqlHooks = map[string]cloud.Hook{
	postgresType:      {Created: postgresCreated, Updated: postgresUpdated, Deleted: postgresDeleted},
	postgresBaseType:  {Created: postgresBaseCreated, Deleted: unlocked},
	postgresAdminType: {Created: postgresAdminCreated, Deleted: unlocked},
	postgresParamType: {
		Created: postgresParamFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return postgresParamFits(t, o) },
		// A delete only puts back the default, which no lock forbids.
	},
}

// What servers take longer for, in modelled time; the documentation says only that a standby is copied from the
// server and that scaling restarts it.
const (
	standbyTime = 6 * time.Minute
	moveTime    = 4 * time.Minute
	majorTime   = 10 * time.Minute
)

// premiumDisks are the sizes in GiB of the disks of Premium SSD
// (https://learn.microsoft.com/azure/postgresql/compute-storage/concepts-storage-premium-ssd).
var premiumDisks = []float64{32, 64, 128, 256, 512, 1024, 2048, 4095, 4096, 8192, 16384, 32767}

func postgresCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := postgresFits(t, o); err != nil {
		return err
	}
	if o.Str("availabilityZone") == "" {
		o.Outputs["availabilityZone"] = "1"
	}
	if standby(o) {
		t.Delay(standbyTime)
	}
	return placePostgres(t, o)
}

func postgresUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := postgresFits(t, o); err != nil {
		return err
	}
	if o.Num("storage.storageSizeGB") < old.Num("storage.storageSizeGB") {
		return cloud.Refuse("InvalidParameterValue", "%s: storage cannot be scaled down from %v to %v GiB", o,
			old.Num("storage.storageSizeGB"), o.Num("storage.storageSizeGB"))
	}
	before, after := postgresMajor(old), postgresMajor(o)
	if before > after {
		return cloud.Refuse("InvalidParameterValue", "%s: cannot go back from version %d to %d", o, before, after)
	}
	if old.Str("network.delegatedSubnetResourceId") != o.Str("network.delegatedSubnetResourceId") {
		return cloud.Refuse("OperationNotAllowed", "%s: a server cannot leave the network in which it was made", o)
	}
	if pooled := postgresParameter(t, o, "pgbouncer.enabled"); pooled == "true" && o.Str("sku.tier") == "Burstable" {
		return cloud.Refuse("OperationNotAllowed", "%s: a server with PgBouncer cannot become Burstable", o)
	}
	switch {
	case before < after:
		t.Delay(majorTime)
	case old.Str("sku.name") != o.Str("sku.name"):
		t.Delay(moveTime)
	}
	if standby(old) == standby(o) {
		return nil
	}
	t.Delay(standbyTime)
	return placePostgres(t, o)
}

// standby says whether a server has a second one to which it fails over.
func standby(o *cloud.Object) bool {
	mode := o.Str("highAvailability.mode")
	return mode != "" && mode != "Disabled"
}

func postgresMajor(o *cloud.Object) int {
	major, err := strconv.Atoi(o.Str("version"))
	if err != nil {
		return 0
	}
	return major
}

// postgresFits checks what properties say together.
func postgresFits(t *cloud.Tx, o *cloud.Object) error {
	for _, check := range []func(*cloud.Tx, *cloud.Object) error{postgresComputeFits, postgresAccessFits, postgresNetworkFits, postgresKeyFits} {
		if err := check(t, o); err != nil {
			return err
		}
	}
	return nil
}

// postgresComputeFits: https://learn.microsoft.com/azure/postgresql/compute-storage/concepts-compute
func postgresComputeFits(_ *cloud.Tx, o *cloud.Object) error {
	name, tier := o.Str("sku.name"), o.Str("sku.tier")
	family := map[string]string{"Burstable": "Standard_B", "GeneralPurpose": "Standard_D", "MemoryOptimized": "Standard_E"}[tier]
	if !strings.HasPrefix(name, family) {
		return cloud.Refuse("InvalidParameterValue", "%s: %s is not of tier %s", o, name, tier)
	}
	if standby(o) && tier == "Burstable" {
		return cloud.Refuse("HighAvailabilityNotSupported", "%s: high availability is not supported for Burstable servers", o)
	}
	size := o.Num("storage.storageSizeGB")
	if o.Str("storage.type") != "PremiumV2_LRS" {
		if size != 0 && !slices.Contains(premiumDisks, size) {
			return cloud.Refuse("InvalidParameterValue", "%s: storage of %v GiB: disks have %v", o, size, premiumDisks)
		}
		if o.Value("storage.iops") != nil || o.Value("storage.throughput") != nil {
			return cloud.Refuse("InvalidParameterValue", "%s: iops and throughput are for PremiumV2_LRS", o)
		}
	}
	return nil
}

// postgresAccessFits: https://learn.microsoft.com/azure/postgresql/security/security-entra-configure
func postgresAccessFits(_ *cloud.Tx, o *cloud.Object) error {
	password, entra := o.Str("authConfig.passwordAuth") != "Disabled", o.Str("authConfig.activeDirectoryAuth") == "Enabled"
	switch {
	case !password && !entra:
		return cloud.Refuse("InvalidParameterValue", "%s: nobody could log in: passwords and Entra ID are both disabled", o)
	case entra && o.Str("authConfig.tenantId") == "":
		return cloud.Refuse("InvalidParameterValue", "%s: tenantId is needed for Entra ID", o)
	case password && (o.Inputs["administratorLogin"] == nil || o.Inputs["administratorLoginPassword"] == nil):
		return cloud.Refuse("InvalidParameterValue", "%s: administratorLogin and administratorLoginPassword are needed for passwords", o)
	case !password && o.Inputs["administratorLoginPassword"] != nil:
		return cloud.Refuse("InvalidParameterValue", "%s: a password is given though passwords are disabled", o)
	}
	return nil
}

// postgresNetworkFits: https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private
func postgresNetworkFits(t *cloud.Tx, o *cloud.Object) error {
	subnet := t.Get(subnetType, o.Str("network.delegatedSubnetResourceId"))
	if subnet == nil {
		return nil
	}
	if o.Str("network.publicNetworkAccess") == "Enabled" {
		return cloud.Refuse("InvalidParameterValue", "%s: a server in a network has no public access", o)
	}
	if delegation(subnet) != "Microsoft.DBforPostgreSQL/flexibleServers" {
		return cloud.Refuse("SubnetNotDelegated", "%s: %s is not delegated to Microsoft.DBforPostgreSQL/flexibleServers", o, subnet)
	}
	network, _, _ := strings.Cut(subnet.ID, "/subnets/")
	if at := t.Get(networkType, network).Str("location"); at != o.Str("location") {
		return cloud.Refuse("InvalidParameterValue", "%s is in %s, its network in %s", o, o.Str("location"), at)
	}
	zone := t.Get(zoneType, o.Str("network.privateDnsZoneArmResourceId"))
	if name := zone.Str("privateZoneName"); !strings.HasSuffix(name, ".postgres.database.azure.com") {
		return cloud.Refuse("InvalidPrivateDnsZone", "%s: the zone %q does not end with postgres.database.azure.com", o, name)
	}
	if strings.HasPrefix(zone.Str("privateZoneName"), o.Str("serverName")+".") {
		return cloud.Refuse("InvalidPrivateDnsZone", "%s: the zone cannot begin with the server's name", o)
	}
	if t.Count(linkType, func(l *cloud.Object) bool {
		return liesIn(l.ID, zone.ID) && strings.EqualFold(l.Str("virtualNetwork.id"), network)
	}) == 0 {
		return cloud.Refuse("PrivateDnsZoneNotLinked", "%s: %s is not linked to %s, in which nobody would find the server", o, zone, network)
	}
	return nil
}

func postgresKeyFits(t *cloud.Tx, o *cloud.Object) error {
	identities, _ := o.Value("identity.userAssignedIdentities").(map[string]any)
	for _, id := range slices.Sorted(maps.Keys(identities)) {
		if t.Get(identityType, id) == nil {
			return cloud.Refuse("ResourceNotFound", "%s: the identity %q does not exist", o, id)
		}
	}
	if o.Str("dataEncryption.type") != "AzureKeyVault" {
		return nil
	}
	identity := o.Str("dataEncryption.primaryUserAssignedIdentityId")
	if _, assigned := identities[identity]; !assigned {
		return cloud.Refuse("InvalidParameterValue", "%s: the identity %q of its encryption is not among its own", o, identity)
	}
	return usesKey(t, o, identity, o.Str("dataEncryption.primaryKeyURI"))
}

const (
	// reservedAddresses are those of every subnet that Azure keeps for itself
	// (https://learn.microsoft.com/azure/virtual-network/virtual-networks-faq).
	reservedAddresses = 5
	// serverAddresses is half of the four that a server with a standby takes
	// (https://learn.microsoft.com/azure/postgresql/network/concepts-networking-private#virtual-network-concepts).
	serverAddresses = 2
)

// placePostgres gives a server its private addresses, which hold the subnet for as long as it lives, and its name
// in the zone.
func placePostgres(t *cloud.Tx, o *cloud.Object) error {
	if err := takesOwned(t, o); err != nil {
		return err
	}
	subnet := t.Get(subnetType, o.Str("network.delegatedSubnetResourceId"))
	if subnet == nil {
		return nil // with public access, of whose addresses nobody has a list
	}
	places := []string{"server"}
	if standby(o) {
		places = append(places, "standby")
	}
	taken := t.Count(privateAddressType, func(a *cloud.Object) bool { return slices.Contains(a.Holds, subnet.Key()) })
	if free := usableAddresses(subnet) - taken; free < len(places)*serverAddresses {
		return cloud.Refuse("SubnetFull", "%s: %s has %d free addresses, the server needs %d", o, subnet, free, len(places)*serverAddresses)
	}
	for _, place := range places {
		for n := range serverAddresses {
			name := place + "-" + strconv.Itoa(n+1)
			t.Mint(cloud.Object{
				Type: privateAddressType, ID: o.ID + "/" + name, Public: name, Hidden: true, Owner: o.Key(), Holds: []cloud.Key{subnet.Key()},
				Props: map[string]any{"subnet": subnet.ID},
			})
		}
	}
	zone := o.Str("network.privateDnsZoneArmResourceId")
	t.Mint(cloud.Object{
		Type: recordType, ID: zone + "/A/" + o.Str("serverName"), Hidden: true, Owner: o.Key(), Props: map[string]any{"zone": zone},
	})
	return nil
}

// usableAddresses is how many addresses a subnet can give.
func usableAddresses(subnet *cloud.Object) int {
	total := 0
	for _, text := range prefixes(subnet) {
		if prefix, err := netip.ParsePrefix(text); err == nil && prefix.Addr().Is4() {
			total += int(math.Exp2(float64(32-prefix.Bits()))) - reservedAddresses
		}
	}
	return total
}

// droppedDays is how long the backups of a deleted server are kept
// (https://learn.microsoft.com/azure/postgresql/backup-restore/how-to-restore-deleted-server).
const droppedDays = 5

func postgresDeleted(t *cloud.Tx, o *cloud.Object) error {
	if err := unlocked(t, o); err != nil {
		return err
	}
	if err := removeWithin(t, o, postgresBaseType, postgresAdminType, postgresParamType); err != nil {
		return err
	}
	t.Mint(cloud.Object{
		Type: droppedServerType, ID: o.ID + "/dropped/" + t.Random(12), Hidden: true, Owner: o.Key(), Retained: "restorable", Tags: o.Tags,
		Props: map[string]any{"sourceServerResourceId": o.ID, "retainedDays": droppedDays, "primaryKeyURI": o.Str("dataEncryption.primaryKeyURI")},
	})
	return nil
}

func postgresBaseCreated(_ *cloud.Tx, o *cloud.Object) error {
	// https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-servers#managing-your-server
	if name := o.Str("databaseName"); slices.Contains([]string{"azure_maintenance", "azure_sys", "postgres", "template0", "template1"}, name) {
		return cloud.Refuse("AlreadyExists", "%s: every server has a database %q", o, name)
	}
	return nil
}

// postgresAdminCreated: https://learn.microsoft.com/azure/postgresql/security/security-manage-entra-users
func postgresAdminCreated(t *cloud.Tx, o *cloud.Object) error {
	server := t.Lookup([]string{postgresType}, []string{"serverName"}, o.Str("serverName"))
	if server.Str("authConfig.activeDirectoryAuth") != "Enabled" {
		return cloud.Refuse("InvalidParameterValue", "%s: Entra ID is disabled for %s", o, server)
	}
	who := t.Lookup([]string{identityType}, []string{"principalId"}, o.Str("objectId"))
	if name := who.Str("resourceName"); name != o.Str("principalName") {
		return cloud.Refuse("InvalidParameterValue", "%s: the principal is called %q, not %q", o, name, o.Str("principalName"))
	}
	if o.Str("principalType") != "ServicePrincipal" {
		return cloud.Refuse("InvalidParameterValue", "%s: an identity is a ServicePrincipal, not a %s", o, o.Str("principalType"))
	}
	return nil
}

// postgresParams are the parameters that are known, and the values that each takes: texts, or from and to
// (https://learn.microsoft.com/azure/postgresql/parameters/parameters-pgbouncer,
// https://learn.microsoft.com/azure/postgresql/parameters/parameters-connections-authentication-ssl).
var postgresParams = map[string]struct {
	texts    []string
	from, to int
}{
	"pgbouncer.default_pool_size": {from: 1, to: 4950},
	"pgbouncer.enabled":           {texts: []string{"true", "false"}},
	"pgbouncer.max_client_conn":   {from: 1, to: 50000},
	"require_secure_transport":    {texts: []string{"on", "off"}},
}

func postgresParamFits(t *cloud.Tx, o *cloud.Object) error {
	name, value := o.Str("configurationName"), o.Str("value")
	takes, known := postgresParams[name]
	if !known {
		return cloud.Refuse("ConfigurationNotExists", "%s: the simulated cloud knows the parameters %v: add it in tests/cloud/azure/dbforpostgresql.go",
			o, slices.Sorted(maps.Keys(postgresParams)))
	}
	if takes.texts != nil && !slices.Contains(takes.texts, value) {
		return cloud.Refuse("InvalidParameterValue", "%s: %q: allowed are %v", o, value, takes.texts)
	}
	if n, err := strconv.Atoi(value); takes.texts == nil && (err != nil || n < takes.from || n > takes.to) {
		return cloud.Refuse("InvalidParameterValue", "%s: %q: %d to %d is allowed", o, value, takes.from, takes.to)
	}
	if !strings.HasPrefix(name, "pgbouncer.") {
		return nil
	}
	server := t.Lookup([]string{postgresType}, []string{"serverName"}, o.Str("serverName"))
	if server.Str("sku.tier") == "Burstable" {
		return cloud.Refuse("ConfigurationNotExists", "%s: a Burstable server has no PgBouncer", o)
	}
	if name != "pgbouncer.enabled" && postgresParameter(t, server, "pgbouncer.enabled") != "true" {
		return cloud.Refuse("ConfigurationNotExists", "%s: it is there only once pgbouncer.enabled is true", o)
	}
	return nil
}

// postgresParameter is what a parameter of a server was set to; the empty text if it was not.
func postgresParameter(t *cloud.Tx, server *cloud.Object, name string) string {
	if p := t.Get(postgresParamType, server.ID+"/configurations/"+name); p != nil {
		return p.Str("value")
	}
	return ""
}
