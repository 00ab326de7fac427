package aws

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"platform/tests/cloud"
)

const (
	serverType      = "aws:rds/instance:Instance"
	subnetGroupType = "aws:rds/subnetGroup:SubnetGroup"
	proxyType       = "aws:rds/proxy:Proxy"
	targetType      = "aws:rds/proxyTarget:ProxyTarget"

	snapshotType     = "rds:snapshot"
	hiddenSecretType = "secretsmanager:secret"
	hiddenLogType    = "logs:log-group"
)

var rdsHooks = map[string]cloud.Hook{
	serverType: {Created: instanceCreated, Updated: instanceUpdated, Deleted: instanceDeleted},
	subnetGroupType: {
		Created: subnetGroupFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return subnetGroupFits(t, o) },
	},
	proxyType:  {Created: proxyCreated, Updated: proxyUpdated, Deleted: proxyDeleted},
	targetType: {Created: targetCreated},
}

// What servers take longer for, in modelled time; the documentation names no numbers but the twenty
// minutes that a creation may take.
const (
	standbyTime  = 4 * time.Minute // a standby is made from a snapshot of the first server
	snapshotTime = 3 * time.Minute
	moveTime     = 8 * time.Minute // another class, version or number of zones
)

// postgresMinors are the newest minor versions of each major
// (https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-versions.html).
var postgresMinors = map[string]int{"13": 21, "14": 18, "15": 13, "16": 9, "17": 5}

// reservedUsers are names that an administrator may not have
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html).
var reservedUsers = []string{"admin", "postgres_admin", "public", "rdsadmin", "rdsrepladmin", "rds_superuser", "user"}

func instanceCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := instanceFits(t, o); err != nil {
		return err
	}
	if err := placeInstance(t, o); err != nil {
		return err
	}
	if o.Bool("multiAz") {
		t.Delay(standbyTime)
	}
	administratorSecret(t, o)
	return exportLogs(t, o)
}

func instanceUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := instanceFits(t, o); err != nil {
		return err
	}
	if o.Num("allocatedStorage") < old.Num("allocatedStorage") {
		return cloud.Refuse("InvalidParameterCombination", "%s: storage cannot shrink from %v to %v GiB",
			o, old.Num("allocatedStorage"), o.Num("allocatedStorage"))
	}
	before, after := major(old.Str("engineVersionActual")), major(o.Str("engineVersionActual"))
	if before > after {
		return cloud.Refuse("InvalidParameterCombination", "%s: cannot go back from version %d to %d", o, before, after)
	}
	if before < after && !o.Bool("allowMajorVersionUpgrade") {
		return cloud.Refuse("InvalidParameterCombination", "%s: the AllowMajorVersionUpgrade flag must be present when upgrading from %d to %d", o, before, after)
	}
	for _, place := range []string{"dbSubnetGroupName", "multiAz", "vpcSecurityGroupIds"} {
		if !reflect.DeepEqual(old.Value(place), o.Value(place)) {
			if err := placeInstance(t, o); err != nil {
				return err
			}
			break
		}
	}
	for _, moves := range []string{"instanceClass", "engineVersion", "multiAz"} {
		if old.Value(moves) != o.Value(moves) {
			t.Delay(moveTime)
		}
	}
	administratorSecret(t, o)
	return exportLogs(t, o)
}

// instanceFits checks what properties say together.
func instanceFits(t *cloud.Tx, o *cloud.Object) error {
	version := cmp.Or(o.Str("engineVersion"), "16")
	name, minor, exact := strings.Cut(version, ".")
	newest, known := postgresMinors[name]
	if n, err := strconv.Atoi(minor); !known || exact && (err != nil || n > newest) {
		return cloud.Refuse("InvalidParameterCombination", "cannot find version %s for postgres", version)
	}
	if !exact {
		version = fmt.Sprintf("%s.%d", name, newest)
	}
	o.Outputs["engineVersionActual"] = version

	if group := t.Get("aws:rds/parameterGroup:ParameterGroup", o.Str("parameterGroupName")); group != nil && group.Str("family") != "postgres"+name {
		return cloud.Refuse("InvalidParameterCombination", "the parameter group %s with family %s cannot be used for this instance: use one of family postgres%s",
			group.ID, group.Str("family"), name)
	}
	return cmp.Or(storageFits(o), accessFits(o))
}

