package contract

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/alarms"
	driver "platform/components/aws"
	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
	"platform/tests/cloud"
)

// principal is an identity without the cluster that a real one is bound to.
func principal(ctx *pulumi.Context, name string, opts ...pulumi.ResourceOption) (identity.Outputs, error) {
	role, err := iam.NewRole(ctx, name, &iam.RoleArgs{
		Name: pulumi.String("dev-aws-" + name), Tags: pulumi.ToStringMap(owned),
		AssumeRolePolicy: pulumi.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["sts:AssumeRole"],"Principal":{"Service":["pods.eks.amazonaws.com"]}}]}`),
	}, opts...)
	if err != nil {
		return identity.Outputs{}, err
	}
	return identity.Outputs{Principal: role.Arn, Name: role.Name}, nil
}

// withNetwork builds a network and a group of clients, and then what needs them.
func withNetwork(
	build func(*pulumi.Context, *driver.Driver, network.Outputs, pulumi.StringOutput, ...pulumi.ResourceOption) error,
) func(*pulumi.Context, *driver.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, networkArgs(network.NATNone), opts...)
		if err != nil {
			return err
		}
		clients, err := ec2.NewSecurityGroup(ctx, "clients", &ec2.SecurityGroupArgs{
			Name: pulumi.String("dev-aws-clients"), VpcId: n.Outputs.ID.ToStringPtrOutput(), Tags: pulumi.ToStringMap(owned),
		}, opts...)
		if err != nil {
			return err
		}
		return build(ctx, d, n.Outputs, clients.ID().ToStringOutput(), opts...)
	}
}

func buildDatabase(args database.Args) func(*pulumi.Context, *driver.Driver, ...pulumi.ResourceOption) error {
	return withNetwork(func(
		ctx *pulumi.Context, d *driver.Driver, n network.Outputs, clients pulumi.StringOutput, opts ...pulumi.ResourceOption,
	) error {
		args.Network, args.ClientSecurityGroup = n, clients
		_, err := database.New(ctx, "payments", d, args, opts...)
		return err
	})
}

func databaseArgs() database.Args {
	return database.Args{
		Service: "payments", Size: cluster.Small, Version: "16", StorageGiB: 20, BackupDays: 7, MaxPods: 3, ConnectionsPerPod: 10, Tags: owned,
	}
}

func TestADatabaseIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	pooled := databaseArgs()
	pooled.MaxPods, pooled.MultiZone, pooled.FinalSnapshot = 100, true, true
	for _, test := range []struct {
		name string
		args database.Args
		want map[string]int
	}{
		{"direct", databaseArgs(), map[string]int{"ec2:network-interface": 1, "secretsmanager:secret": 1, "aws:rds/proxy:Proxy": 0, "logs:log-group": 0}},
		// two of the server, three of the proxy
		{"pooled, with a standby", pooled, map[string]int{"ec2:network-interface": 5, "secretsmanager:secret": 1, "aws:rds/proxyTarget:ProxyTarget": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := open(t, buildDatabase(test.args))
			// Nothing is known yet, not even the secret that the proxy reads.
			if _, err := e.Preview(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := lifecycle(t, e)
			for typ, want := range test.want {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, o := range built {
				if _, ok := o.Outputs["password"]; ok {
					t.Errorf("%s tells a password", o)
				}
			}
			// The first build's, which a second teardown must not meet.
			snapshots := 0
			if test.args.FinalSnapshot {
				snapshots = 1
			}
			if got := count(e.Cloud.Inventory(), "rds:snapshot"); got != snapshots {
				t.Errorf("%d snapshots are kept, want %d", got, snapshots)
			}
			if _, err := e.Destroy(t.Context()); err != nil {
				t.Errorf("the second teardown: %v", err)
			}
			if got := count(e.Cloud.Inventory(), "rds:snapshot"); got != 2*snapshots {
				t.Errorf("%d snapshots are kept after the second teardown, want %d", got, 2*snapshots)
			}
		})
	}
}

func TestAProtectedDatabaseIsNotDeleted(t *testing.T) {
	t.Parallel()
	args := databaseArgs()
	args.DeleteProtection = true
	e := open(t, buildDatabase(args))
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "cannot delete a protected DB instance") {
		t.Errorf("error is %v", err)
	}
	if got := count(e.Cloud.Inventory(), "aws:rds/instance:Instance"); got != 1 {
		t.Errorf("%d servers are there, want 1", got)
	}
}

func TestMessagingDocumentsSecretsAndAlarmsAreBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	built := lifecycle(t, open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		publisher, err := principal(ctx, "orders", opts...)
		if err != nil {
			return err
		}
		consumer, err := principal(ctx, "payments", opts...)
		if err != nil {
			return err
		}
		event, err := queue.New(ctx, "order-placed", d, queue.Args{
			Event: "order-placed", Publisher: publisher, RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: owned,
			Consumers: map[string]queue.Consumer{"payments": {Identity: consumer, Tags: owned}},
		}, opts...)
		if err != nil {
			return err
		}
		if _, err := documents.New(ctx, "reports", d, documents.Args{Service: "reports", Tags: owned}, opts...); err != nil {
			return err
		}
		for name, filled := range map[string]bool{"api-key": true, "licence": false} {
			if _, err := secret.New(ctx, "payments-"+name, d, secret.Args{
				Service: "payments", Name: name, Identity: consumer, Tags: owned,
				HasValue: filled, Value: pulumi.String(planted).ToStringOutput(),
			}, opts...); err != nil {
				return err
			}
		}
		messages := event.Outputs.Queues["payments"]
		_, err = alarms.New(ctx, "alarms", d, alarms.Args{
			Tags: owned, Bounds: alarms.Bounds{}.Complete(), Teams: map[string]alarms.Team{"orders": {Email: "orders@example.com", Tags: owned}},
			Queues: map[string]alarms.Queue{"order-placed-payments": {Team: "orders", Name: messages.Name, DeadLetterName: messages.DeadLetterName, Tags: owned}},
		}, opts...)
		return err
	}))
	for typ, want := range map[string]int{
		"aws:sqs/queue:Queue": 2, "aws:sns/topicSubscription:TopicSubscription": 2, "aws:dynamodb/table:Table": 1,
		"aws:secretsmanager/secret:Secret": 2, "aws:secretsmanager/secretVersion:SecretVersion": 1, "aws:cloudwatch/metricAlarm:MetricAlarm": 3,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	for _, o := range built {
		if o.Type == "aws:secretsmanager/secret:Secret" && !strings.HasPrefix(o.Str("name"), "dev-aws-payments-") {
			t.Errorf("%s is named %q", o, o.Str("name"))
		}
	}
}

// An object that a policy names must be there, as on the real cloud.
func TestAQueueForNobodyIsRefused(t *testing.T) {
	t.Parallel()
	e := open(t, func(ctx *pulumi.Context, d *driver.Driver, opts ...pulumi.ResourceOption) error {
		nobody := identity.Outputs{Principal: pulumi.String("arn:aws:iam::" + account + ":role/nobody").ToStringOutput()}
		_, err := queue.New(ctx, "order-placed", d, queue.Args{
			Event: "order-placed", Publisher: nobody, RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: owned,
		}, opts...)
		return err
	})
	if _, err := e.Up(t.Context()); err == nil || !strings.Contains(err.Error(), "role/nobody does not exist") {
		t.Errorf("error is %v", err)
	}
	for _, o := range cloud.Left(e.Cloud.Inventory()) {
		t.Errorf("%s was made", o)
	}
}
