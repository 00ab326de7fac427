package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/containerservice/v2"
	"github.com/pulumi/pulumi-azure-native-sdk/insights/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// controlPlaneLogs are all that AKS offers but one: kube-audit holds kube-audit-admin, and every look besides
// (https://learn.microsoft.com/azure/aks/monitor-aks-reference#resource-logs).
var controlPlaneLogs = []string{
	"kube-apiserver", "kube-audit-admin", "kube-controller-manager", "kube-scheduler", "cluster-autoscaler",
	"cloud-controller-manager", "guard", "csi-azuredisk-controller", "csi-snapshot-controller",
}

// clusterLogs sends the control plane's logs to the environment's workspace, which keeps them as long as the
// longest-kept of all.
func (d *Driver) clusterLogs(
	ctx *pulumi.Context, name string, control *containerservice.ManagedCluster, parent pulumi.Resource,
) error {
	if _, err := insights.NewDiagnosticSetting(ctx, name+"-logs", d.clusterLogsArgs(name, control.ID().ToStringOutput()), pulumi.Parent(parent)); err != nil {
		return fmt.Errorf("logs of the control plane: %w", err)
	}
	return nil
}

func (d *Driver) clusterLogsArgs(name string, control pulumi.StringInput) *insights.DiagnosticSettingArgs {
	var logs insights.LogSettingsArray
	for _, category := range controlPlaneLogs {
		logs = append(logs, insights.LogSettingsArgs{Category: pulumi.String(category), Enabled: pulumi.Bool(true)})
	}
	return &insights.DiagnosticSettingArgs{
		Name: pulumi.String(d.physical(KindDiagnostics, name)), ResourceUri: control, WorkspaceId: d.ground.workspace,
		LogAnalyticsDestinationType: pulumi.String("Dedicated"), Logs: logs,
	}
}
