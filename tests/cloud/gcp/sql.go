package gcp

import (
	"cmp"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"platform/tests/cloud"
)

const (
	rangeType = "gcp:compute/globalAddress:GlobalAddress"

	sqlAgent = "gcp-sa-cloud-sql"
)

var sqlHooks = map[string]cloud.Hook{
	serverType:      {Created: serverCreated, Updated: serverUpdated, Deleted: serverDeleted},
	sqlDatabaseType: {Created: contentCreated, Deleted: databaseDropped},
	sqlUserType:     {Created: sqlUserCreated, Deleted: sqlUserDropped},
}

// What servers take longer for, in modelled time; the documentation names no numbers.
const (
	sqlStandbyTime = 3 * time.Minute // a second disk in another zone
	sqlRestartTime = 5 * time.Minute // another machine, edition, version or number of zones
)

// mostServerName is for the project's id, a colon and the server's name
// (https://cloud.google.com/sql/docs/postgres/instance-settings).
const mostServerName = 98

func serverCreated(t *cloud.Tx, o *cloud.Object) error {
	if full := o.Str("project") + ":" + o.ID; len(full) > mostServerName {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: %q has %d characters, allowed are %d", o, full, len(full), mostServerName)
	}
	if err := serverFits(o); err != nil {
		return err
	}
	if err := keyServes(t, o, o.Str("encryptionKeyName"), serverRegion(o), sqlAgent); err != nil {
		return err
	}
	if err := placeServer(t, o); err != nil {
		return err
	}
	// The account that the server itself works as, apart from the service's: of the project's number and random text.
	o.Outputs["serviceAccountEmailAddress"] = fmt.Sprintf("p%s-%s@%s.iam.gserviceaccount.com", number(o.Account), t.Random(6), sqlAgent)
	if o.Str("settings.availabilityType") == "REGIONAL" {
		t.Delay(sqlStandbyTime)
	}
	// Both are in every server: https://cloud.google.com/sql/docs/postgres/users#default-users
	for _, typ := range []string{hiddenUserType, hiddenDatabaseType} {
		t.Mint(cloud.Object{Type: typ, Hidden: true, Owner: o.Key(), Props: map[string]any{"name": "postgres"}})
	}
	return nil
}

func serverUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := serverFits(o); err != nil {
		return err
	}
	if before, after := old.Num("settings.diskSize"), o.Num("settings.diskSize"); after < before {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: storage cannot shrink from %v to %v GB", o, before, after)
	}
	if before, after := postgresMajor(old), postgresMajor(o); after < before {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: cannot go back from version %d to %d", o, before, after)
	}
	const network = "settings.ipConfiguration.privateNetwork"
	if old.Str(network) != "" && o.Str(network) != old.Str(network) {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: its private network %s cannot be taken away or changed", o, old.Str(network))
	}
	for _, restarts := range []string{"databaseVersion", "settings.tier", "settings.edition", "settings.availabilityType"} {
		if old.Value(restarts) != o.Value(restarts) {
			t.Delay(sqlRestartTime)
		}
	}
	return nil
}

// serverDeleted refuses a protected server. What is in it goes with it.
func serverDeleted(t *cloud.Tx, o *cloud.Object) error {
	if o.Bool("settings.deletionProtectionEnabled") {
		return cloud.Refuse("FAILED_PRECONDITION", "%s: the instance is protected; please disable the deletion protection and try again", o)
	}
	for _, typ := range []string{sqlUserType, sqlDatabaseType} {
		for _, content := range t.Find(typ, func(c *cloud.Object) bool { return c.Str("instance") == o.ID }) {
			t.Remove(content.Key())
		}
	}
	for _, owned := range t.Owned(o.Key()) {
		t.Remove(owned.Key())
	}
	return nil
}

// serverFits checks what properties say together.
func serverFits(o *cloud.Object) error {
	edition := serverEdition(o)
	if err := tierFits(o, edition); err != nil {
		return err
	}
	if err := backupsFit(o, edition); err != nil {
		return err
	}
	if !o.Bool("settings.ipConfiguration.ipv4Enabled") && o.Value("settings.ipConfiguration") != nil &&
		o.Str("settings.ipConfiguration.privateNetwork") == "" {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: at least one of ipv4Enabled and privateNetwork is needed", o)
	}
	return flagsFit(o)
}

