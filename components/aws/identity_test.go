package aws

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/tags"
)

func text(s string) pulumi.StringOutput { return pulumi.String(s).ToStringOutput() }

func TestRoleTrustsExactlyTheServicesPods(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		_, err := identity.New(ctx, "payments", d, identity.Args{
			Service: "payments", Namespace: "payments-ns", ServiceAccount: "payments-sa",
			Cluster: cluster.Outputs{Name: text("dev-aws")}, Tags: tags.Set{tags.Service: "payments"},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	role := resources["aws:iam/role:Role payments-role"]
	record.SameDocument(t, role["assumeRolePolicy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":["pods.eks.amazonaws.com"]},"Action":["sts:AssumeRole","sts:TagSession"],
		 "Condition":{"StringEquals":{"aws:RequestTag/kubernetes-namespace":["payments-ns"],
		  "aws:RequestTag/kubernetes-service-account":["payments-sa"]}}}]}`)
	binding := resources["aws:eks/podIdentityAssociation:PodIdentityAssociation payments-pod-identity"]
	for property, want := range map[string]string{
		"clusterName": "dev-aws", "namespace": "payments-ns", "serviceAccount": "payments-sa", "roleArn": "arn:payments-role",
	} {
		if got := binding[resource.PropertyKey(property)].StringValue(); got != want {
			t.Errorf("%s is %q, want %q", property, got, want)
		}
	}
}

func TestWhoeverHasATokenOfTheAccountIsTrustedWhereThatIsAsked(t *testing.T) {
	of := func(details map[string]pulumi.StringOutput) (identity.Outputs, record.Resources, error) {
		var made identity.Outputs
		resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
			built, err := identity.New(ctx, "payments", d, identity.Args{
				Service: "payments", Namespace: "payments-ns", ServiceAccount: "payments-sa", ByToken: true, Tags: tags.Set{tags.Service: "payments"},
				Cluster: cluster.Outputs{Name: text("dev-aws"), WorkloadIssuer: text("https://oidc.example/id/1"), Details: details},
			})
			if err == nil {
				made = built.Outputs
			}
			return err
		})
		return made, resources, err
	}
	made, resources, err := of(map[string]pulumi.StringOutput{detailTokenProvider: text("arn:provider")})
	if err != nil {
		t.Fatal(err)
	}
	record.SameDocument(t, resources["aws:iam/role:Role payments-role"]["assumeRolePolicy"].StringValue(), `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"Service":["pods.eks.amazonaws.com"]},"Action":["sts:AssumeRole","sts:TagSession"],
		 "Condition":{"StringEquals":{"aws:RequestTag/kubernetes-namespace":["payments-ns"],
		  "aws:RequestTag/kubernetes-service-account":["payments-sa"]}}},
		{"Sid":"ByToken","Effect":"Allow","Principal":{"Federated":["arn:provider"]},"Action":["sts:AssumeRoleWithWebIdentity"],
		 "Condition":{"StringEquals":{"oidc.example/id/1:aud":["sts.amazonaws.com"],
		  "oidc.example/id/1:sub":["system:serviceaccount:payments-ns:payments-sa"]}}}]}`)
	if made.ServiceAccount != "payments-sa" || made.Annotations[roleAnnotation] == nil {
		t.Errorf("the account is %q with annotations %v", made.ServiceAccount, made.Annotations)
	}
	if _, _, err := of(nil); err == nil || !strings.Contains(err.Error(), "names no provider of tokens") {
		t.Errorf("without a provider the error is %v", err)
	}
}

func TestGrantsAreExactAndWithoutWildcards(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		return d.CreateGrants(ctx, "payments", identity.GrantsArgs{
			Service: "payments", Identity: identity.Outputs{Name: text("dev-aws-payments")},
			Grants: []identity.Grant{
				{Action: identity.Publish, On: identity.On{Role: "topic-payment-settled", Resource: text("arn:topic"), Key: text("arn:key"), HasKey: true}},
				{Action: identity.Connect, On: identity.On{Role: "database", Resource: text("arn:db-user")}},
			},
		}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	policy := resources["aws:iam/rolePolicy:RolePolicy payments-policy"]
	if got := policy["role"].StringValue(); got != "dev-aws-payments" {
		t.Errorf("the policy is on role %q", got)
	}
	got := policy["policy"].StringValue()
	record.SameDocument(t, got, `{"Version":"2012-10-17","Statement":[
		{"Sid":"TopicPaymentSettled","Effect":"Allow","Action":["sns:Publish"],"Resource":["arn:topic"]},
		{"Sid":"TopicPaymentSettledKey","Effect":"Allow","Action":["kms:Decrypt","kms:GenerateDataKey"],"Resource":["arn:key"]},
		{"Sid":"Database","Effect":"Allow","Action":["rds-db:connect"],"Resource":["arn:db-user"]}]}`)
}

func TestNoPermissionHasAWildcard(t *testing.T) {
	for action, p := range permissions {
		for _, call := range append(append([]string{}, p.actions...), p.key...) {
			if strings.Contains(call, "*") {
				t.Errorf("%s may %s", action, call)
			}
		}
	}
	for _, action := range identity.Actions {
		if p, ok := permissions[action]; !ok || len(p.actions) == 0 && action != identity.Observe {
			t.Errorf("action %s has no permissions", action)
		}
	}
}

func TestWhoObservesQueuesNeedsNoPolicyOfItsOwn(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		return d.CreateGrants(ctx, "keda", identity.GrantsArgs{
			Service: "keda", Identity: identity.Outputs{Name: text("dev-aws-keda")},
			Grants: []identity.Grant{{Action: identity.Observe, On: identity.On{Role: "queue-a-b", Resource: text("arn:queue")}}},
		}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	if record.Count(resources, "aws:iam/rolePolicy:RolePolicy") != 0 {
		t.Errorf("registered: %v", resources)
	}
}

func TestAPolicyOverTheQuotaIsRefused(t *testing.T) {
	_, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		return d.CreateGrants(ctx, "payments", identity.GrantsArgs{
			Service: "payments", Identity: identity.Outputs{Name: text("dev-aws-payments")},
			Grants: []identity.Grant{{Action: identity.Read, On: identity.On{Role: "secret-a", Resource: text(strings.Repeat("x", maxInlinePolicy))}}},
		}, nil)
	})
	if err == nil || !strings.Contains(err.Error(), "10240 are allowed; split the service") {
		t.Errorf("error is %v", err)
	}
}
