package aws

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/internal/record"
	"platform/components/network"
	"platform/components/tags"
)

// smallDatabase needs no pooler.
func smallDatabase() database.Args {
	subnet := func(zone string) network.Subnet {
		return network.Subnet{Zone: zone, ID: pulumi.String("subnet-" + zone).ToStringOutput()}
	}
	return database.Args{
		Service: "payments", Size: cluster.Small, Version: "16", StorageGiB: 50, BackupDays: 7,
		MultiZone: true, DeleteProtection: true, FinalSnapshot: true,
		MaxPods: 3, ConnectionsPerPod: 10, Tags: tags.Set{tags.Service: "payments"},
		ClientSecurityGroup: pulumi.String("sg-nodes").ToStringOutput(),
		Network: network.Outputs{
			ID:          pulumi.String("vpc-1").ToStringOutput(),
			DataSubnets: []network.Subnet{subnet("a"), subnet("b"), subnet("c")},
		},
	}
}

// recordDatabase also returns what the database told the rest of the program.
func recordDatabase(t *testing.T, args database.Args) (record.Resources, database.Outputs, map[string]string) {
	t.Helper()
	var outputs database.Outputs
	told := map[string]string{}
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		db, err := database.New(ctx, "payments", d, args)
		if err != nil {
			return err
		}
		outputs = db.Outputs
		pulumi.All(db.Outputs.Host, db.Outputs.ConnectID, db.Outputs.SecretID, db.Outputs.KeyID, db.Outputs.Proxy, db.Outputs.Name).ApplyT(
			func(values []any) int {
				for i, name := range []string{"host", "connect", "secret", "key", "proxy", "name"} {
					told[name], _ = values[i].(string)
				}
				return 0
			})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources, outputs, told
}

func texted(values ...string) resource.PropertyValue {
	list := make([]resource.PropertyValue, 0, len(values))
	for _, v := range values {
		list = append(list, resource.NewProperty(v))
	}
	return resource.NewProperty(list)
}

func TestServerIsEncryptedPrivateAndRestorable(t *testing.T) {
	resources, _, _ := recordDatabase(t, smallDatabase())
	want := resource.PropertyMap{
		"identifier":                         resource.NewProperty("dev-aws-payments"),
		"engine":                             resource.NewProperty("postgres"),
		"engineVersion":                      resource.NewProperty("16"),
		"allowMajorVersionUpgrade":           resource.NewProperty(true),
		"autoMinorVersionUpgrade":            resource.NewProperty(true),
		"applyImmediately":                   resource.NewProperty(true),
		"instanceClass":                      resource.NewProperty("db.t4g.medium"),
		"multiAz":                            resource.NewProperty(true),
		"allocatedStorage":                   resource.NewProperty(50.0),
		"storageType":                        resource.NewProperty("gp3"),
		"storageEncrypted":                   resource.NewProperty(true),
		"kmsKeyId":                           resource.NewProperty("arn:payments-key"),
		"dbName":                             resource.NewProperty("app"),
		"username":                           resource.NewProperty("platform"),
		"port":                               resource.NewProperty(5432.0),
		"manageMasterUserPassword":           resource.NewProperty(true),
		"masterUserSecretKmsKeyId":           resource.NewProperty("arn:payments-key"),
		"iamDatabaseAuthenticationEnabled":   resource.NewProperty(true),
		"publiclyAccessible":                 resource.NewProperty(false),
		"dbSubnetGroupName":                  resource.NewProperty("dev-aws-payments"),
		"parameterGroupName":                 resource.NewProperty("dev-aws-payments-postgres16"),
		"vpcSecurityGroupIds":                texted("id-payments-server-group"),
		"backupRetentionPeriod":              resource.NewProperty(7.0),
		"copyTagsToSnapshot":                 resource.NewProperty(true),
		"deletionProtection":                 resource.NewProperty(true),
		"skipFinalSnapshot":                  resource.NewProperty(false),
		"finalSnapshotIdentifier":            resource.NewProperty("dev-aws-payments-final-id-payments-key"),
		"enabledCloudwatchLogsExports":       texted("postgresql", "upgrade"),
		"performanceInsightsEnabled":         resource.NewProperty(true),
		"performanceInsightsKmsKeyId":        resource.NewProperty("arn:payments-key"),
		"performanceInsightsRetentionPeriod": resource.NewProperty(7.0),
		"tags": resource.NewProperty(resource.PropertyMap{
			"Name": resource.NewProperty("dev-aws-payments"), "service": resource.NewProperty("payments"),
		}),
	}
	if got := resources["aws:rds/instance:Instance payments-server"]; !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestServerAcceptsTLSOnly(t *testing.T) {
	resources, _, _ := recordDatabase(t, smallDatabase())
	got := resources["aws:rds/parameterGroup:ParameterGroup payments-parameters"]
	if got["family"].StringValue() != "postgres16" {
		t.Errorf("the family is %v", got["family"])
	}
	want := resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
		"name": resource.NewProperty("rds.force_ssl"), "value": resource.NewProperty("1"),
	})})
	// The SDK may add the default way to apply it.
	parameter := got["parameters"].ArrayValue()[0].ObjectValue()
	delete(parameter, "applyMethod")
	if !got["parameters"].DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got["parameters"], want)
	}
}

