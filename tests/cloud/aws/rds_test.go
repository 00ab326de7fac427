package aws_test

import (
	"maps"
	"strings"
	"testing"

	"platform/tests/cloud"
)

// databaseWorld has what a server is placed in.
type databaseWorld struct {
	*world
	subnets       []any
	group         *cloud.Object
	subnetGroup   *cloud.Object
	parameters    *cloud.Object
	serverDefault map[string]any
}

func newDatabaseWorld(t *testing.T) *databaseWorld {
	t.Helper()
	w := &databaseWorld{world: newWorld(t)}
	vpc := w.Have("aws:ec2/vpc:Vpc", map[string]any{"cidrBlock": "10.0.0.0/16"})
	for zone, block := range map[string]string{"eu-central-1a": "10.0.0.0/24", "eu-central-1b": "10.0.1.0/24"} {
		w.subnets = append(w.subnets, w.Have("aws:ec2/subnet:Subnet", map[string]any{
			"vpcId": vpc.ID, "cidrBlock": block, "availabilityZone": zone,
		}).ID)
	}
	w.group = w.Have("aws:ec2/securityGroup:SecurityGroup", map[string]any{"vpcId": vpc.ID})
	w.subnetGroup = w.Have("aws:rds/subnetGroup:SubnetGroup", map[string]any{"name": "data", "subnetIds": w.subnets})
	w.parameters = w.Have("aws:rds/parameterGroup:ParameterGroup", map[string]any{"name": "pg16", "family": "postgres16"})
	w.serverDefault = map[string]any{
		"identifier": "payments", "engine": "postgres", "engineVersion": "16", "instanceClass": "db.t4g.medium",
		"allocatedStorage": 20.0, "storageType": "gp3", "username": "platform", "manageMasterUserPassword": true,
		"dbSubnetGroupName": "data", "parameterGroupName": "pg16", "vpcSecurityGroupIds": []any{w.group.ID}, "skipFinalSnapshot": true,
	}
	return w
}

const server = "aws:rds/instance:Instance"

// server makes a server that differs from the default in some inputs.
func (w *databaseWorld) server(changes map[string]any) (*cloud.Object, error) {
	inputs := maps.Clone(w.serverDefault)
	maps.Copy(inputs, changes)
	return w.Create(server, inputs)
}

func (w *databaseWorld) haveServer(changes map[string]any) *cloud.Object {
	w.T.Helper()
	o, err := w.server(changes)
	if err != nil {
		w.T.Fatal(err)
	}
	return o
}

func TestAServerIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		changes map[string]any
		want    string
	}{
		"of a version that is not there":           {map[string]any{"engineVersion": "16.99"}, "cannot find version 16.99"},
		"with parameters of another version":       {map[string]any{"engineVersion": "17"}, "family postgres16 cannot be used"},
		"of a class that is not there":             {map[string]any{"instanceClass": "db.t9.medium"}, "instanceClass"},
		"with too little storage":                  {map[string]any{"allocatedStorage": 10.0}, "at least 20 is allowed"},
		"with throughput of gp3 below its size":    {map[string]any{"storageThroughput": 500.0}, "below 400 GiB"},
		"with a key but without encryption":        {map[string]any{"performanceInsightsRetentionPeriod": 7.0}, "without performanceInsightsEnabled"},
		"with a reserved user":                     {map[string]any{"username": "admin"}, "reserved word"},
		"with a password that is managed as well":  {map[string]any{"password": "longenough"}, "at most one of"},
		"with a subnet group that is not there":    {map[string]any{"dbSubnetGroupName": "nowhere"}, `"nowhere" does not exist`},
		"with a final snapshot of an invalid name": {map[string]any{"finalSnapshotIdentifier": "a--b"}, "finalSnapshotIdentifier"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newDatabaseWorld(t)
			if _, err := w.server(c.changes); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error is %v, want one that says %q", err, c.want)
			}
			if n := len(w.All("ec2:network-interface")); n != 0 {
				t.Errorf("%d interfaces were made", n)
			}
		})
	}
}

func TestAServerHoldsWhatItIsPlacedInUntilItIsGone(t *testing.T) {
	w := newDatabaseWorld(t)
	o := w.haveServer(map[string]any{"multiAz": true})
	if n := len(w.All("ec2:network-interface")); n != 2 {
		t.Errorf("%d interfaces, want one in each of two zones", n)
	}
	for _, held := range []*cloud.Object{w.group, w.subnetGroup, w.parameters} {
		if err := w.Remove(held); !cloud.Refused(err, "DependencyViolation") {
			t.Errorf("deleting %s: %v", held, err)
		}
	}
	if err := w.Remove(o); err != nil {
		t.Fatal(err)
	}
	for _, typ := range []string{"ec2:network-interface", "secretsmanager:secret"} {
		if left := w.All(typ); len(left) != 0 {
			t.Errorf("left: %v", left)
		}
	}
	for _, held := range []*cloud.Object{w.group, w.subnetGroup, w.parameters} {
		if err := w.Remove(held); err != nil {
			t.Errorf("deleting %s afterwards: %v", held, err)
		}
	}
}

func TestTheManagedPasswordIsNowhereButInItsSecret(t *testing.T) {
	w := newDatabaseWorld(t)
	o := w.haveServer(nil)
	secrets := w.All("secretsmanager:secret")
	if len(secrets) != 1 || secrets[0].ID != o.Str("masterUserSecrets.0.secretArn") || secrets[0].Owner != o.Key() {
		t.Errorf("secrets are %v, the server tells %v", secrets, o.Outputs["masterUserSecrets"])
	}
	if _, told := o.Outputs["password"]; told {
		t.Error("the server tells a password")
	}
}