// serverEdition is Enterprise Plus for version 16 and later unless it is set
// (https://cloud.google.com/sql/docs/postgres/editions-intro).
func serverEdition(o *cloud.Object) string {
	unset := "ENTERPRISE"
	if postgresMajor(o) >= 16 {
		unset = "ENTERPRISE_PLUS"
	}
	return cmp.Or(o.Str("settings.edition"), unset)
}

func postgresMajor(o *cloud.Object) int {
	n, err := strconv.Atoi(strings.TrimPrefix(o.Str("databaseVersion"), "POSTGRES_"))
	if err != nil {
		return 0
	}
	return n
}

var (
	customTier = regexp.MustCompile(`^db-custom-([0-9]+)-([0-9]+)$`)
	// plusTiers are the N2 machines (https://cloud.google.com/sql/docs/postgres/machine-series-overview).
	plusTiers = []string{
		"db-perf-optimized-N-2", "db-perf-optimized-N-4", "db-perf-optimized-N-8", "db-perf-optimized-N-16", "db-perf-optimized-N-32",
		"db-perf-optimized-N-48", "db-perf-optimized-N-64", "db-perf-optimized-N-80", "db-perf-optimized-N-96", "db-perf-optimized-N-128",
	}
)

// tierFits: a machine of the Enterprise edition has one processor or an even number up to 96, and for each of them
// 0.9 to 6.5 GB, in steps of 256 MB and 3.75 GB at least (https://cloud.google.com/sql/docs/postgres/instance-settings).
func tierFits(o *cloud.Object, edition string) error {
	tier := o.Str("settings.tier")
	invalid := cloud.Refuse("INVALID_ARGUMENT", "%s: invalid tier (%s) for (%s) edition", o, tier, edition)
	if edition == "ENTERPRISE_PLUS" {
		if !slices.Contains(plusTiers, tier) {
			return invalid
		}
		return nil
	}
	if tier == "db-f1-micro" || tier == "db-g1-small" {
		return nil
	}
	parts := customTier.FindStringSubmatch(tier)
	if parts == nil {
		return invalid
	}
	processors, err := strconv.Atoi(parts[1])
	if err != nil {
		return err
	}
	memory, err := strconv.Atoi(parts[2])
	if err != nil {
		return err
	}
	if processors != 1 && (processors%2 != 0 || processors < 2 || processors > 96) ||
		memory%256 != 0 || memory < 3840 || memory*10 < processors*9*1024 || memory*10 > processors*65*1024 {
		return invalid
	}
	return nil
}

// mostLogDays by edition (https://cloud.google.com/sql/docs/postgres/backup-recovery/pitr#log-retention).
var mostLogDays = map[string]float64{"ENTERPRISE": 7, "ENTERPRISE_PLUS": 35}

func backupsFit(o *cloud.Object, edition string) error {
	const backups = "settings.backupConfiguration."
	recovery := o.Bool(backups + "pointInTimeRecoveryEnabled")
	switch {
	case recovery && !o.Bool(backups+"enabled"):
		return cloud.Refuse("INVALID_ARGUMENT", "%s: point-in-time recovery needs automated backups to be enabled", o)
	case o.Str("settings.availabilityType") == "REGIONAL" && !recovery:
		return cloud.Refuse("INVALID_ARGUMENT", "%s: a regional instance needs automated backups and point-in-time recovery", o)
	case o.Num(backups+"transactionLogRetentionDays") > mostLogDays[edition]:
		return cloud.Refuse("INVALID_ARGUMENT", "%s: transactionLogRetentionDays: %v; 1 to %v are allowed in the %s edition",
			o, o.Num(backups+"transactionLogRetentionDays"), mostLogDays[edition], edition)
	}
	if kept := o.Value(backups + "backupRetentionSettings.retainedBackups"); kept != nil &&
		o.Num(backups+"transactionLogRetentionDays") > o.Num(backups+"backupRetentionSettings.retainedBackups") {
		return cloud.Refuse("INVALID_ARGUMENT", "%s: logs of %v days need as many backups, and %v are retained", o,
			o.Num(backups+"transactionLogRetentionDays"), kept)
	}
	return nil
}

// knownFlags are those that the program sets (https://cloud.google.com/sql/docs/postgres/flags#list-flags-postgres).
var knownFlags = map[string]func(string) bool{
	"cloudsql.iam_authentication": func(v string) bool { return v == "on" || v == "off" },
	"max_connections": func(v string) bool {
		n, err := strconv.Atoi(v)
		return err == nil && n >= 14 && n <= 262143
	},
}