// storageFits: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html
func storageFits(o *cloud.Object) error {
	kind, size := o.Str("storageType"), o.Num("allocatedStorage")
	least := map[string]float64{"standard": 5, "gp2": 20, "gp3": 20, "io1": 100, "io2": 100}[kind]
	if size < least {
		return cloud.Refuse("InvalidParameterCombination", "invalid storage size for engine postgres and storage type %s: %v; at least %v is allowed", kind, size, least)
	}
	given := o.Inputs["iops"] != nil || o.Inputs["storageThroughput"] != nil
	switch {
	case kind == "gp3" && given && size < 400:
		return cloud.Refuse("InvalidParameterCombination", "iops and storageThroughput of gp3 cannot be set below 400 GiB")
	case (kind == "io1" || kind == "io2") && o.Inputs["iops"] == nil:
		return cloud.Refuse("InvalidParameterCombination", "iops must be set for storage type %s", kind)
	case kind != "gp3" && kind != "io1" && kind != "io2" && given:
		return cloud.Refuse("InvalidParameterCombination", "iops and storageThroughput are not for storage type %s", kind)
	case kind == "gp3" && !given:
		o.Outputs["iops"], o.Outputs["storageThroughput"] = 3000.0, 125.0
	}
	return nil
}

func accessFits(o *cloud.Object) error {
	for property, needs := range map[string]string{
		"kmsKeyId": "storageEncrypted", "performanceInsightsKmsKeyId": "performanceInsightsEnabled",
		"performanceInsightsRetentionPeriod": "performanceInsightsEnabled", "masterUserSecretKmsKeyId": "manageMasterUserPassword",
	} {
		if o.Inputs[property] != nil && !o.Bool(needs) {
			return cloud.Refuse("InvalidParameterCombination", "%s: %s cannot be set without %s", o, property, needs)
		}
	}
	if name := strings.ToLower(o.Str("username")); slices.Contains(reservedUsers, name) || strings.HasPrefix(name, "pg_") {
		return cloud.Refuse("InvalidParameterValue", "MasterUsername %s cannot be used as it is a reserved word used by the engine", name)
	}
	if o.Num("monitoringInterval") > 0 && o.Str("monitoringRoleArn") == "" {
		return cloud.Refuse("InvalidParameterCombination", "a MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0")
	}
	return nil
}

func major(version string) int {
	name, _, _ := strings.Cut(version, ".")
	n, err := strconv.Atoi(name)
	if err != nil {
		return 0
	}
	return n
}

// placeInstance gives a server its network interfaces: one, and one in a second zone for a standby.
// They hold subnets and security groups for as long as the server lives.
func placeInstance(t *cloud.Tx, o *cloud.Object) error {
	group := t.Get(subnetGroupType, o.Str("dbSubnetGroupName"))
	if group == nil {
		return nil // in the account's default network, of which the simulated cloud knows nothing
	}
	if err := sameNetwork(t, o, group.Str("vpcId"), o.List("vpcSecurityGroupIds")); err != nil {
		return err
	}
	for _, owned := range t.Owned(o.Key()) {
		if owned.Type == interfaceType {
			t.Remove(owned.Key())
		}
	}
	zones := map[string]bool{}
	subnets := group.List("subnetIds")
	slices.SortFunc(subnets, func(a, b string) int {
		return cmp.Compare(t.Get(subnetType, a).Str("availabilityZone"), t.Get(subnetType, b).Str("availabilityZone"))
	})
	for _, id := range subnets {
		zone := t.Get(subnetType, id).Str("availabilityZone")
		if wanted := o.Inputs["availabilityZone"]; zones[zone] || wanted != nil && wanted != zone && len(zones) == 0 {
			continue
		}
		zones[zone] = true
		mintInterface(t, o, "", id, o.List("vpcSecurityGroupIds"), "rds", false)
		if len(zones) == 1 {
			o.Outputs["availabilityZone"] = zone
		}
		if len(zones) == 2 || !o.Bool("multiAz") {
			break
		}
	}
	return nil
}

