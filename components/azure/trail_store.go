package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/resources/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/foundation"
	"platform/components/trail"
)

// activityContainer is where Azure Monitor writes the Activity Log
// (https://learn.microsoft.com/azure/azure-monitor/platform/activity-log#send-to-azure-storage).
const activityContainer = "insights-activity-logs"

// CreateStore builds a storage account with a vault, key and identity of its own, in a group of its own: one that is
// locked outlives the environment's group. The engine names the group, and by it all that has a name in the world.
func (d *Driver) CreateStore(ctx *pulumi.Context, name string, args trail.Args, parent pulumi.Resource) (trail.Store, error) {
	group, err := resources.NewResourceGroup(ctx, d.physical(KindResourceGroup, "trail"), &resources.ResourceGroupArgs{
		Location: pulumi.String(d.s.Region), Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return trail.Store{}, fmt.Errorf("resource group: %w", err)
	}
	inside := *d
	inside.ground.group = group.Name
	vault, err := inside.keyVault(ctx, name, foundation.Args{Tags: args.Tags}, parent)
	if err != nil {
		return trail.Store{}, err
	}
	d.trailVault = vault.ID()
	inside.ground.keyVault, inside.ground.keyVaultURI = vault.Name, vault.Properties.VaultUri()
	own, err := inside.key(ctx, name+"-key", "Audit trail", args.Tags, parent)
	if err != nil {
		return trail.Store{}, err
	}
	identity, err := inside.userIdentity(ctx, name+"-identity", args.Tags, parent)
	if err != nil {
		return trail.Store{}, err
	}
	uses, err := inside.trailKeyUser(ctx, name+"-key-user", group.Name, identity, own, parent)
	if err != nil {
		return trail.Store{}, err
	}
	spec := inside.privateAccountArgs(name, identity.ID().ToStringOutput(), own, args.Tags)
	spec.AccountName = d.ofBuild(plain(kinds[KindStorageAccount].max-buildLength, []string{d.s.Environment, "trail"}), group.Name)
	account, err := storage.NewStorageAccount(ctx, name, spec, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{uses}))
	if err != nil {
		return trail.Store{}, fmt.Errorf("storage account: %w", err)
	}
	ready, err := inside.trailContainer(ctx, name, args, account, parent)
	return trail.Store{Name: account.Name, ID: account.ID().ToStringOutput(), Key: own.URI, Ready: ready}, err
}

// buildLength is as much of the random text in the store's group as tells one build from another.
const buildLength = 7

// ofBuild completes a text by what no earlier build had.
func (d *Driver) ofBuild(text string, group pulumi.StringOutput) pulumi.StringOutput {
	return group.ApplyT(func(name string) string { return text + name[max(0, len(name)-buildLength):] }).(pulumi.StringOutput)
}

// trailKeyUser lets the account's identity use its key. No two assignments of a tenant share a name, and the last
// build's may still be there.
func (d *Driver) trailKeyUser(
	ctx *pulumi.Context, name string, group pulumi.StringOutput, user *managedidentity.UserAssignedIdentity, own key, parent pulumi.Resource,
) (pulumi.Resource, error) {
	spec, base := d.roleArgs(name, builtin.KeyUser, user.PrincipalId, own.ID), d.assignmentName(name)
	spec.RoleAssignmentName = d.ofBuild(base[:len(base)-buildLength], group)
	made, err := authorization.NewRoleAssignment(ctx, name, spec, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("role assignment %s: %w", name, err)
	}
	return made, nil
}

// trailContainer registers the container of the log, from which blobs go after their days. Where a lock is asked for,
// no blob can be changed or deleted before, but blocks can be added to one, as Azure Monitor does; and nobody deletes
// the account who does not take away its lock first.
func (d *Driver) trailContainer(
	ctx *pulumi.Context, name string, args trail.Args, account *storage.StorageAccount, parent pulumi.Resource,
) ([]pulumi.Resource, error) {
	container, err := storage.NewBlobContainer(ctx, name+"-container", &storage.BlobContainerArgs{
		ResourceGroupName: d.ground.group, AccountName: account.Name, ContainerName: pulumi.String(activityContainer),
		PublicAccess: storage.PublicAccessNone,
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("container: %w", err)
	}
	expiry, err := storage.NewManagementPolicy(ctx, name+"-expiry", d.retentionArgs(account.Name, args.Days, "appendBlob", "blockBlob"), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("expiry: %w", err)
	}
	ready := []pulumi.Resource{container, expiry}
	if !args.Lock {
		return ready, nil
	}
	policy, err := storage.NewBlobContainerImmutabilityPolicy(ctx, name+"-immutability", &storage.BlobContainerImmutabilityPolicyArgs{
		ResourceGroupName: d.ground.group, AccountName: account.Name, ContainerName: container.Name, ImmutabilityPolicyName: pulumi.String("default"),
		ImmutabilityPeriodSinceCreationInDays: pulumi.Int(args.Days), AllowProtectedAppendWrites: pulumi.Bool(true),
	}, pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("immutability policy: %w", err)
	}
	return append(ready, policy), d.lock(ctx, name, account.ID().ToStringOutput(), parent, container, expiry, policy)
}
