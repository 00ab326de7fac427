package azure

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/identity"
)

// What only this driver reads of an identity.
const (
	DetailClientID     = "clientId" // by which pods ask for tokens
	DetailIdentityName = "name"
)

// tokenAudience is for whom the tokens of pods' accounts are that Entra ID takes
// (https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity).
const tokenAudience = "api://AzureADTokenExchange"

// CreateIdentity builds the managed identity of a service and trusts exactly the service's pods: their account
// bears the annotation, and they the label
// (https://azure.github.io/azure-workload-identity/docs/topics/service-account-labels-and-annotations.html).
func (d *Driver) CreateIdentity(
	ctx *pulumi.Context, name string, args identity.Args, parent pulumi.Resource,
) (identity.Outputs, error) {
	made, err := managedidentity.NewUserAssignedIdentity(ctx, name+"-identity", d.serviceIdentityArgs(args), pulumi.Parent(parent))
	if err != nil {
		return identity.Outputs{}, fmt.Errorf("managed identity: %w", err)
	}
	if _, err := managedidentity.NewFederatedIdentityCredential(ctx, name+"-federation",
		d.federationArgs(made.Name, args), pulumi.Parent(parent)); err != nil {
		return identity.Outputs{}, fmt.Errorf("federation with the pods' account: %w", err)
	}
	return identity.Outputs{
		Principal: made.PrincipalId, Name: made.ID().ToStringOutput(),
		Annotations: pulumi.StringMap{"azure.workload.identity/client-id": made.ClientId},
		PodLabels:   map[string]string{"azure.workload.identity/use": "true"},
		Details:     map[string]pulumi.StringOutput{DetailClientID: made.ClientId, DetailIdentityName: made.Name},
	}, nil
}

func (d *Driver) serviceIdentityArgs(args identity.Args) *managedidentity.UserAssignedIdentityArgs {
	return &managedidentity.UserAssignedIdentityArgs{
		ResourceGroupName: d.ground.group, ResourceName: pulumi.String(d.physical(KindIdentity, args.Service)),
		Location: pulumi.String(d.s.Region), Tags: tagMap(args.Tags),
	}
}

func (d *Driver) federationArgs(name pulumi.StringInput, args identity.Args) *managedidentity.FederatedIdentityCredentialArgs {
	return &managedidentity.FederatedIdentityCredentialArgs{
		ResourceGroupName: d.ground.group, ResourceName: name,
		FederatedIdentityCredentialResourceName: pulumi.String(d.physical(KindFederation, args.Service)),
		Issuer:                                  args.Cluster.WorkloadIssuer,
		Subject:                                 pulumi.String("system:serviceaccount:" + args.Namespace + ":" + args.ServiceAccount),
		Audiences:                               pulumi.ToStringArray([]string{tokenAudience}),
	}
}

// grantRoles are what an action means on Azure: a role at the resource itself. The services encrypt by
// themselves, so that who reads needs no key. Who connects to a database is a role within the server, which no
// call to Azure gives (https://learn.microsoft.com/azure/postgresql/flexible-server/how-to-manage-azure-ad-users).
// Who reads a queue's properties, the number of its messages among them, needs the action queues/read: Reader has it and
// gives no message (https://learn.microsoft.com/azure/role-based-access-control/permissions/integration#microsoftservicebus).
var grantRoles = map[identity.Action]string{
	identity.Publish: builtin.QueueSender,
	identity.Consume: builtin.QueueReceiver,
	identity.Read:    builtin.SecretReader,
	identity.Store:   builtin.BlobWriter,
	// There is no role for records of one type.
	identity.ProveNames:    builtin.DNSContributor,
	identity.ManageRecords: builtin.DNSContributor,
	identity.Observe:       builtin.Reader,
}

// CreateGrants gives the identity exactly the grants.
func (d *Driver) CreateGrants(
	ctx *pulumi.Context, name string, args identity.GrantsArgs, parent pulumi.Resource,
) error {
	for _, grant := range args.Grants {
		logical := name + "-" + grant.Role
		var err error
		switch role := grantRoles[grant.Action]; {
		case role != "":
			_, err = d.assignRole(ctx, logical, role, args.Identity.Principal, grant.Resource, parent)
		case grant.Action == identity.ReadWrite:
			_, err = native(ctx, "azure-native:documentdb:SqlResourceSqlRoleAssignment", logical,
				d.documentsRoleArgs(logical, args.Identity.Principal, grant.Resource), parent)
		case grant.Action == identity.Connect:
		default:
			err = fmt.Errorf("Azure has no role for action %q: add it to the table in identity.go", grant.Action)
		}
		// Zones are found by listing those of a group, which is asked of the group and not of the zone
		// (https://kubernetes-sigs.github.io/external-dns/latest/docs/tutorials/azure/#permissions-to-modify-dns-zone).
		if err == nil && grant.Action == identity.ManageRecords {
			_, err = d.assignRole(ctx, logical+"-look", builtin.Reader, args.Identity.Principal, groupOf(grant.Resource), parent)
		}
		if err != nil {
			return fmt.Errorf("grant %s: %w", grant.Role, err)
		}
	}
	return nil
}

// groupOf is the id of the group in which a resource lies.
func groupOf(id pulumi.StringOutput) pulumi.StringOutput {
	return id.ApplyT(func(text string) string {
		if end := strings.Index(text, "/providers/"); end >= 0 {
			return text[:end]
		}
		return text
	}).(pulumi.StringOutput)
}

func (d *Driver) documentsRoleArgs(name string, principal, account pulumi.StringOutput) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": d.ground.group, "accountName": lastSegment(account),
		"roleAssignmentId": pulumi.String(d.assignmentName(name)),
		"roleDefinitionId": pulumi.Sprintf("%s/sqlRoleDefinitions/%s", account, builtin.DocumentsContributor),
		"principalId":      principal, "scope": account,
	}
}

// lastSegment is the name in a resource id.
func lastSegment(id pulumi.StringOutput) pulumi.StringOutput {
	return id.ApplyT(func(text string) string { return text[strings.LastIndex(text, "/")+1:] }).(pulumi.StringOutput)
}

var _ identity.Driver = (*Driver)(nil)
