package contract

import (
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/database"
	"platform/components/documents"
	"platform/components/gcp"
	"platform/components/identity"
	"platform/components/network"
	"platform/components/queue"
	"platform/components/secret"
	"platform/tests/cloud"
	simulated "platform/tests/cloud/gcp"
	"platform/tests/rehearsal"
)

// gcpIdentity is who a service is, without the cluster that a real one is bound to.
func gcpIdentity(service string) identity.Outputs {
	email := "dev-gcp-" + service + "@" + project + ".iam.gserviceaccount.com"
	return identity.Outputs{
		Principal: pulumi.String("serviceAccount:" + email).ToStringOutput(),
		Details:   map[string]pulumi.StringOutput{"email": pulumi.String(email).ToStringOutput()},
	}
}

// withGCPAccounts puts the accounts of services in place.
func withGCPAccounts(t *testing.T, e *rehearsal.Environment, services ...string) *rehearsal.Environment {
	t.Helper()
	for _, service := range services {
		email := "dev-gcp-" + service + "@" + project + ".iam.gserviceaccount.com"
		if err := e.Cloud.Seed(cloud.Object{
			Type: "gcp:serviceaccount/account:Account", ID: "projects/" + project + "/serviceAccounts/" + email, Account: project,
			Outputs: map[string]any{"email": email},
		}); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func buildGCPDatabase(args database.Args) func(*pulumi.Context, *gcp.Driver, ...pulumi.ResourceOption) error {
	return func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		n, err := network.New(ctx, "network", d, network.Args{
			CIDR: netip.MustParsePrefix("10.16.0.0/16"), Zones: []string{"europe-west3-a", "europe-west3-b", "europe-west3-c"},
			NAT: network.NATNone, FlowLogDays: 30, Tags: owned,
		}, opts...)
		if err != nil {
			return err
		}
		args.Network, args.Identity = n.Outputs, gcpIdentity("payments")
		_, err = database.New(ctx, "payments", d, args, opts...)
		return err
	}
}

const gcpServer = "gcp:sql/databaseInstance:DatabaseInstance"

func TestAGCPDatabaseIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	long := databaseArgs()
	long.MultiZone, long.BackupDays, long.MaxPods = true, 35, 32 // all that a small one holds
	for _, test := range []struct {
		name    string
		args    database.Args
		edition string
	}{
		{"for a week", databaseArgs(), "ENTERPRISE"},
		{"for five weeks, with a standby", long, "ENTERPRISE_PLUS"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			e := withGCPAccounts(t, onGCP(t, buildGCPDatabase(test.args)), "payments")
			// Nothing is known yet, not even the address.
			if _, err := e.Preview(t.Context()); err != nil {
				t.Fatal(err)
			}
			built := lifecycle(t, e)
			// The administrator and its database, which come with every server.
			for typ, want := range map[string]int{
				gcpServer: 1, "gcp:sql/user:User": 1, "gcp:sql/database:Database": 1, "sql:user": 1, "sql:database": 1,
			} {
				if got := count(built, typ); got != want {
					t.Errorf("%s: %d exist, want %d", typ, got, want)
				}
			}
			for _, o := range built {
				if o.Type != gcpServer {
					continue
				}
				if o.Str("settings.edition") != test.edition || o.Str("privateIpAddress") == "" || o.Str("publicIpAddress") != "" {
					t.Errorf("%s: edition %s, private address %q, public %q", o, o.Str("settings.edition"), o.Str("privateIpAddress"), o.Str("publicIpAddress"))
				}
				if o.Value("rootPassword") != nil {
					t.Errorf("%s has a password", o)
				}
			}
			if _, err := e.Destroy(t.Context()); err != nil {
				t.Errorf("the second teardown: %v", err)
			}
		})
	}
}

func TestAGCPDatabaseThatCannotBeIsRefusedBeforeItIsBuilt(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]func(*database.Args){
		"330 connections, and 320 are allowed (there is no pooler): size medium or large would do": func(a *database.Args) { a.MaxPods = 33 },
		"no size would do, so fewer pods or fewer connections for each are needed":                 func(a *database.Args) { a.Size, a.MaxPods = cluster.Large, 65 },
		"finalSnapshot: value true: false is allowed: " + database.NoFinalSnapshot:                 func(a *database.Args) { a.FinalSnapshot = true },
	} {
		args := databaseArgs()
		change(&args)
		e := withGCPAccounts(t, onGCP(t, buildGCPDatabase(args)), "payments")
		if _, err := e.Up(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want one that says %q", err, want)
		}
		if got := count(e.Cloud.Inventory(), gcpServer); got != 0 {
			t.Errorf("%d servers were built", got)
		}
	}
}

