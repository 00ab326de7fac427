package azure

import (
	"crypto/sha256"
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// assignRole gives an identity one of Azure's own roles on one resource.
func (d *Driver) assignRole(
	ctx *pulumi.Context, name, roleDefinitionID string, principal, scope pulumi.StringInput, parent pulumi.Resource,
) (pulumi.Resource, error) {
	made, err := authorization.NewRoleAssignment(ctx, name, d.roleArgs(name, roleDefinitionID, principal, scope), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("role assignment %s: %w", name, err)
	}
	return made, nil
}

// assignGroup gives a group of people one of Azure's own roles on one resource.
func (d *Driver) assignGroup(
	ctx *pulumi.Context, name, roleDefinitionID, group string, scope pulumi.StringInput, parent pulumi.Resource,
) (*authorization.RoleAssignment, error) {
	spec := d.roleArgs(name, roleDefinitionID, pulumi.String(group), scope)
	spec.PrincipalType = pulumi.String("Group")
	return authorization.NewRoleAssignment(ctx, name, spec, pulumi.Parent(parent))
}

// roleArgs: without the kind of the principal, Azure refuses one that its directory has not yet spread
// (https://learn.microsoft.com/azure/role-based-access-control/role-assignments-template#new-service-principal).
func (d *Driver) roleArgs(name, role string, principal, scope pulumi.StringInput) *authorization.RoleAssignmentArgs {
	return &authorization.RoleAssignmentArgs{
		RoleAssignmentName: pulumi.String(d.assignmentName(name)),
		RoleDefinitionId:   pulumi.String(d.subscriptionID() + "/providers/Microsoft.Authorization/roleDefinitions/" + role),
		PrincipalId:        principal, PrincipalType: pulumi.String("ServicePrincipal"), Scope: scope,
	}
}

// subscriptionID is the resource id of all that the environment lies in.
func (d *Driver) subscriptionID() string { return "/subscriptions/" + d.s.Subscription }

// assignmentName is a UUID that follows from the logical name, so that a rebuilt assignment has the name it
// had (https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8). No two environments share one.
func (d *Driver) assignmentName(name string) string {
	b := sha256.Sum256([]byte(d.s.Subscription + "/" + d.s.Environment + "/" + name))
	b[6], b[8] = b[6]&0x0f|0x80, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:16])
}