func TestWithoutFinalSnapshotThereIsNoNameForOne(t *testing.T) {
	args := smallDatabase()
	args.FinalSnapshot = false
	resources, _, _ := recordDatabase(t, args)
	got := resources["aws:rds/instance:Instance payments-server"]
	if _, named := got["finalSnapshotIdentifier"]; named || !got["skipFinalSnapshot"].BoolValue() {
		t.Errorf("skipFinalSnapshot is %v, finalSnapshotIdentifier %v", got["skipFinalSnapshot"], got["finalSnapshotIdentifier"])
	}
}

// ruleTexts are "<direction> <group> <peer>" of every rule, and the ports must be Postgres's.
func ruleTexts(t *testing.T, resources record.Resources) []string {
	t.Helper()
	var rules []string
	for name, r := range resources {
		if !strings.HasPrefix(name, "aws:ec2/securityGroupRule:") {
			continue
		}
		if r["fromPort"].NumberValue() != 5432 || r["toPort"].NumberValue() != 5432 || r["protocol"].StringValue() != "tcp" {
			t.Errorf("%s opens %v to %v of %v", name, r["fromPort"], r["toPort"], r["protocol"])
		}
		rules = append(rules, strings.Join([]string{
			r["type"].StringValue(), r["securityGroupId"].StringValue(), r["sourceSecurityGroupId"].StringValue(),
		}, " "))
	}
	return slices.Sorted(slices.Values(rules))
}

func TestDirectClientsReachTheServerAndNothingElseDoes(t *testing.T) {
	resources, outputs, told := recordDatabase(t, smallDatabase())
	if got, want := ruleTexts(t, resources), []string{"ingress id-payments-server-group sg-nodes"}; !slices.Equal(got, want) {
		t.Errorf("rules are %q, want %q", got, want)
	}
	want := map[string]string{
		"host": "server.example", "connect": "arn:aws:rds-db:eu-central-1:111122223333:dbuser:db-1/app",
		"secret": "arn:secret", "key": "arn:payments-key", "proxy": "", "name": "dev-aws-payments",
	}
	if !maps.Equal(told, want) || outputs.Pooled || outputs.User != "app" {
		t.Errorf("told %v (user %s, pooled %t), want %v", told, outputs.User, outputs.Pooled, want)
	}
	for name := range resources {
		if strings.Contains(name, "proxy") {
			t.Errorf("%s was registered without need", name)
		}
	}
}

func TestPooledClientsReachOnlyTheProxyAndOnlyItTheServer(t *testing.T) {
	args := smallDatabase()
	args.MaxPods, args.ConnectionsPerPod = 100, 10
	resources, outputs, told := recordDatabase(t, args)
	want := []string{
		"egress id-payments-proxy-group id-payments-server-group",
		"ingress id-payments-proxy-group sg-nodes",
		"ingress id-payments-server-group id-payments-proxy-group",
	}
	if got := ruleTexts(t, resources); !slices.Equal(got, want) {
		t.Errorf("rules are %q, want %q", got, want)
	}
	wantTold := map[string]string{
		"host": "proxy.example", "connect": "arn:aws:rds-db:eu-central-1:111122223333:dbuser:prx-1/platform",
		"secret": "arn:secret", "key": "arn:payments-key", "proxy": "dev-aws-payments", "name": "dev-aws-payments",
	}
	if !maps.Equal(told, wantTold) || !outputs.Pooled || outputs.User != "platform" {
		t.Errorf("told %v (user %s, pooled %t), want %v", told, outputs.User, outputs.Pooled, wantTold)
	}
}