func flagsFit(o *cloud.Object) error {
	for name, value := range flagsOf(o) {
		allowed, known := knownFlags[name]
		if !known {
			return cloud.Refuse("INVALID_ARGUMENT", "%s: the flag %s is not known: add it in tests/cloud/gcp/sql.go", o, name)
		}
		if !allowed(value) {
			return cloud.Refuse("INVALID_ARGUMENT", "%s: the value %q is not allowed for the flag %s", o, value, name)
		}
	}
	return nil
}

func flagsOf(o *cloud.Object) map[string]string {
	flags := map[string]string{}
	list, _ := o.Value("settings.databaseFlags").([]any)
	for _, e := range list {
		if flag, ok := e.(map[string]any); ok {
			flags[fmt.Sprint(flag["name"])] = fmt.Sprint(flag["value"])
		}
	}
	return flags
}

func serverRegion(o *cloud.Object) string { return cmp.Or(o.Str("region"), o.Region) }

// placeServer gives a server its addresses. A private one comes out of a range that the network has set aside for
// services, through a connection that must be there and stays for as long as the server does
// (https://cloud.google.com/sql/docs/postgres/configure-private-services-access).
func placeServer(t *cloud.Tx, o *cloud.Object) error {
	addresses := []any{}
	add := func(kind, address string) {
		addresses = append(addresses, map[string]any{"ipAddress": address, "type": kind})
		o.Random = append(o.Random, address)
	}
	if o.Value("settings.ipConfiguration") == nil || o.Bool("settings.ipConfiguration.ipv4Enabled") {
		o.Outputs["publicIpAddress"] = randomAddress(t, netip.MustParsePrefix("34.0.0.0/10"))
		add("PRIMARY", o.Str("publicIpAddress"))
	}
	if network := o.Str("settings.ipConfiguration.privateNetwork"); network != "" {
		prefix, err := serviceRange(t, o, network)
		if err != nil {
			return err
		}
		o.Outputs["privateIpAddress"] = randomAddress(t, prefix)
		add("PRIVATE", o.Str("privateIpAddress"))
	}
	o.Outputs["ipAddresses"] = addresses
	o.Outputs["firstIpAddress"] = cmp.Or(o.Str("publicIpAddress"), o.Str("privateIpAddress"))
	return nil
}

// serviceRange is where the server's private address comes from.
func serviceRange(t *cloud.Tx, o *cloud.Object, network string) (netip.Prefix, error) {
	connections := t.Find(connectionType, func(c *cloud.Object) bool { return networkPath(c.Str("network")) == networkPath(network) })
	if len(connections) == 0 {
		return netip.Prefix{}, cloud.Refuse("INVALID_ARGUMENT", "%s: failed to create instance because the network doesn't have at least 1 "+
			"private services connection: %s", o, network)
	}
	connection := connections[0]
	names := connection.List("reservedPeeringRanges")
	name := cmp.Or(o.Str("settings.ipConfiguration.allocatedIpRange"), names[0])
	if !slices.Contains(names, name) {
		return netip.Prefix{}, cloud.Refuse("INVALID_ARGUMENT", "%s: the allocated IP range %q is none of the connection's: %v", o, name, names)
	}
	allocated := t.Lookup([]string{rangeType}, []string{"name"}, name)
	if allocated == nil {
		return netip.Prefix{}, cloud.Refuse("NOT_FOUND", "%s: the allocated IP range %q does not exist", o, name)
	}
	o.Holds = append(o.Holds, connection.Key())
	prefix, err := netip.ParsePrefix(fmt.Sprintf("%s/%v", allocated.Str("address"), allocated.Num("prefixLength")))
	if err != nil {
		return prefix, fmt.Errorf("%s: range %s: %w", o, name, err)
	}
	return prefix, nil
}

// networkPath is a network's name without the host of its link.
func networkPath(link string) string {
	if i := strings.Index(link, "projects/"); i >= 0 {
		return link[i:]
	}
	return link
}

// randomAddress is one of a range.
func randomAddress(t *cloud.Tx, prefix netip.Prefix) string {
	digits := t.Random(16)
	host, err := strconv.ParseUint(digits[:8], 16, 32)
	if err != nil {
		return ""
	}
	first := prefix.Masked().Addr().As4()
	base := uint32(first[0])<<24 | uint32(first[1])<<16 | uint32(first[2])<<8 | uint32(first[3])
	n := base | uint32(host)&^(^uint32(0)<<(32-prefix.Bits()))
	return netip.AddrFrom4([4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}).String()
}
