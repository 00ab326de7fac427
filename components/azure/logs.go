package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// auditEvents are the log of a vault: who read, used or changed what
// (https://learn.microsoft.com/azure/key-vault/general/logging).
const auditEvents = "AuditEvent"

// logsOf sends categories of a resource's logs to the environment's workspace, which keeps them
// (https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/logs-index).
func (d *Driver) logsOf(
	ctx *pulumi.Context, name string, target pulumi.StringInput, parent pulumi.Resource, categories ...string,
) (pulumi.Resource, error) {
	made, err := insights.NewDiagnosticSetting(ctx, name+"-logs", d.logsArgs(target, categories), pulumi.Parent(parent))
	if err != nil {
		return nil, fmt.Errorf("logs of %s: %w", name, err)
	}
	return made, nil
}

// logsArgs: tables of the resource's own kind, since the table that all kinds share has a limit of columns
// (https://learn.microsoft.com/azure/azure-monitor/essentials/resource-logs#resource-specific).
func (d *Driver) logsArgs(target pulumi.StringInput, categories []string) *insights.DiagnosticSettingArgs {
	var logs insights.LogSettingsArray
	for _, category := range categories {
		logs = append(logs, insights.LogSettingsArgs{Category: pulumi.String(category), Enabled: pulumi.Bool(true)})
	}
	return &insights.DiagnosticSettingArgs{
		Name: pulumi.String("workspace"), ResourceUri: target, WorkspaceId: d.ground.workspace.ToStringPtrOutput(),
		LogAnalyticsDestinationType: pulumi.String("Dedicated"), Logs: logs,
	}
}