func TestAFinalSnapshotIsKeptAndItsNameIsTaken(t *testing.T) {
	w := newDatabaseWorld(t)
	final := map[string]any{"skipFinalSnapshot": false, "finalSnapshotIdentifier": "payments-final"}
	if err := w.Remove(w.haveServer(map[string]any{"identifier": "unnamed", "skipFinalSnapshot": false})); err == nil ||
		!strings.Contains(err.Error(), "final_snapshot_identifier is required") {
		t.Errorf("deleting without a name for the snapshot: %v", err)
	}
	if err := w.Remove(w.haveServer(final)); err != nil {
		t.Fatal(err)
	}
	if err := w.Store.View(func(tx *cloud.Tx) error {
		if tx.Kept("rds:snapshot", "payments-final") == nil {
			t.Error("no snapshot is kept")
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(w.haveServer(final)); !cloud.Refused(err, "DBSnapshotAlreadyExists") {
		t.Errorf("deleting with a name that is taken: %v", err)
	}
}

func TestAProtectedServerIsNotDeleted(t *testing.T) {
	w := newDatabaseWorld(t)
	o := w.haveServer(map[string]any{"deletionProtection": true})
	if err := w.Remove(o); err == nil || !strings.Contains(err.Error(), "protected") {
		t.Errorf("error is %v", err)
	}
	if err := w.Update(o, map[string]any{"deletionProtection": false}); err != nil {
		t.Fatal(err)
	}
	if err := w.Remove(o); err != nil {
		t.Errorf("without protection: %v", err)
	}
}

func TestAServerGrowsAndGoesForwardOnly(t *testing.T) {
	w := newDatabaseWorld(t)
	w.Have("aws:rds/parameterGroup:ParameterGroup", map[string]any{"name": "pg17", "family": "postgres17"})
	o := w.haveServer(nil)
	if err := w.Update(o, map[string]any{"allocatedStorage": 40.0}); err != nil {
		t.Fatal(err)
	}
	for want, changes := range map[string]map[string]any{
		"storage cannot shrink":             {"allocatedStorage": 20.0},
		"AllowMajorVersionUpgrade":          {"engineVersion": "17", "parameterGroupName": "pg17"},
		"family postgres16 cannot be used ": {"engineVersion": "17", "allowMajorVersionUpgrade": true},
	} {
		if err := w.Update(o, changes); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error is %v, want one that says %q", changes, err, want)
		}
	}
	if err := w.Update(o, map[string]any{"engineVersion": "17", "parameterGroupName": "pg17", "allowMajorVersionUpgrade": true}); err != nil {
		t.Errorf("going to 17: %v", err)
	}
	if err := w.Update(o, map[string]any{"engineVersion": "16", "parameterGroupName": "pg16", "allowMajorVersionUpgrade": true}); err == nil {
		t.Error("it went back to 16")
	}
}

func TestLogGroupsThatAreNotThereAreMadeForEver(t *testing.T) {
	w := newDatabaseWorld(t)
	w.Have("aws:cloudwatch/logGroup:LogGroup", map[string]any{"name": "/aws/rds/instance/payments/upgrade"})
	o := w.haveServer(map[string]any{"enabledCloudwatchLogsExports": []any{"postgresql", "upgrade"}})
	if err := w.Remove(o); err != nil {
		t.Fatal(err)
	}
	left := w.All("logs:log-group")
	if len(left) != 1 || left[0].ID != "/aws/rds/instance/payments/postgresql" {
		t.Errorf("left: %v", left)
	}
}

func TestASubnetGroupNeedsTwoZones(t *testing.T) {
	w := newDatabaseWorld(t)
	_, err := w.Create("aws:rds/subnetGroup:SubnetGroup", map[string]any{"name": "one", "subnetIds": w.subnets[:1]})
	if !cloud.Refused(err, "DBSubnetGroupDoesNotCoverEnoughAZs") {
		t.Errorf("error is %v", err)
	}
}

func TestAProxyIsTrustedServesItsEngineAndLingers(t *testing.T) {
	w := newDatabaseWorld(t)
	o := w.haveServer(nil)
	proxy := func(role *cloud.Object) map[string]any {
		return map[string]any{
			"name": "payments", "engineFamily": "POSTGRESQL", "roleArn": role.Str("arn"), "vpcSubnetIds": w.subnets, "vpcSecurityGroupIds": []any{w.group.ID},
			"auths": []any{map[string]any{"authScheme": "SECRETS", "secretArn": o.Str("masterUserSecrets.0.secretArn")}},
		}
	}
	if _, err := w.Create("aws:rds/proxy:Proxy", proxy(w.role("others", "ec2.amazonaws.com"))); err == nil || !strings.Contains(err.Error(), "not authorized to assume") {
		t.Errorf("with a role of another service: %v", err)
	}
	p := w.Have("aws:rds/proxy:Proxy", proxy(w.role("proxies", "rds.amazonaws.com")))
	w.Have("aws:rds/proxyTarget:ProxyTarget", map[string]any{"dbProxyName": p.ID, "targetGroupName": "default", "dbInstanceIdentifier": "payments"})
	if n := len(w.All("ec2:network-interface")); n != 3 {
		t.Errorf("%d interfaces, want one of the server and two of the proxy", n)
	}
	if err := w.Remove(p); err != nil {
		t.Fatal(err)
	}
	if left := w.All("aws:rds/proxyTarget:ProxyTarget"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if err := w.Remove(o); err != nil {
		t.Fatal(err)
	}
	// The proxy's interfaces are on their way out, and the delete of their group waits for them.
	if err := w.Remove(w.group); err != nil {
		t.Error(err)
	}
	if left := w.All("ec2:network-interface"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
}
