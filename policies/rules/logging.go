package rules

// logDays are how long logs of a tier are kept. 30 days are the least that Log Analytics keeps
// (https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure).
var logDays = tiers{"development": 7, "staging": 30, Production: 365}

var logging = Rule{
	ID: "logging", Severity: High, Controls: logged,
	Holds: "Clusters, databases, doors and networks write down who did what",
	Why:   "without a log nobody can tell after an attack what was taken, which the law asks to report",
	Mend:  "switch the log on that is named",
	table: map[string][]condition{
		"aws:eks/cluster:Cluster": {
			must("enabledClusterLogTypes", has("api", "audit", "authenticator"), "https://docs.aws.amazon.com/eks/latest/userguide/control-plane-logs.html"),
		},
		"aws:rds/instance:Instance": {
			must("enabledCloudwatchLogsExports", has("postgresql"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.html"),
		},
		"aws:apigatewayv2/stage:Stage": {
			must("accessLogSettings.destinationArn", given("a log group"), "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html"),
		},
		"aws:cfg/recorder:Recorder": {
			must("recordingGroup.allSupported", orNothing(is("true")), "https://docs.aws.amazon.com/config/latest/developerguide/select-resources.html"),
		},
		"aws:cfg/recorderStatus:RecorderStatus": {
			must("isEnabled", is("true"), "https://docs.aws.amazon.com/config/latest/developerguide/stop-start-recorder.html"),
		},
		"aws:ec2/flowLog:FlowLog": {
			must("trafficType", is("ALL"), "https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs.html"),
		},
		"azure-native:insights:DiagnosticSetting": {
			must("logs[].enabled", is("true"), "https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings"),
			must("workspaceId", given("a workspace"), "https://learn.microsoft.com/azure/azure-monitor/essentials/diagnostic-settings"),
		},
		"azure-native:network:FlowLog": {
			must("enabled", is("true"), "https://learn.microsoft.com/azure/network-watcher/vnet-flow-logs-overview"),
		},
		"gcp:container/cluster:Cluster": {
			must("loggingConfig.enableComponents", has("SYSTEM_COMPONENTS", "APISERVER"), "https://cloud.google.com/kubernetes-engine/docs/concepts/about-logs"),
		},
		// A subnetwork for load balancers' own proxies takes no flow log.
		"gcp:compute/subnetwork:Subnetwork": {
			must("logConfig", given("a log of flows"), "https://cloud.google.com/vpc/docs/using-flow-logs").
				on(where("purpose", orNothing(is("PRIVATE")))),
		},
		"gcp:compute/backendService:BackendService": {
			must("logConfig.enable", is("true"), "https://cloud.google.com/load-balancing/docs/https/https-logging-monitoring"),
		},
		"gcp:compute/routerNat:RouterNat": {
			must("logConfig.enable", is("true"), "https://cloud.google.com/nat/docs/monitoring"),
		},
	},
	looks: append([]string{"aws:ec2/vpc:Vpc", "azure-native:network:VirtualNetwork"}, azureLogged...),
	whole: func(s *stack, _ Environment) []fault {
		out := s.lacking("aws:ec2/vpc:Vpc", "no flow log", "a FlowLog of it", ofKind("aws:ec2/flowLog:FlowLog"))
		out = append(out, s.lacking("azure-native:network:VirtualNetwork", "no flow log", "a FlowLog of it", ofKind("azure-native:network:FlowLog"))...)
		for _, kind := range azureLogged {
			out = append(out, s.lacking(kind, "no log", "a DiagnosticSetting of it", ofKind("azure-native:insights:DiagnosticSetting"))...)
		}
		return out
	},
}

// azureLogged are the types of Azure that log nothing without a setting for each
// (https://learn.microsoft.com/azure/azure-monitor/reference/supported-logs/logs-index).
var azureLogged = []string{
	"azure-native:apimanagement:ApiManagementService", "azure-native:containerservice:ManagedCluster", "azure-native:dbforpostgresql:Server",
	"azure-native:documentdb:DatabaseAccount", "azure-native:keyvault:Vault", "azure-native:servicebus:Namespace",
}

var logRetention = Rule{
	ID: "log-retention", Severity: Medium, Controls: logged,
	Holds: "Logs are kept for the days that the tier asks for",
	Why:   "an attack is found after months on average, and the log of its beginning is needed then",
	Mend:  "raise the logDays, flowLogDays or trail.days in the environment's file",
	table: map[string][]condition{
		"aws:cloudwatch/logGroup:LogGroup": {
			must("retentionInDays", atLeast(logDays, "days"), "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"),
		},
		"aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2": {
			must("rule.defaultRetention.days", atLeast(logDays, "days"), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html"),
		},
		"aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2": {
			must("rules[].expiration.days", orNothing(atLeast(logDays, "days")), "https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-expire-general-considerations.html"),
		},
		"azure-native:storage:BlobContainerImmutabilityPolicy": {
			must("immutabilityPeriodSinceCreationInDays", atLeast(logDays, "days"), "https://learn.microsoft.com/azure/storage/blobs/immutable-time-based-retention-policy-overview"),
		},
		"azure-native:operationalinsights:Workspace": {
			must("retentionInDays", atLeast(logDays, "days"), "https://learn.microsoft.com/azure/azure-monitor/logs/data-retention-configure"),
		},
		"azure-native:storage:ManagementPolicy": {
			must("policy.rules[].definition.actions.baseBlob.delete.daysAfterModificationGreaterThan", orNothing(atLeast(logDays, "days")), "https://learn.microsoft.com/azure/storage/blobs/lifecycle-management-overview"),
		},
		"gcp:logging/projectBucketConfig:ProjectBucketConfig": {
			must("retentionDays", atLeast(logDays, "days"), "https://cloud.google.com/logging/docs/buckets"),
		},
	},
}
