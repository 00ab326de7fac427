package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// gatewayLogs is the category, and its table, that holds one line for each request. By default it has no
// header, body or token (https://learn.microsoft.com/azure/azure-monitor/reference/tables/apimanagementgatewaylogs).
const (
	gatewayLogs      = "GatewayLogs"
	gatewayLogsTable = "ApiManagementGatewayLogs"
)

// requestLogs sends what is kept of each request to the environment's workspace, which keeps all logs equally
// long.
func (d *Driver) requestLogs(ctx *pulumi.Context, logical string, service pulumi.StringInput, parent pulumi.Resource) error {
	if _, err := insights.NewDiagnosticSetting(ctx, logical+"-logs", &insights.DiagnosticSettingArgs{
		Name: pulumi.String("requests"), ResourceUri: service, WorkspaceId: d.ground.workspace,
		// A table of its own, with columns that alarms can ask for.
		LogAnalyticsDestinationType: pulumi.String("Dedicated"),
		Logs:                        insights.LogSettingsArray{insights.LogSettingsArgs{Category: pulumi.String(gatewayLogs), Enabled: pulumi.Bool(true)}},
	}, pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("logs of requests: %w", err)
	}
	return nil
}
