package azure

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/cluster"
	"platform/components/identity"
	"platform/components/internal/record"
	"platform/components/tags"
)

func TestAnIdentityTrustsExactlyTheServicesPods(t *testing.T) {
	var annotation pulumi.StringInput
	label := ""
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		made, err := identity.New(ctx, "payments", d, identity.Args{
			Service: "payments", Namespace: "payments-ns", ServiceAccount: "payments-sa",
			Cluster: cluster.Outputs{WorkloadIssuer: text("https://issuer.example/")}, Tags: tags.Set{tags.Service: "payments"},
		})
		if err == nil {
			annotation = made.Outputs.Annotations["azure.workload.identity/client-id"]
			label = made.Outputs.PodLabels["azure.workload.identity/use"]
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, "azure-native:managedidentity:UserAssignedIdentity payments-identity", object{
		"resourceGroupName": "group", "resourceName": "dev-azure-payments", "location": "germanywestcentral", "tags": object{"service": "payments"},
	})
	record.Exactly(t, resources, "azure-native:managedidentity:FederatedIdentityCredential payments-federation", object{
		"resourceGroupName": "group", "resourceName": "payments-identity", "federatedIdentityCredentialResourceName": "dev-azure-payments",
		"issuer": "https://issuer.example/", "subject": "system:serviceaccount:payments-ns:payments-sa",
		"audiences": list{"api://AzureADTokenExchange"},
	})
	if annotation == nil || label != "true" {
		t.Errorf("the pods' account bears the annotation %v, the pods the label %v", annotation, label)
	}
}

func TestGrantsAreRolesAtTheResourcesThemselves(t *testing.T) {
	resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
		return d.CreateGrants(ctx, "payments", identity.GrantsArgs{
			Service: "payments", Identity: identity.Outputs{Principal: text("principal")},
			Grants: []identity.Grant{
				{Action: identity.Publish, On: identity.On{Role: "topic-payment-settled", Resource: text("topic")}},
				{Action: identity.Consume, On: identity.On{Role: "queue-order-placed", Resource: text("queue")}},
				{Action: identity.Observe, On: identity.On{Role: "queue-stock-changed", Resource: text("another")}},
				{Action: identity.Read, On: identity.On{Role: "secret-api", Resource: text("vault")}},
				{Action: identity.ReadWrite, On: identity.On{Role: "documents", Resource: text("/providers/accounts/docs")}},
				{Action: identity.Connect, On: identity.On{Role: "database", Resource: text("server")}},
			},
		}, nil)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][3]string{
		"payments-topic-payment-settled": {builtin.QueueSender, "principal", "topic"},
		"payments-queue-order-placed":    {builtin.QueueReceiver, "principal", "queue"},
		"payments-queue-stock-changed":   {builtin.Reader, "principal", "another"},
		"payments-secret-api":            {builtin.SecretReader, "principal", "vault"},
	} {
		got := resources["azure-native:authorization:RoleAssignment "+name]
		role := got["roleDefinitionId"].StringValue()
		if found := [3]string{role[strings.LastIndex(role, "/")+1:], got["principalId"].StringValue(), got["scope"].StringValue()}; found != want {
			t.Errorf("%s: got %v, want %v", name, found, want)
		}
	}
	record.Exactly(t, resources, "azure-native:documentdb:SqlResourceSqlRoleAssignment payments-documents", object{
		"resourceGroupName": "group", "accountName": "docs", "roleAssignmentId": newDriver().assignmentName("payments-documents"),
		"roleDefinitionId": "/providers/accounts/docs/sqlRoleDefinitions/00000000-0000-0000-0000-000000000002",
		"principalId":      "principal", "scope": "/providers/accounts/docs",
	})
	if len(resources) != 5 {
		t.Errorf("%d resources, want four roles of Azure and one of Cosmos DB", len(resources))
	}
}

func TestEveryActionIsKnown(t *testing.T) {
	for _, action := range identity.Actions {
		if grantRoles[action] == "" && action != identity.ReadWrite && action != identity.Connect {
			t.Errorf("action %s has no role", action)
		}
	}
}
