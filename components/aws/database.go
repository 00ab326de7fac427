package aws

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/rds"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/database"
	"platform/components/network"
)

const (
	// insightsDays is what Performance Insights keeps without a charge
	// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PerfInsights.Overview.cost.html).
	insightsDays = 7
)

// databaseLogs are the logs that RDS for PostgreSQL can export
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html).
var databaseLogs = []string{"postgresql", "upgrade"}

// CreateDatabase builds a service's RDS instance, and a proxy where the plan asks for one.
func (d *Driver) CreateDatabase(
	ctx *pulumi.Context, name string, args database.Args, parent pulumi.Resource,
) (database.Outputs, error) {
	pooled, err := args.Plan(d)
	if err != nil {
		return database.Outputs{}, err
	}
	key, err := d.key(ctx, name+"-key", "Database of service "+args.Service, args.Tags, d.databaseKeyStatements(args), parent)
	if err != nil {
		return database.Outputs{}, err
	}
	groups, err := d.databaseSecurityGroups(ctx, name, args, pooled, parent)
	if err != nil {
		return database.Outputs{}, err
	}
	instance, err := d.databaseInstance(ctx, name, args, key, groups.server, parent)
	if err != nil {
		return database.Outputs{}, err
	}
	size, err := databaseSizeOf(args.Size)
	if err != nil {
		return database.Outputs{}, err
	}
	secret := instance.MasterUserSecrets.Index(pulumi.Int(0)).SecretArn().Elem()
	outputs := database.Outputs{
		Name: instance.Identifier, Host: instance.Address, Port: instance.Port,
		User: database.User, ConnectID: d.connectID(instance.ResourceId, database.User),
		SecretID: secret, KeyID: key.Arn, Proxy: pulumi.String("").ToStringOutput(), BurstCredits: size.credits,
		// Servers and proxies change their addresses within the subnets when they fail over.
		Way: network.At([]int{database.Port}, args.Network.DataRanges...),
	}
	if !pooled {
		return outputs, nil
	}
	proxy, err := d.databaseProxy(ctx, name, args, proxyTarget{
		instance: instance.Identifier, secret: secret, key: key.Arn, group: groups.proxy,
	}, parent)
	if err != nil {
		return database.Outputs{}, fmt.Errorf("proxy: %w", err)
	}
	outputs.Pooled, outputs.Proxy, outputs.Host = true, proxy.Name, proxy.Endpoint
	// The proxy logs in only as whom it has the password of, which is the administrator.
	outputs.User = database.Administrator
	outputs.ConnectID = d.connectID(proxy.Arn.ApplyT(lastField).(pulumi.StringOutput), outputs.User)
	return outputs, nil
}

// databaseInstance registers the server and what it is placed in.
func (d *Driver) databaseInstance(
	ctx *pulumi.Context, name string, args database.Args, key *kms.Key, group pulumi.StringInput, parent pulumi.Resource,
) (*rds.Instance, error) {
	subnets, err := rds.NewSubnetGroup(ctx, name+"-subnets", d.subnetGroupArgs(args), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("subnet group: %w", err)
	}
	parameters, err := rds.NewParameterGroup(ctx, name+"-parameters", d.parameterGroupArgs(args), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("parameter group: %w", err)
	}
	// Before the server: it makes those that it lacks itself, and those never expire and outlive it.
	var logs []pulumi.Resource
	for _, log := range databaseLogs {
		group, err := cloudwatch.NewLogGroup(ctx, name+"-log-"+log, d.databaseLogArgs(args, log, key.Arn), pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("log group %s: %w", log, err)
		}
		logs = append(logs, group)
	}
	spec, err := d.instanceArgs(args)
	if err != nil {
		return nil, err
	}
	spec.DbSubnetGroupName = subnets.Name
	spec.ParameterGroupName = parameters.Name
	spec.VpcSecurityGroupIds = pulumi.StringArray{group}
	spec.KmsKeyId = key.Arn
	spec.MasterUserSecretKmsKeyId = key.Arn
	spec.PerformanceInsightsKmsKeyId = key.Arn
	if args.FinalSnapshot {
		spec.FinalSnapshotIdentifier = d.finalSnapshot(args, key.KeyId).ToStringPtrOutput()
	}
	instance, err := rds.NewInstance(ctx, name+"-server", spec, pulumi.Parent(parent), pulumi.DependsOn(logs))
	if err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	return instance, nil
}

