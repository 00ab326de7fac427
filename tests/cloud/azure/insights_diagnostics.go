package azure

import (
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const diagnosticType = "azure-native:insights:DiagnosticSetting"

var diagnosticsHooks = map[string]cloud.Hook{
	diagnosticType: {
		Created: diagnosticFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return diagnosticFits(t, o) },
		Deleted: unlocked,
	},
}

// logCategories are the logs that each kind of resource has
// (https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/logs-index).
var logCategories = map[string][]string{
	postgresType: {
		"PostgreSQLLogs", "PostgreSQLFlexDatabaseXacts", "PostgreSQLFlexPGBouncer", "PostgreSQLFlexQueryStoreRuntime",
		"PostgreSQLFlexQueryStoreWaitStats", "PostgreSQLFlexSessions", "PostgreSQLFlexTableStats",
	},
	cosmosType: {
		"CassandraRequests", "ControlPlaneRequests", "DataPlaneRequests", "GremlinRequests", "MongoRequests", "PartitionKeyRUConsumption",
		"PartitionKeyStatistics", "QueryRuntimeStatistics", "TableApiRequests",
	},
	namespaceType: {
		"ApplicationMetricsLogs", "DiagnosticErrorLogs", "OperationalLogs", "RuntimeAuditLogs", "VNetAndIPFilteringLogs",
	},
	vaultType: {"AuditEvent", "AzurePolicyEvaluationDetails"},
	"azure-native:containerservice:ManagedCluster": {
		"cloud-controller-manager", "cluster-autoscaler", "csi-azuredisk-controller", "csi-azurefile-controller", "csi-snapshot-controller",
		"fleet-mcs-controller-manager", "fleet-member-agent", "fleet-member-net-controller-manager", "guard",
		"kube-apiserver", "kube-audit", "kube-audit-admin", "kube-controller-manager", "kube-scheduler",
	},
	"azure-native:apimanagement:ApiManagementService": {"DeveloperPortalAuditLogs", "GatewayLlmLogs", "GatewayLogs", "WebSocketConnectionLogs"},
	networkType: {"VMProtectionAlerts"},
	rulesType:   {"NetworkSecurityGroupEvent", "NetworkSecurityGroupRuleCounter"},
	addressType: {"DDoSMitigationFlowLogs", "DDoSMitigationReports", "DDoSProtectionNotifications"},
	"azure-native:operationalinsights:Workspace": {"Audit", "SummaryLogs"},
}

// diagnosticFits refuses logs that the resource does not have, and those that another setting sends to the same
// workspace (https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings).
func diagnosticFits(t *cloud.Tx, o *cloud.Object) error {
	var allowed []string
	if target := t.Lookup(slices.Sorted(maps.Keys(logCategories)), []string{"id"}, o.Str("resourceUri")); target != nil {
		allowed = logCategories[target.Type]
	} else if ofSubscription(o) {
		allowed = activityCategories
	} else {
		return cloud.Refuse("ResourceNotFound", "%q is not there, or is of a type whose logs are not known here: add it in tests/cloud/azure/insights_diagnostics.go",
			o.Str("resourceUri"))
	}
	sent := categoriesOf(o)
	for _, category := range sent {
		if !strings.Contains(category, "group ") && !slices.Contains(allowed, category) {
			return cloud.Refuse("BadRequest", "category %q is not supported: allowed are %v", category, allowed)
		}
	}
	for _, other := range t.Find(diagnosticType, func(d *cloud.Object) bool {
		return d.ID != o.ID && d.Str("resourceUri") == o.Str("resourceUri") && d.Str("workspaceId") == o.Str("workspaceId")
	}) {
		for _, category := range categoriesOf(other) {
			if slices.Contains(sent, category) {
				return cloud.Refuse("Conflict", "the workspace is already used by %s for %q", other, category)
			}
		}
	}
	exportActivity(t, o)
	return nil
}

func categoriesOf(o *cloud.Object) []string {
	var out []string
	list, _ := o.Value("logs").([]any)
	for _, entry := range list {
		log, _ := entry.(map[string]any)
		if on, _ := log["enabled"].(bool); !on {
			continue
		}
		if group, ok := log["categoryGroup"].(string); ok {
			out = append(out, "group "+group)
		}
		if category, ok := log["category"].(string); ok {
			out = append(out, category)
		}
	}
	return out
}