// sameNetwork refuses security groups of another network.
func sameNetwork(t *cloud.Tx, o *cloud.Object, vpc string, groups []string) error {
	for _, id := range groups {
		group := t.Lookup([]string{"aws:ec2/securityGroup:SecurityGroup", groupType}, []string{"id"}, id)
		if group != nil && group.Str("vpcId") != vpc {
			return cloud.Refuse("InvalidParameterCombination", "%s: security group %s is in %s, its subnets are in %s", o, id, group.Str("vpcId"), vpc)
		}
	}
	return nil
}

// administratorSecret makes or removes the secret of a password that RDS manages
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html).
func administratorSecret(t *cloud.Tx, o *cloud.Object) {
	var secret *cloud.Object
	for _, owned := range t.Owned(o.Key()) {
		if owned.Type == hiddenSecretType {
			secret = owned
		}
	}
	if !o.Bool("manageMasterUserPassword") {
		if secret != nil {
			t.Remove(secret.Key())
		}
		o.Outputs["masterUserSecrets"] = []any{}
		return
	}
	key := cmp.Or(o.Str("masterUserSecretKmsKeyId"), "alias/aws/secretsmanager")
	arn := o.Str("masterUserSecrets.0.secretArn")
	if arn == "" { // the password was not managed until now
		arn = fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:rds!%s-%s", o.Region, o.Account, o.ID, t.Random(6))
	}
	if secret == nil {
		t.Mint(cloud.Object{
			Type: hiddenSecretType, ID: arn, Hidden: true, Owner: o.Key(), Tags: map[string]string{
				"aws:rds:primaryDBInstanceArn": o.Str("arn"), "aws:secretsmanager:owningService": "rds",
			},
			Props: map[string]any{"kmsKeyId": key},
		})
	}
	o.Outputs["masterUserSecrets"] = []any{map[string]any{"secretArn": arn, "secretStatus": "active", "kmsKeyId": key}}
}

// exportLogs makes the log groups that are not there; those never expire, and nothing removes them
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html).
func exportLogs(t *cloud.Tx, o *cloud.Object) error {
	for _, log := range o.List("enabledCloudwatchLogsExports") {
		name := "/aws/rds/instance/" + o.Str("identifier") + "/" + log
		if t.Get("aws:cloudwatch/logGroup:LogGroup", name) == nil && t.Get(hiddenLogType, name) == nil {
			t.Mint(cloud.Object{Type: hiddenLogType, ID: name, Hidden: true, Owner: o.Key(), Props: map[string]any{"retentionInDays": 0}})
		}
	}
	return nil
}

// instanceDeleted leaves a final snapshot and takes what RDS had made for the server
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html).
func instanceDeleted(t *cloud.Tx, o *cloud.Object) error {
	if !o.Bool("skipFinalSnapshot") {
		name := o.Str("finalSnapshotIdentifier")
		if name == "" {
			return cloud.Refuse("InvalidParameterCombination", "%s: final_snapshot_identifier is required when skip_final_snapshot is false", o)
		}
		if t.Get(snapshotType, name) != nil || t.Kept(snapshotType, name) != nil {
			return cloud.Refuse("DBSnapshotAlreadyExists", "cannot create the snapshot because a snapshot with the identifier %s already exists", name)
		}
		snapshot := cloud.Object{
			Type: snapshotType, ID: name, Hidden: true, Owner: o.Key(), Retained: "available",
			Props: map[string]any{"dbInstanceIdentifier": o.Str("identifier"), "kmsKeyId": o.Str("kmsKeyId")},
		}
		if o.Bool("copyTagsToSnapshot") {
			snapshot.Tags = o.Tags
		}
		t.Mint(snapshot)
		t.Delay(snapshotTime)
	}
	for _, owned := range t.Owned(o.Key()) {
		if owned.Type != hiddenLogType {
			t.Remove(owned.Key())
		}
	}
	for _, target := range t.Find(targetType, func(p *cloud.Object) bool { return p.Str("dbInstanceIdentifier") == o.Str("identifier") }) {
		t.Remove(target.Key())
	}
	return nil
}

// subnetGroupFits: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
func subnetGroupFits(t *cloud.Tx, o *cloud.Object) error {
	return twoZones(t, "DBSubnetGroupDoesNotCoverEnoughAZs", o, o.List("subnetIds"))
}

