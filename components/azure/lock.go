package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// lock keeps people from deleting a resource and what lies in it
// (https://learn.microsoft.com/azure/azure-resource-manager/management/lock-resources).
//
// It does not keep the program from it, which made the lock and would remove it first: that is what the
// engine's own protection of the resource is for. The lock itself is not protected, so that it can go when an
// environment's file asks for no protection any more. It comes after all that is in the resource, to go before.
func (d *Driver) lock(
	ctx *pulumi.Context, name string, scope pulumi.StringInput, parent pulumi.Resource, after ...pulumi.Resource,
) error {
	if _, err := authorization.NewManagementLockByScope(ctx, name+"-lock", lockArgs(scope),
		pulumi.Parent(parent), pulumi.DependsOn(after)); err != nil {
		return fmt.Errorf("lock %s: %w", name, err)
	}
	return nil
}

func lockArgs(scope pulumi.StringInput) *authorization.ManagementLockByScopeArgs {
	return &authorization.ManagementLockByScopeArgs{
		LockName: pulumi.String("delete-protection"), Scope: scope, Level: pulumi.String("CanNotDelete"),
		Notes: pulumi.String("Protected by the environment's file: deleteProtection"),
	}
}