func TestProxyDemandsTLSAndTokensAndReadsOneSecret(t *testing.T) {
	args := smallDatabase()
	args.MaxPods, args.ConnectionsPerPod = 100, 10
	resources, _, _ := recordDatabase(t, args)
	want := resource.PropertyMap{
		"name":         resource.NewProperty("dev-aws-payments"),
		"engineFamily": resource.NewProperty("POSTGRESQL"),
		"requireTls":   resource.NewProperty(true),
		"auths": resource.NewProperty([]resource.PropertyValue{resource.NewProperty(resource.PropertyMap{
			"authScheme": resource.NewProperty("SECRETS"), "iamAuth": resource.NewProperty("REQUIRED"),
			"secretArn": resource.NewProperty("arn:secret"),
		})}),
		"idleClientTimeout":   resource.NewProperty(1800.0),
		"roleArn":             resource.NewProperty("arn:payments-proxy-role"),
		"vpcSubnetIds":        texted("subnet-a", "subnet-b", "subnet-c"),
		"vpcSecurityGroupIds": texted("id-payments-proxy-group"),
		"tags": resource.NewProperty(resource.PropertyMap{
			"Name": resource.NewProperty("dev-aws-payments"), "service": resource.NewProperty("payments"),
		}),
	}
	if got := resources["aws:rds/proxy:Proxy payments-proxy"]; !got.DeepEquals(want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	record.SameDocument(t, resources["aws:iam/rolePolicy:RolePolicy payments-proxy-policy"]["policy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Sid":"Password","Effect":"Allow","Action":["secretsmanager:DescribeSecret","secretsmanager:GetSecretValue"],"Resource":["arn:secret"]},
		{"Sid":"PasswordKey","Effect":"Allow","Action":["kms:Decrypt"],"Resource":["arn:payments-key"],
		 "Condition":{"StringEquals":{"kms:ViaService":["secretsmanager.eu-central-1.amazonaws.com"]}}}]}`)
	record.SameDocument(t, resources["aws:iam/role:Role payments-proxy-role"]["assumeRolePolicy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":["rds.amazonaws.com"]},"Action":["sts:AssumeRole"],
		 "Condition":{"StringEquals":{"aws:SourceAccount":["111122223333"]}}}]}`)
	record.Exactly(t, resources, "aws:rds/proxyTarget:ProxyTarget payments-proxy-target", map[string]any{
		"dbProxyName": "dev-aws-payments", "targetGroupName": "default",
		"dbInstanceIdentifier": "dev-aws-payments",
	})
}

func TestLogGroupsOfTheServerExpireAndAreEncrypted(t *testing.T) {
	resources, _, _ := recordDatabase(t, smallDatabase())
	for _, log := range []string{"postgresql", "upgrade"} {
		got := resources["aws:cloudwatch/logGroup:LogGroup payments-log-"+log]
		if name := got["name"].StringValue(); name != "/aws/rds/instance/dev-aws-payments/"+log {
			t.Errorf("the log group is %s", name)
		}
		if got["retentionInDays"].NumberValue() != defaultLogDays || got["kmsKeyId"].StringValue() != "arn:payments-key" {
			t.Errorf("%s is kept for %v days with key %v", log, got["retentionInDays"], got["kmsKeyId"])
		}
	}
}

func TestConfigurationFaultsAndTooManyConnectionsComeAtOnce(t *testing.T) {
	args := smallDatabase()
	args.Version, args.MaxPods, args.ConnectionsPerPod = "9.6", 10000, 100
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := database.New(ctx, "payments", d, args)
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `version: value "9.6"`) || !strings.Contains(err.Error(), "no size would do") {
		t.Errorf("error is %v", err)
	}
	if len(resources) != 0 {
		t.Errorf("%d resources were registered", len(resources))
	}
}

func TestOnlyAProcessorThatBurstsSavesCredits(t *testing.T) {
	for size, want := range map[cluster.Size]int{cluster.Small: 576, cluster.Medium: 0, cluster.Large: 0} {
		args := smallDatabase()
		args.Size = size
		if _, outputs, _ := recordDatabase(t, args); outputs.BurstCredits != want {
			t.Errorf("%s saves %d credits, want %d", size, outputs.BurstCredits, want)
		}
	}
}
