package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/operationalinsights/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/resources/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/foundation"
)

// ground is what all resources of an environment lie in or write to.
type ground struct {
	tenant        pulumi.StringOutput // that the subscription trusts
	group         pulumi.StringOutput // name of the resource group
	groupID       pulumi.StringOutput
	workspace     pulumi.StringOutput // resource id of the Log Analytics workspace of all logs
	workspaceGUID pulumi.StringOutput // by which traffic analytics knows it
	keyVault      pulumi.StringOutput // name of the vault of the keys that encrypt data
	keyVaultID    pulumi.StringOutput
	keyVaultURI   pulumi.StringOutput
}

// CreateFoundation builds the resource group in which all lies, the workspace of all logs and the vault of
// the keys.
func (d *Driver) CreateFoundation(
	ctx *pulumi.Context, name string, args foundation.Args, parent pulumi.Resource,
) (foundation.Outputs, error) {
	group, err := resources.NewResourceGroup(ctx, name+"-group", &resources.ResourceGroupArgs{
		ResourceGroupName: pulumi.String(d.physical(KindResourceGroup)), Location: pulumi.String(d.s.Region), Tags: tagMap(args.Tags),
	}, pulumi.Parent(parent))
	if err != nil {
		return foundation.Outputs{}, fmt.Errorf("resource group: %w", err)
	}
	workspace, err := operationalinsights.NewWorkspace(ctx, name+"-workspace", d.workspaceArgs(group.Name, args), pulumi.Parent(parent))
	if err != nil {
		return foundation.Outputs{}, fmt.Errorf("workspace of the logs: %w", err)
	}
	d.ground = ground{
		tenant: authorization.GetClientConfigOutput(ctx, pulumi.Parent(parent)).TenantId(),
		group:  group.Name, groupID: group.ID().ToStringOutput(),
		workspace: workspace.ID().ToStringOutput(), workspaceGUID: workspace.CustomerId,
	}
	vault, err := d.keyVault(ctx, name, args, parent)
	if err != nil {
		return foundation.Outputs{}, err
	}
	if _, err := d.logsOf(ctx, name+"-keys", vault.ID(), parent, auditEvents); err != nil {
		return foundation.Outputs{}, err
	}
	d.ground.keyVault, d.ground.keyVaultID = vault.Name, vault.ID().ToStringOutput()
	d.ground.keyVaultURI = vault.Properties.VaultUri()
	return foundation.Outputs{Ready: []pulumi.Resource{group, vault}}, nil
}

// The days for which the plan keeps logs: https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure
const (
	minLogDays = 30
	maxLogDays = 730
)

// workspaceArgs keeps logs as long as the longest-kept of them; without keys, by identities only.
func (d *Driver) workspaceArgs(group pulumi.StringInput, args foundation.Args) *operationalinsights.WorkspaceArgs {
	return &operationalinsights.WorkspaceArgs{
		ResourceGroupName: group, WorkspaceName: pulumi.String(d.physical(KindWorkspace, "logs")), Location: pulumi.String(d.s.Region),
		Sku:             operationalinsights.WorkspaceSkuArgs{Name: pulumi.String("PerGB2018")},
		RetentionInDays: pulumi.Int(min(max(args.LogDays, minLogDays), maxLogDays)),
		Features:        operationalinsights.WorkspaceFeaturesArgs{DisableLocalAuth: pulumi.Bool(true)},
		Tags:            tagMap(args.Tags),
	}
}

var _ foundation.Driver = (*Driver)(nil)
