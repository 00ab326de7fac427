package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/managedidentity/v2"
	azurenetwork "github.com/pulumi/pulumi-azure-native-sdk/network/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/storage/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/builtin"
	"platform/components/network"
	"platform/components/tags"
)

// Azure makes one watcher for each region of a subscription when the first network is made there, in a group of
// its own; a second one is refused (https://learn.microsoft.com/azure/network-watcher/network-watcher-create).
const (
	watcherGroup  = "NetworkWatcherRG"
	watcherPrefix = "NetworkWatcher_"
)

// flowLogs keep the metadata of all traffic: as it was in a storage account that has no keys, and worked up for
// questions in the workspace. The identity that writes is also the one by which the account takes its key.
func (d *Driver) flowLogs(
	ctx *pulumi.Context, name string, whole *azurenetwork.VirtualNetwork, details map[string]pulumi.StringOutput,
	args network.Args, parent pulumi.Resource,
) error {
	logical := name + "-flow-logs"
	identity, err := managedidentity.NewUserAssignedIdentity(ctx, logical+"-identity", &managedidentity.UserAssignedIdentityArgs{
		ResourceGroupName: d.ground.group, ResourceName: pulumi.String(d.physical(KindIdentity, logical)), Location: pulumi.String(d.s.Region),
		Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("identity of the flow logs: %w", err)
	}
	own, err := d.key(ctx, logical+"-key", "Flow logs of "+name, args.Tags, parent)
	if err != nil {
		return err
	}
	uses, err := d.keyUser(ctx, logical+"-key-user", identity.PrincipalId, own, parent)
	if err != nil {
		return err
	}
	account, err := storage.NewStorageAccount(ctx, logical, d.privateAccountArgs(logical, identity.ID().ToStringOutput(), own, args.Tags),
		pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{uses}))
	if err != nil {
		return fmt.Errorf("storage of the flow logs: %w", err)
	}
	if _, err := storage.NewManagementPolicy(ctx, logical+"-retention", d.retentionArgs(account.Name, args.FlowLogDays, "blockBlob"), pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("retention of the flow logs: %w", err)
	}
	if zone, asked := details[endpointZones[network.EndpointStorage].detail]; asked {
		if _, err := d.privateEndpoint(ctx, logical+"-endpoint", account.ID().ToStringOutput(), "blob",
			details["endpoints-subnet"], zone, args.Tags, parent); err != nil {
			return err
		}
	}
	writes, err := d.assignRole(ctx, logical+"-writer", builtin.BlobWriter, identity.PrincipalId, account.ID().ToStringOutput(), parent)
	if err != nil {
		return err
	}
	_, err = native(ctx, flowLogToken, name+"-flow-log",
		d.flowLogArgs(name, whole.ID(), account.ID(), identity.ID(), args.Tags), parent, pulumi.DependsOn([]pulumi.Resource{writes}))
	return err
}

// flowLogToken is the flow log of the first version of the API in which it can write by an identity.
const flowLogToken = "azure-native:network/v20240501:FlowLog"