func TestAProtectedGCPDatabaseIsNotDeleted(t *testing.T) {
	t.Parallel()
	args := databaseArgs()
	args.DeleteProtection = true
	e := withGCPAccounts(t, onGCP(t, buildGCPDatabase(args)), "payments")
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "deletion_protection is set to true") {
		t.Errorf("error is %v", err)
	}
	if got := count(e.Cloud.Inventory(), gcpServer); got != 1 {
		t.Errorf("%d servers are there, want 1", got)
	}
}

// An account that a user is named after must be there, as on the real cloud.
func TestAGCPUserOfNobodyIsRefused(t *testing.T) {
	t.Parallel()
	e := onGCP(t, buildGCPDatabase(databaseArgs()))
	if _, err := e.Up(t.Context()); err == nil || !strings.Contains(err.Error(), "the service account dev-gcp-payments@"+project+".iam.gserviceaccount.com does not exist") {
		t.Errorf("error is %v", err)
	}
}

func buildGCPData(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
	if _, err := queue.New(ctx, "order-placed", d, queue.Args{
		Event: "order-placed", Publisher: gcpIdentity("orders"), RetentionDays: 4, MaxReceives: 5, VisibilitySec: 60, Tags: owned,
		Consumers: map[string]queue.Consumer{"payments": {Identity: gcpIdentity("payments"), Tags: owned}, "shipping": {Identity: gcpIdentity("shipping"), Tags: owned}},
	}, opts...); err != nil {
		return err
	}
	if _, err := documents.New(ctx, "reports", d, documents.Args{Service: "reports", Tags: owned}, opts...); err != nil {
		return err
	}
	for name, filled := range map[string]bool{"api-key": true, "licence": false} {
		if _, err := secret.New(ctx, "payments-"+name, d, secret.Args{
			Service: "payments", Name: name, Identity: gcpIdentity("payments"), Tags: owned,
			HasValue: filled, Value: pulumi.String(planted).ToStringOutput(),
		}, opts...); err != nil {
			return err
		}
	}
	return nil
}

func TestGCPMessagingDocumentsAndSecretsAreBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	e := withGCPAccounts(t, onGCP(t, buildGCPData), "orders", "payments", "shipping")
	built := lifecycle(t, e)
	for typ, want := range map[string]int{
		"gcp:pubsub/topic:Topic": 3, "gcp:pubsub/subscription:Subscription": 4,
		"gcp:pubsub/topicIAMMember:TopicIAMMember": 2, "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": 2,
		"gcp:firestore/database:Database": 1, "gcp:firestore/index:Index": 1,
		"gcp:secretmanager/secret:Secret": 2, "gcp:secretmanager/secretVersion:SecretVersion": 1,
	} {
		if got := count(built, typ); got != want {
			t.Errorf("%s: %d exist, want %d", typ, got, want)
		}
	}
	// Each without its grants: nobody would notice until messages are dead.
	for _, typ := range []string{"gcp:pubsub/topicIAMMember:TopicIAMMember", "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember"} {
		without := slices.DeleteFunc(slices.Clone(built), func(o *cloud.Object) bool { return o.Type == typ })
		if got := simulated.Unforwarded(without); len(got) != 2 {
			t.Errorf("without %s: %q", typ, got)
		}
	}
	for _, o := range built {
		if strings.HasPrefix(o.Type, "gcp:pubsub/") && strings.Contains(o.Type, "IAMMember") && !strings.Contains(o.Str("member"), "@gcp-sa-pubsub.") {
			t.Errorf("%s is for %s", o, o.Str("member"))
		}
	}
}

func TestASecretOfGCPIsInTheCloudAlone(t *testing.T) {
	t.Parallel()
	e := withGCPAccounts(t, onGCP(t, buildGCPData), "orders", "payments", "shipping")
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	// That it is nowhere else is asked at the end of every test.
	if !slices.ContainsFunc(e.Cloud.Inventory(), func(o *cloud.Object) bool { return o.Str("secretData") == planted }) {
		t.Error("the secret is not in the cloud either: nothing was proven")
	}
}

func TestProtectedGCPDocumentsAreNotDeleted(t *testing.T) {
	t.Parallel()
	e := onGCP(t, func(ctx *pulumi.Context, d *gcp.Driver, opts ...pulumi.ResourceOption) error {
		_, err := documents.New(ctx, "reports", d, documents.Args{Service: "reports", DeleteProtection: true, Tags: owned}, opts...)
		return err
	})
	if _, err := e.Up(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Destroy(t.Context()); err == nil || !strings.Contains(err.Error(), "delete protection enabled") {
		t.Errorf("error is %v", err)
	}
	if got := count(e.Cloud.Inventory(), "gcp:firestore/database:Database"); got != 1 {
		t.Errorf("%d databases are there, want 1", got)
	}
}
