package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/internal/record"
)

const paymentsEmail = "dev-gcp-payments@platform-dev.iam.gserviceaccount.com"

func TestAnAccountIsTakenOnByExactlyTheServicesPods(t *testing.T) {
	var principal, annotation string
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := identity.New(ctx, "payments", d, identity.Args{
			Service: "payments", Namespace: "payments-ns", ServiceAccount: "payments-sa",
			Cluster: cluster.Outputs{Details: map[string]pulumi.StringOutput{detailWorkloadPool: fixed("platform-dev.svc.id.goog")}},
		})
		if err != nil {
			return err
		}
		made.Outputs.Principal.ApplyT(func(s string) string { principal = s; return s })
		pulumi.All(made.Outputs.Principal, made.Outputs.Annotations).ApplyT(func(all []any) string {
			annotation = all[1].(map[string]string)["iam.gke.io/gcp-service-account"]
			return ""
		})
		return nil
	}, record.Outputs(record.Made{"gcp:serviceaccount/account:Account": account("dev-gcp-payments")}))
	if err != nil {
		t.Fatal(err)
	}
	record.SameDocument(t, given(t, resources, "gcp:serviceaccount/account:Account payments-account"),
		`{"accountId": "dev-gcp-payments", "project": "platform-dev", "displayName": "Service payments"}`)
	record.SameDocument(t, given(t, resources, "gcp:serviceaccount/iAMMember:IAMMember payments-workload-identity"),
		`{"serviceAccountId": "projects/platform-dev/serviceAccounts/`+paymentsEmail+`", "role": "roles/iam.workloadIdentityUser",
		  "member": "serviceAccount:platform-dev.svc.id.goog[payments-ns/payments-sa]"}`)
	if principal != "serviceAccount:"+paymentsEmail || annotation != paymentsEmail {
		t.Errorf("principal %q, annotation %q", principal, annotation)
	}
}

func TestAnIdentityNeedsAClusterOfThisCloud(t *testing.T) {
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := identity.New(ctx, "payments", d, identity.Args{Service: "payments", Namespace: "payments", ServiceAccount: "payments"})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), "names no workload pool") {
		t.Errorf("error is %v", err)
	}
}

func TestEachGrantIsOnItsOneResource(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		return d.CreateGrants(ctx, "payments", identity.GrantsArgs{
			Service: "payments", Identity: identity.Outputs{Principal: fixed("serviceAccount:" + paymentsEmail)},
			Grants: []identity.Grant{
				{Action: identity.Publish, On: identity.On{Role: "topic-settled", Resource: fixed("projects/p/topics/settled"), Key: fixed("key"), HasKey: true}},
				{Action: identity.Consume, On: identity.On{Role: "queue-placed", Resource: fixed("projects/p/subscriptions/placed")}},
				{Action: identity.Read, On: identity.On{Role: "secret-token", Resource: fixed("projects/p/secrets/token")}},
				{Action: identity.Observe, On: identity.On{Role: "queue-a", Resource: fixed("projects/p/subscriptions/a")}},
				{Action: identity.Observe, On: identity.On{Role: "queue-b", Resource: fixed("projects/p/subscriptions/b")}},
				{Action: identity.ReadWrite, On: identity.On{Role: "documents", Resource: fixed("projects/p/databases/documents")}},
				{Action: identity.Connect, On: identity.On{Role: "database", Resource: fixed("projects/p/instances/database")}},
			},
		}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	const who = `"project": "platform-dev", "member": "serviceAccount:` + paymentsEmail + `"`
	sql := `, "condition": {"title": "database", "expression": "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/p/instances/database\""}`
	for key, want := range map[string]string{
		"gcp:pubsub/topicIAMMember:TopicIAMMember payments-topic-settled":              `"topic": "projects/p/topics/settled", "role": "roles/pubsub.publisher"`,
		"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember payments-queue-placed": `"subscription": "projects/p/subscriptions/placed", "role": "roles/pubsub.subscriber"`,
		"gcp:secretmanager/secretIamMember:SecretIamMember payments-secret-token":      `"secretId": "projects/p/secrets/token", "role": "roles/secretmanager.secretAccessor"`,
		"gcp:projects/iAMMember:IAMMember payments-documents": `"role": "roles/datastore.user", "condition": {"title": "documents",
			"expression": "resource.name == \"projects/p/databases/documents\""}`,
		// Once for all queues.
		"gcp:projects/iAMMember:IAMMember payments-observe":         `"role": "roles/monitoring.viewer"`,
		"gcp:projects/iAMMember:IAMMember payments-database-client": `"role": "roles/cloudsql.client"` + sql,
		"gcp:projects/iAMMember:IAMMember payments-database-user":   `"role": "roles/cloudsql.instanceUser"` + sql,
	} {
		record.SameDocument(t, given(t, resources, key), "{"+who+", "+want+"}")
	}
}

func TestNoRoleIsWide(t *testing.T) {
	for _, action := range identity.Actions {
		p, ok := permissions[action]
		if !ok || len(p.roles) == 0 {
			t.Errorf("action %s has no roles", action)
		}
		for _, role := range p.roles {
			if role == zoneWriter {
				continue // on one zone; Cloud DNS has no role to write records alone
			}
			for _, wide := range []string{"owner", "editor", "admin", "roles/viewer"} {
				if strings.Contains(strings.ToLower(role), wide) {
					t.Errorf("%s gives %s", action, role)
				}
			}
		}
	}
}
