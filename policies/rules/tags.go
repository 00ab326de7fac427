package rules

import (
	"maps"
	"slices"
	"strings"

	"platform/components/tags"
	"platform/stacks/catalog"
	"platform/stacks/config"
)

// tagged are the types that bear tags, and where.
var tagged = func() map[string]string {
	out := map[string]string{}
	for path, kinds := range map[string]string{
		"tags": `aws:acm/certificate:Certificate aws:apigatewayv2/api:Api aws:apigatewayv2/vpcLink:VpcLink
			aws:apigatewayv2/stage:Stage aws:apigatewayv2/domainName:DomainName aws:cloudwatch/metricAlarm:MetricAlarm aws:cloudwatch/eventRule:EventRule
			aws:cloudtrail/trail:Trail aws:guardduty/detector:Detector
			aws:ec2/launchTemplate:LaunchTemplate aws:dynamodb/table:Table aws:ec2/vpc:Vpc
			aws:ec2/defaultSecurityGroup:DefaultSecurityGroup aws:ec2/subnet:Subnet aws:ec2/internetGateway:InternetGateway
			aws:ec2/eip:Eip aws:ec2/natGateway:NatGateway aws:ec2/routeTable:RouteTable aws:ec2/securityGroup:SecurityGroup
			aws:ec2/vpcEndpoint:VpcEndpoint aws:ec2/flowLog:FlowLog aws:eks/cluster:Cluster aws:eks/accessEntry:AccessEntry
			aws:eks/addon:Addon aws:eks/podIdentityAssociation:PodIdentityAssociation aws:eks/nodeGroup:NodeGroup
			aws:iam/role:Role aws:iam/instanceProfile:InstanceProfile aws:iam/serviceLinkedRole:ServiceLinkedRole aws:iam/policy:Policy aws:iam/openIdConnectProvider:OpenIdConnectProvider aws:kms/key:Key
			aws:lb/loadBalancer:LoadBalancer aws:lb/targetGroup:TargetGroup aws:lb/listener:Listener
			aws:cloudwatch/logGroup:LogGroup aws:rds/instance:Instance aws:rds/subnetGroup:SubnetGroup
			aws:rds/parameterGroup:ParameterGroup aws:rds/proxy:Proxy aws:s3/bucketV2:BucketV2
			aws:s3/bucketObjectv2:BucketObjectv2 aws:secretsmanager/secret:Secret aws:sns/topic:Topic aws:sqs/queue:Queue
			azure-native:apimanagement:ApiManagementService azure-native:compute:DiskEncryptionSet
			azure-native:containerservice:ManagedCluster azure-native:containerservice:AgentPool
			azure-native:dbforpostgresql:Server azure-native:documentdb:DatabaseAccount
			azure-native:documentdb:SqlResourceSqlDatabase azure-native:documentdb:SqlResourceSqlContainer
			azure-native:insights:ActionGroup azure-native:insights:MetricAlert azure-native:insights:ScheduledQueryRule
			azure-native:keyvault:Vault azure-native:keyvault:Key azure-native:keyvault:Secret
			azure-native:managedidentity:UserAssignedIdentity azure-native:network:VirtualNetwork
			azure-native:network:NetworkSecurityGroup azure-native:network:PublicIPAddress azure-native:network:NatGateway
			azure-native:network:PrivateZone azure-native:network:VirtualNetworkLink azure-native:network:PrivateEndpoint
			azure-native:network:FlowLog azure-native:operationalinsights:Workspace azure-native:resources:ResourceGroup
			azure-native:servicebus:Namespace azure-native:storage:StorageAccount`,
		"labels": `gcp:apigateway/api:Api gcp:apigateway/apiConfig:ApiConfig gcp:apigateway/gateway:Gateway
			gcp:certificatemanager/dnsAuthorization:DnsAuthorization gcp:certificatemanager/certificate:Certificate
			gcp:certificatemanager/certificateMap:CertificateMap gcp:certificatemanager/certificateMapEntry:CertificateMapEntry
			gcp:compute/globalForwardingRule:GlobalForwardingRule gcp:compute/address:Address
			gcp:compute/globalAddress:GlobalAddress gcp:dns/managedZone:ManagedZone gcp:kms/cryptoKey:CryptoKey
			gcp:pubsub/topic:Topic gcp:pubsub/subscription:Subscription gcp:secretmanager/secret:Secret gcp:storage/bucket:Bucket`,
		"spec.tags":                 `kubernetes:karpenter.k8s.aws/v1:EC2NodeClass`,
		"resourceLabels":            `gcp:container/cluster:Cluster`,
		"nodeConfig.resourceLabels": `gcp:container/nodePool:NodePool`,
		"settings.userLabels":       `gcp:sql/databaseInstance:DatabaseInstance`,
		"userLabels":                `gcp:monitoring/alertPolicy:AlertPolicy gcp:monitoring/notificationChannel:NotificationChannel`,
		"metadata.labels": `kubernetes:core/v1:Namespace kubernetes:core/v1:ServiceAccount kubernetes:core/v1:ResourceQuota
			kubernetes:core/v1:LimitRange kubernetes:storage.k8s.io/v1:StorageClass kubernetes:apps/v1:Deployment
			kubernetes:apps/v1:StatefulSet kubernetes:apps/v1:DaemonSet kubernetes:networking.k8s.io/v1:NetworkPolicy
			kubernetes:autoscaling/v2:HorizontalPodAutoscaler kubernetes:policy/v1:PodDisruptionBudget
			kubernetes:scheduling.k8s.io/v1:PriorityClass kubernetes:rbac.authorization.k8s.io/v1:Role
			kubernetes:cert-manager.io/v1:Certificate kubernetes:cert-manager.io/v1:ClusterIssuer kubernetes:cert-manager.io/v1:Issuer
			kubernetes:rbac.authorization.k8s.io/v1:RoleBinding kubernetes:rbac.authorization.k8s.io/v1:ClusterRole
			kubernetes:core/v1:ConfigMap kubernetes:core/v1:Service kubernetes:external-secrets.io/v1:SecretStore kubernetes:external-secrets.io/v1:ExternalSecret
			kubernetes:argoproj.io/v1alpha1:AppProject kubernetes:argoproj.io/v1alpha1:ApplicationSet
			kubernetes:karpenter.sh/v1:NodePool kubernetes:keda.sh/v1alpha1:ScaledObject
			kubernetes:keda.sh/v1alpha1:TriggerAuthentication
			kubernetes:datadoghq.com/v2alpha1:DatadogAgent kubernetes:datadoghq.com/v1alpha1:DatadogMonitor
			kubernetes:datadoghq.com/v1alpha1:DatadogSLO kubernetes:datadoghq.com/v1alpha1:DatadogDashboard
			kubernetes:monitoring.coreos.com/v1:PodMonitor kubernetes:monitoring.coreos.com/v1:PrometheusRule`,
	} {
		for _, kind := range strings.Fields(kinds) {
			out[kind] = path
		}
	}
	return out
}()