// twoZones refuses subnets of one zone only, or of several networks.
func twoZones(t *cloud.Tx, code string, o *cloud.Object, subnets []string) error {
	zones, networks := map[string]bool{}, map[string]bool{}
	for _, id := range subnets {
		subnet := t.Get(subnetType, id)
		zones[subnet.Str("availabilityZone")], networks[subnet.Str("vpcId")] = true, true
	}
	if len(networks) > 1 {
		return cloud.Refuse("InvalidSubnet", "%s: the subnets are in %d networks", o, len(networks))
	}
	if len(zones) < 2 {
		return cloud.Refuse(code, "%s: its subnets cover %d zone(s), at least 2 are needed", o, len(zones))
	}
	return nil
}

// proxyLinger is how long a proxy's interfaces stay after its delete has been answered, in modelled
// time: they are removed in the background and keep their security group until then.
const proxyLinger = 2 * time.Minute

// proxyCreated: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-network-prereqs.html
func proxyCreated(t *cloud.Tx, o *cloud.Object) error {
	if err := twoZones(t, "InvalidSubnet", o, o.List("vpcSubnetIds")); err != nil {
		return err
	}
	if err := proxyTrusted(t, o); err != nil {
		return err
	}
	return placeProxy(t, o)
}

func proxyUpdated(t *cloud.Tx, old, o *cloud.Object) error {
	if err := proxyTrusted(t, o); err != nil {
		return err
	}
	if reflect.DeepEqual(old.List("vpcSecurityGroupIds"), o.List("vpcSecurityGroupIds")) {
		return nil
	}
	if err := takesOwned(t, o); err != nil {
		return err
	}
	return placeProxy(t, o)
}

func placeProxy(t *cloud.Tx, o *cloud.Object) error {
	for i, id := range o.List("vpcSubnetIds") {
		if i == 0 {
			if err := sameNetwork(t, o, t.Get(subnetType, id).Str("vpcId"), o.List("vpcSecurityGroupIds")); err != nil {
				return err
			}
		}
		mintInterface(t, o, "", id, o.List("vpcSecurityGroupIds"), "rds_proxy", false)
	}
	return nil
}

// proxyTrusted refuses a role that RDS may not take on
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html).
func proxyTrusted(t *cloud.Tx, o *cloud.Object) error {
	role := t.Lookup([]string{"aws:iam/role:Role"}, []string{"arn"}, o.Str("roleArn"))
	if role == nil || !strings.Contains(role.Str("assumeRolePolicy"), `"rds.amazonaws.com"`) {
		return cloud.Refuse("InvalidParameterValue", "%s: RDS is not authorized to assume %s", o, o.Str("roleArn"))
	}
	return nil
}

func proxyDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, owned := range t.Owned(o.Key()) {
		t.Linger(owned.Key(), proxyLinger)
	}
	for _, typ := range []string{targetType, "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup"} {
		for _, part := range t.Find(typ, func(p *cloud.Object) bool { return p.Str("dbProxyName") == o.ID }) {
			t.Remove(part.Key())
		}
	}
	return nil
}

// targetCreated: a proxy serves servers of its own engine in its own network
// (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RegisterDBProxyTargets.html).
func targetCreated(t *cloud.Tx, o *cloud.Object) error {
	proxy := t.Get(proxyType, o.Str("dbProxyName"))
	instance := t.Lookup([]string{serverType}, []string{"identifier"}, o.Str("dbInstanceIdentifier"))
	if family := map[string]string{"postgres": "POSTGRESQL"}[instance.Str("engine")]; proxy.Str("engineFamily") != family {
		return cloud.Refuse("DBProxyTargetIncompatible", "%s serves %s, %s is %s", proxy, proxy.Str("engineFamily"), instance, family)
	}
	if group := t.Get(subnetGroupType, instance.Str("dbSubnetGroupName")); group != nil {
		if vpc := t.Get(subnetType, proxy.List("vpcSubnetIds")[0]).Str("vpcId"); vpc != group.Str("vpcId") {
			return cloud.Refuse("InvalidVPCNetworkState", "%s is in %s, %s is in %s", proxy, vpc, instance, group.Str("vpcId"))
		}
	}
	return nil
}