// privateAccountArgs: what is written survives a zone and is encrypted with a key of our own. Nobody comes in from the
// internet; Azure's own services, such as the network watcher, are let by
// (https://learn.microsoft.com/azure/storage/common/storage-network-security-trusted-azure-services).
func (d *Driver) privateAccountArgs(name string, identity pulumi.StringOutput, own key, t tags.Set) *storage.StorageAccountArgs {
	return &storage.StorageAccountArgs{
		ResourceGroupName: d.ground.group, AccountName: pulumi.String(d.physical(KindStorageAccount, name)), Location: pulumi.String(d.s.Region),
		Kind: pulumi.String("StorageV2"), Sku: storage.SkuArgs{Name: pulumi.String("Standard_ZRS")},
		AllowBlobPublicAccess: pulumi.Bool(false), AllowSharedKeyAccess: pulumi.Bool(false), AllowCrossTenantReplication: pulumi.Bool(false),
		DefaultToOAuthAuthentication: pulumi.Bool(true), EnableHttpsTrafficOnly: pulumi.Bool(true), MinimumTlsVersion: pulumi.String("TLS1_2"),
		IsLocalUserEnabled: pulumi.Bool(false),
		NetworkRuleSet:     storage.NetworkRuleSetArgs{Bypass: pulumi.String("AzureServices"), DefaultAction: storage.DefaultActionDeny},
		Identity: storage.IdentityArgs{
			Type: pulumi.String("UserAssigned"), UserAssignedIdentities: pulumi.StringArray{identity},
		},
		Encryption: storage.EncryptionArgs{
			KeySource:          pulumi.String("Microsoft.Keyvault"),
			KeyVaultProperties: storage.KeyVaultPropertiesArgs{KeyName: own.Name, KeyVaultUri: d.ground.keyVaultURI},
			EncryptionIdentity: storage.EncryptionIdentityArgs{EncryptionUserAssignedIdentity: identity.ToStringPtrOutput()},
			// The two layers together: ours and Azure's
			// (https://learn.microsoft.com/azure/storage/common/infrastructure-encryption-enable).
			RequireInfrastructureEncryption: pulumi.Bool(true),
		},
		Tags: tagMap(t),
	}
}

// retentionArgs delete each log after its days. The flow log's own retention would do it by a policy of its
// own, which an account has only one of, and not for longer than a year.
func (d *Driver) retentionArgs(account pulumi.StringInput, days int, blobs ...string) *storage.ManagementPolicyArgs {
	return &storage.ManagementPolicyArgs{
		ResourceGroupName: d.ground.group, AccountName: account, ManagementPolicyName: pulumi.String("default"),
		Policy: storage.ManagementPolicySchemaArgs{Rules: storage.ManagementPolicyRuleArray{storage.ManagementPolicyRuleArgs{
			Name: pulumi.String("retention"), Type: pulumi.String("Lifecycle"), Enabled: pulumi.Bool(true),
			Definition: storage.ManagementPolicyDefinitionArgs{
				Filters: storage.ManagementPolicyFilterArgs{BlobTypes: pulumi.ToStringArray(blobs)},
				Actions: storage.ManagementPolicyActionArgs{BaseBlob: storage.ManagementPolicyBaseBlobArgs{
					Delete: storage.DateAfterModificationArgs{DaysAfterModificationGreaterThan: pulumi.Float64(days)},
				}},
			},
		}}},
	}
}

// analyticsMinutes is the shorter of the two intervals at which traffic is worked up
// (https://learn.microsoft.com/azure/network-watcher/traffic-analytics).
const analyticsMinutes = 10

func (d *Driver) flowLogArgs(name string, whole, account, identity pulumi.IDOutput, t tags.Set) pulumi.Map {
	return pulumi.Map{
		"resourceGroupName": pulumi.String(watcherGroup), "networkWatcherName": pulumi.String(watcherPrefix + d.s.Region),
		"flowLogName": pulumi.String(d.physical(KindFlowLog, name)), "location": pulumi.String(d.s.Region),
		"targetResourceId": whole, "storageId": account, "enabled": pulumi.Bool(true),
		"format": pulumi.Map{"type": pulumi.String("JSON"), "version": pulumi.Int(2)},
		"identity": pulumi.Map{
			"type": pulumi.String("UserAssigned"), "userAssignedIdentities": pulumi.StringArray{identity.ToStringOutput()},
		},
		"retentionPolicy": pulumi.Map{"enabled": pulumi.Bool(false), "days": pulumi.Int(0)},
		"flowAnalyticsConfiguration": pulumi.Map{"networkWatcherFlowAnalyticsConfiguration": pulumi.Map{
			"enabled": pulumi.Bool(true), "trafficAnalyticsInterval": pulumi.Int(analyticsMinutes),
			"workspaceId": d.ground.workspaceGUID, "workspaceRegion": pulumi.String(d.s.Region), "workspaceResourceId": d.ground.workspace,
		}},
		"tags": tagMap(t),
	}
}