// taggedTypes are the types of which the rules want tags, in order.
func taggedTypes() []string { return slices.Sorted(maps.Keys(tagged)) }

// components are what the service tag may name beside the services of the catalogue.
var components = []string{"alarms", "broker", "certificates", "cluster", "delivery", "dns", "foundation", "gateway", "guardrails", "headroom", "keda", "mesh", "monitoring", "network", "nodes", "platform", "priority", "secrets", "storage", "telemetry", "tenancy", "trail"}

var tagsComplete = Rule{
	ID: "tags-complete", Severity: Medium, Controls: listed,
	Holds: "Everything that can bear tags says whose it is, what it is for, who pays and how sensitive its data is",
	Why:   "what has no owner is paid by nobody, mended by nobody and never taken away",
	Mend:  "hand the component's tags to the resource",
	looks: taggedTypes(),
	each: func(r Resource, _ Environment) []fault {
		var out []fault
		for _, key := range tags.Required {
			for _, s := range tagsOf(r, key) {
				if !s.unknown && empty(s.value) {
					out = append(out, fault{r, s.path, s.shown(), "a text"})
				}
			}
		}
		return out
	},
}

// tagsOf is where a resource has one of its tags.
func tagsOf(r Resource, key string) []spot { return at(r.Props, tagged[r.kind()]+"."+key) }

var tagsAllowed = Rule{
	ID: "tags-allowed", Severity: Medium, Controls: listed,
	Holds: "Tags say what the catalogue knows: its teams and their cost centres, its services, its classes of data",
	Why:   "a bill or an audit by a misspelt team or class leaves things out, and nobody sees it",
	Mend:  "take the tags from the settings (Tags, ServiceTags), or add the team or service to the catalogue",
	looks: taggedTypes(),
	each: func(r Resource, e Environment) []fault {
		var out []fault
		for _, key := range tags.Required {
			allowed := e.vocabulary(key)
			for _, s := range tagsOf(r, key) {
				if !s.unknown && !empty(s.value) && !slices.Contains(allowed, text(s.value)) {
					out = append(out, fault{r, s.path, s.shown(), oneOf(allowed)})
				}
			}
		}
		return out
	},
}

// vocabulary is what a tag may say.
func (e Environment) vocabulary(key string) []string {
	switch key {
	case tags.Team:
		return slices.Sorted(maps.Keys(e.Costs))
	case tags.Project:
		return []string{config.Project}
	case tags.Service:
		return slices.Concat(e.Services, components)
	case tags.Environment:
		return []string{e.Name}
	case tags.CostCentre:
		return slices.Compact(slices.Sorted(slices.Values(append(slices.Collect(maps.Values(e.Costs)), e.Shared))))
	}
	return catalog.DataClasses
}