// instanceArgs is all of the server that does not come from other resources.
func (d *Driver) instanceArgs(args database.Args) (*rds.InstanceArgs, error) {
	class, err := databaseClass(args.Size)
	if err != nil {
		return nil, err
	}
	name := d.physical(KindDatabase, args.Service)
	return &rds.InstanceArgs{
		Identifier:    pulumi.String(name),
		Engine:        pulumi.String("postgres"),
		EngineVersion: pulumi.String(args.Version),
		// A new major version is a change to the environment's file that was reviewed as such.
		AllowMajorVersionUpgrade: pulumi.Bool(true),
		AutoMinorVersionUpgrade:  pulumi.Bool(true),
		// What was reviewed and deployed is what runs: a change that waits for a maintenance window
		// would show as a difference at every run until then.
		ApplyImmediately: pulumi.Bool(true),
		InstanceClass:    pulumi.String(class),
		MultiAz:          pulumi.Bool(args.MultiZone),

		AllocatedStorage: pulumi.Int(args.StorageGiB),
		StorageType:      pulumi.String("gp3"),
		StorageEncrypted: pulumi.Bool(true),

		DbName:   pulumi.String(database.Name),
		Username: pulumi.String(database.Administrator),
		Port:     pulumi.Int(database.Port),
		// The password is made by RDS, so it is never in the program or its state.
		ManageMasterUserPassword:         pulumi.Bool(true),
		IamDatabaseAuthenticationEnabled: pulumi.Bool(true),
		PubliclyAccessible:               pulumi.Bool(false),

		BackupRetentionPeriod: pulumi.Int(args.BackupDays),
		CopyTagsToSnapshot:    pulumi.Bool(true),
		DeletionProtection:    pulumi.Bool(args.DeleteProtection),
		SkipFinalSnapshot:     pulumi.Bool(!args.FinalSnapshot),

		EnabledCloudwatchLogsExports:       pulumi.ToStringArray(databaseLogs),
		PerformanceInsightsEnabled:         pulumi.Bool(true),
		PerformanceInsightsRetentionPeriod: pulumi.Int(insightsDays),

		Tags: tagMap(args.Tags, name),
	}, nil
}

func (d *Driver) subnetGroupArgs(args database.Args) *rds.SubnetGroupArgs {
	name := d.physical(KindDatabaseGroup, args.Service)
	var subnets pulumi.StringArray
	for _, subnet := range args.Network.DataSubnets {
		subnets = append(subnets, subnet.ID)
	}
	return &rds.SubnetGroupArgs{
		Name: pulumi.String(name), Description: pulumi.String("Database of service " + args.Service),
		SubnetIds: subnets, Tags: tagMap(args.Tags, name),
	}
}

// parameterGroupArgs names the group after its family: a server that moves to a new major version
// needs the new group while the old one is still in use.
func (d *Driver) parameterGroupArgs(args database.Args) *rds.ParameterGroupArgs {
	family := "postgres" + args.Version
	name := d.physical(KindDatabaseGroup, args.Service, family)
	return &rds.ParameterGroupArgs{
		Name: pulumi.String(name), Description: pulumi.String("Database of service " + args.Service),
		Family: pulumi.String(family),
		Parameters: rds.ParameterGroupParameterArray{
			rds.ParameterGroupParameterArgs{Name: pulumi.String("rds.force_ssl"), Value: pulumi.String("1")},
		},
		Tags: tagMap(args.Tags, name),
	}
}

// databaseLogArgs has the name that RDS writes to, which no driver may choose
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html).
func (d *Driver) databaseLogArgs(args database.Args, log string, key pulumi.StringInput) *cloudwatch.LogGroupArgs {
	name := d.databaseLogGroup(args, log)
	return &cloudwatch.LogGroupArgs{
		Name: pulumi.String(name), RetentionInDays: pulumi.Int(d.logDays),
		KmsKeyId: key.ToStringOutput().ToStringPtrOutput(), Tags: tagMap(args.Tags, name),
	}
}

func (d *Driver) databaseLogGroup(args database.Args, log string) string {
	return "/aws/rds/instance/" + d.physical(KindDatabase, args.Service) + "/" + log
}

// databaseKeyStatements let CloudWatch Logs encrypt the server's logs and nothing else. RDS and Secrets
// Manager use the key through grants and permissions of who creates the server
// (https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html).
func (d *Driver) databaseKeyStatements(args database.Args) []statement {
	var logs []pulumi.StringInput
	for _, log := range databaseLogs {
		logs = append(logs, pulumi.String(fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s",
			d.s.Partition, d.s.Region, d.s.Account, d.databaseLogGroup(args, log))))
	}
	return []statement{{
		Sid: "Logs", Actions: []string{"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"},
		Resources:  texts("*"),
		Principals: map[string][]pulumi.StringInput{principalService: texts("logs." + d.s.Region + ".amazonaws.com")},
		Conditions: []condition{{Operator: "ArnEquals", Key: "kms:EncryptionContext:aws:logs:arn", Values: logs}},
	}}
}

// finalSnapshot names the snapshot after the server's key, which is new with every build: RDS refuses
// a delete whose snapshot has the name of an earlier one.
func (d *Driver) finalSnapshot(args database.Args, key pulumi.StringOutput) pulumi.StringOutput {
	return key.ApplyT(func(id string) string {
		return d.physical(KindSnapshot, args.Service, "final", id)
	}).(pulumi.StringOutput)
}

// connectID is what a permission to connect names: a user of one server or proxy
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html).
func (d *Driver) connectID(resource pulumi.StringOutput, user string) pulumi.StringOutput {
	return pulumi.Sprintf("arn:%s:rds-db:%s:%s:dbuser:%s/%s", d.s.Partition, d.s.Region, d.s.Account, resource, user)
}

// lastField is the resource's own part of an ARN.
func lastField(arn string) string { return arn[strings.LastIndex(arn, ":")+1:] }

var _ database.Driver = (*Driver)(nil)
