package guard

import (
	"strings"
	"sync"

	"platform/policies/document"
)

// Kind is what a thing is to the people who would miss it; the runbook has a section for each.
type Kind string

// The kinds.
const (
	Database     Kind = "database"
	Documents    Kind = "documents"
	Queue        Kind = "queue"
	Topic        Kind = "topic"
	Subscription Kind = "subscription"
	Key          Kind = "key"
	Secret       Kind = "secret"
	Network      Kind = "network"
	Cluster      Kind = "cluster"
	Namespace    Kind = "namespace"
	Bucket       Kind = "bucket"
	Logs         Kind = "logs"
	Group        Kind = "group"
	Unknown      Kind = "unknown" // of a type of which nobody has said what is lost
)

// Kinds lists them, in the order of the runbook.
var Kinds = []Kind{Database, Documents, Queue, Topic, Subscription, Key, Secret, Network, Cluster, Namespace, Bucket, Logs, Group, Unknown}

// loss is what is gone when a thing is replaced or deleted, and the page that says so.
type loss struct {
	kind   Kind
	what   string
	source string
}

// guarded are the types of which something is lost, by their name without a version.
var guarded = map[string]loss{
	"aws:rds/instance:Instance": {Database, "the database with all that is in it, and its automated backups; the last snapshot stays if database.finalSnapshot is set",
		"https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_DeleteInstance.html"},
	"azure-native:dbforpostgresql:Server": {Database, "the server with all its databases; Azure keeps its backup for five days",
		"https://learn.microsoft.com/azure/postgresql/backup-restore/how-to-restore-deleted-server"},
	"azure-native:dbforpostgresql:Database": {Database, "the database with all that is in it; the server's backups still have it",
		"https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-backup-restore"},
	"gcp:sql/databaseInstance:DatabaseInstance": {Database, "the server with all its databases, and its backups",
		"https://cloud.google.com/sql/docs/postgres/delete-instance"},
	"gcp:sql/database:Database": {Database, "the database with all that is in it; the server's backups still have it",
		"https://cloud.google.com/sql/docs/postgres/create-manage-databases"},

	"aws:dynamodb/table:Table": {Documents, "the table with all its items; with point-in-time recovery AWS keeps a backup of the last moment for 35 days",
		"https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery_Howitworks.html"},
	"azure-native:documentdb:DatabaseAccount": {Documents, "the account with all its databases and documents",
		"https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction"},
	"azure-native:documentdb:SqlResourceSqlDatabase": {Documents, "the database with all its containers and documents",
		"https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction"},
	"azure-native:documentdb:SqlResourceSqlContainer": {Documents, "the container with all its documents",
		"https://learn.microsoft.com/azure/cosmos-db/continuous-backup-restore-introduction"},
	"gcp:firestore/database:Database": {Documents, "the database with all its documents, and the versions that point-in-time recovery reads",
		"https://cloud.google.com/firestore/native/docs/manage-databases"},

	"aws:sqs/queue:Queue": {Queue, "the messages that wait in the queue, dead letters included; its name is free again after 60 seconds",
		"https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteQueue.html"},
	"azure-native:servicebus:Namespace": {Queue, "every topic and queue in the namespace with the messages that wait in them, and the host name that services connect to",
		"https://learn.microsoft.com/azure/service-bus-messaging/service-bus-messaging-overview"},
	"azure-native:servicebus:Queue": {Queue, "the messages that wait in the queue, dead letters included",
		"https://learn.microsoft.com/azure/service-bus-messaging/service-bus-queues-topics-subscriptions"},
	"aws:sns/topic:Topic": {Topic, "the topic with its subscriptions; what is published before there is another reaches nobody",
		"https://docs.aws.amazon.com/sns/latest/api/API_DeleteTopic.html"},
	"azure-native:servicebus:Topic": {Topic, "the topic with its subscriptions and the messages that wait in them",
		"https://learn.microsoft.com/azure/service-bus-messaging/service-bus-queues-topics-subscriptions"},
	"gcp:pubsub/topic:Topic": {Topic, "the topic; its subscriptions stay, and no new topic of the name feeds them",
		"https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics/delete"},
	"aws:sns/topicSubscription:TopicSubscription": {Subscription, "what is published before there is another does not reach the consumer",
		"https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html"},
	"azure-native:servicebus:Subscription": {Subscription, "the messages that wait in the subscription, and those that are published before there is another",
		"https://learn.microsoft.com/azure/service-bus-messaging/service-bus-queues-topics-subscriptions"},
	"gcp:pubsub/subscription:Subscription": {Subscription, "the messages that wait in the subscription, at once, and those that are published before there is another",
		"https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions/delete"},

	"aws:kms/key:Key": {Key, "everything that is encrypted with the key; for keys.deletionDays the deletion can be cancelled",
		"https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"},
	"azure-native:keyvault:Vault": {Key, "the vault with its keys and secrets, and by that all that they encrypt; it can be recovered while its soft-delete lasts, and its name is taken so long",
		"https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"},
	"azure-native:keyvault:Key": {Key, "everything that is encrypted with the key, as soon as its vault goes",
		"https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"},
	"gcp:kms/keyRing:KeyRing": {Key, "the ring's keys, and by that all that they encrypt",
		"https://cloud.google.com/kms/docs/delete-kms-resources"},
	"gcp:kms/cryptoKey:CryptoKey": {Key, "everything that is encrypted with the key; until its versions are destroyed they can be restored, and its name is never free again",
		"https://cloud.google.com/kms/docs/delete-kms-resources"},

	"aws:secretsmanager/secret:Secret": {Secret, "the secret's value, which an operator filled in; it can be restored while its recovery window lasts, and its name is taken so long",
		"https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html"},
	"azure-native:keyvault:Secret": {Secret, "the secret's value, as soon as its vault goes",
		"https://learn.microsoft.com/azure/key-vault/general/soft-delete-overview"},
	"gcp:secretmanager/secret:Secret": {Secret, "the secret's value with all its versions, at once and for good",
		"https://cloud.google.com/secret-manager/docs/delete-secret"},
	"gcp:projects/apiKey:ApiKey": {Secret, "the key with which partners call the gateway: they are refused until they have the new one; it can be undeleted for 30 days",
		"https://cloud.google.com/api-keys/docs/create-manage-api-keys"},

	"aws:ec2/vpc:Vpc": {Network, "the network, and everything that stands in it is built anew",
		"https://docs.aws.amazon.com/vpc/latest/userguide/delete-vpc.html"},
	"aws:ec2/subnet:Subnet": {Network, "the subnet, and everything that stands in it is built anew",
		"https://docs.aws.amazon.com/vpc/latest/userguide/subnet-deleting.html"},
	"azure-native:network:VirtualNetwork": {Network, "the network with its subnets, and everything that stands in it is built anew",
		"https://learn.microsoft.com/azure/virtual-network/manage-virtual-network"},
	"azure-native:network:Subnet": {Network, "the subnet, and everything that stands in it is built anew",
		"https://learn.microsoft.com/azure/virtual-network/virtual-network-manage-subnet"},
	"azure-native:network:PrivateZone": {Network, "the zone with its records: the names of databases and endpoints are not found until it is back",
		"https://learn.microsoft.com/azure/dns/private-dns-privatednszone"},
	"gcp:compute/network:Network": {Network, "the network, and everything that stands in it is built anew",
		"https://cloud.google.com/vpc/docs/create-modify-vpc-networks"},
	"gcp:compute/subnetwork:Subnetwork": {Network, "the subnet, and everything that stands in it is built anew",
		"https://cloud.google.com/vpc/docs/create-modify-vpc-networks"},
	"gcp:servicenetworking/connection:Connection": {Network, "the peering over which the databases are reached",
		"https://cloud.google.com/vpc/docs/configure-private-services-access"},
	"gcp:dns/managedZone:ManagedZone": {Network, "the zone with its records: the names in it are not found until it is back",
		"https://cloud.google.com/dns/docs/zones"},

	"aws:eks/cluster:Cluster": {Cluster, "the control plane with everything that runs in the cluster; every service is down until the next one is filled again",
		"https://docs.aws.amazon.com/eks/latest/userguide/delete-cluster.html"},
	"azure-native:containerservice:ManagedCluster": {Cluster, "the cluster with everything that runs in it and its node group of resources; every service is down until the next one is filled again",
		"https://learn.microsoft.com/azure/aks/delete-cluster"},
	"gcp:container/cluster:Cluster": {Cluster, "the cluster with everything that runs in it; every service is down until the next one is filled again",
		"https://cloud.google.com/kubernetes-engine/docs/how-to/deleting-a-cluster"},
	"kubernetes:core/v1:Namespace": {Namespace, "everything in the namespace: workloads, secrets, and claims with their disks",
		"https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/"},
	"kubernetes:argoproj.io/v1alpha1:ApplicationSet": {Namespace, "all applications with everything that they brought: every service is down until they are delivered again",
		"https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Application-Deletion/"},

	"aws:s3/bucketV2:BucketV2": {Bucket, "the bucket with its objects; its name may be taken by anybody",
		"https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html"},
	"azure-native:storage:StorageAccount": {Bucket, "the account with all that is stored in it; its name may be taken by anybody",
		"https://learn.microsoft.com/azure/storage/common/storage-account-recover"},
	"azure-native:storage:BlobContainer": {Bucket, "the container with its blobs",
		"https://learn.microsoft.com/azure/storage/blobs/soft-delete-container-overview"},

	"gcp:storage/bucket:Bucket": {Bucket, "the bucket with its objects; its name may be taken by anybody",
		"https://cloud.google.com/storage/docs/deleting-buckets"},

	"aws:cloudwatch/logGroup:LogGroup": {Logs, "the logs of the days that compliance asks for",
		"https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_DeleteLogGroup.html"},
	"azure-native:operationalinsights:Workspace": {Logs, "the logs of the days that compliance asks for; for 14 days the workspace can be recovered",
		"https://learn.microsoft.com/azure/azure-monitor/logs/delete-workspace"},
	"gcp:logging/projectBucketConfig:ProjectBucketConfig": {Logs, "the logs of the days that compliance asks for; for seven days the bucket can be undeleted",
		"https://cloud.google.com/logging/docs/buckets"},

	"aws:cloudtrail/trail:Trail": {Logs, "the record of what is done in the account, until there is another; what was written stays in its bucket",
		"https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-delete-trails-console.html"},
	"aws:guardduty/detector:Detector": {Logs, "the detector with its findings, and what it had learnt of the account",
		"https://docs.aws.amazon.com/guardduty/latest/ug/guardduty_suspend-disable.html"},

	"azure-native:resources:ResourceGroup": {Group, "the group with everything in it",
		"https://learn.microsoft.com/azure/azure-resource-manager/management/delete-resource-group"},
}

// unguarded are the types that may come and go, by why that is so.
var unguarded = map[string]string{
	"it holds nothing: the next one is as good": `aws:autoscaling/attachment:Attachment aws:autoscaling/tag:Tag
		aws:ec2/defaultSecurityGroup:DefaultSecurityGroup aws:ec2/flowLog:FlowLog aws:ec2/launchTemplate:LaunchTemplate
		aws:ec2/securityGroup:SecurityGroup aws:ec2/securityGroupRule:SecurityGroupRule aws:ec2/tag:Tag aws:eks/addon:Addon
		aws:kms/alias:Alias aws:rds/parameterGroup:ParameterGroup aws:rds/proxy:Proxy
		aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup aws:rds/proxyTarget:ProxyTarget aws:rds/subnetGroup:SubnetGroup
		azure-native:compute:DiskEncryptionSet azure-native:dbforpostgresql:Configuration azure-native:network:FlowLog
		azure-native:network:NetworkSecurityGroup gcp:compute/firewall:Firewall gcp:projects/service:Service
		gcp:projects/serviceIdentity:ServiceIdentity kubernetes:core/v1:LimitRange kubernetes:core/v1:ResourceQuota
		kubernetes:networking.k8s.io/v1:NetworkPolicy kubernetes:policy/v1:PodDisruptionBudget
		kubernetes:scheduling.k8s.io/v1:PriorityClass kubernetes:autoscaling/v2:HorizontalPodAutoscaler
		kubernetes:keda.sh/v1alpha1:ScaledObject kubernetes:keda.sh/v1alpha1:TriggerAuthentication
		kubernetes:monitoring.coreos.com/v1:PodMonitor`,
	"it is a way, which is open again when the next one stands": `aws:ec2/eip:Eip aws:ec2/internetGateway:InternetGateway
		aws:ec2/natGateway:NatGateway aws:ec2/route:Route aws:ec2/routeTable:RouteTable
		aws:ec2/routeTableAssociation:RouteTableAssociation aws:ec2/vpcEndpoint:VpcEndpoint aws:route53/record:Record
		azure-native:network:NatGateway azure-native:network:PrivateDnsZoneGroup azure-native:network:PrivateEndpoint
		azure-native:network:PrivateRecordSet azure-native:network:PublicIPAddress azure-native:network:RecordSet
		azure-native:network:VirtualNetworkLink gcp:compute/address:Address gcp:compute/globalAddress:GlobalAddress
		gcp:compute/route:Route gcp:compute/router:Router gcp:compute/routerNat:RouterNat gcp:dns/recordSet:RecordSet
		kubernetes:core/v1:Service`,
	"it is part of the gateway, which is made from the catalogue": `aws:acm/certificate:Certificate
		aws:acm/certificateValidation:CertificateValidation aws:apigatewayv2/api:Api aws:apigatewayv2/apiMapping:ApiMapping
		aws:apigatewayv2/authorizer:Authorizer aws:apigatewayv2/domainName:DomainName aws:apigatewayv2/integration:Integration
		aws:apigatewayv2/route:Route aws:apigatewayv2/stage:Stage aws:apigatewayv2/vpcLink:VpcLink aws:lb/listener:Listener
		aws:lb/loadBalancer:LoadBalancer aws:lb/targetGroup:TargetGroup azure-native:apimanagement:Api
		azure-native:apimanagement:ApiManagementService azure-native:apimanagement:ApiPolicy azure-native:apimanagement:Backend
		azure-native:apimanagement:Policy gcp:apigateway/api:Api gcp:apigateway/apiConfig:ApiConfig gcp:apigateway/gateway:Gateway
		gcp:certificatemanager/certificate:Certificate gcp:certificatemanager/certificateMap:CertificateMap
		gcp:certificatemanager/certificateMapEntry:CertificateMapEntry gcp:certificatemanager/dnsAuthorization:DnsAuthorization
		gcp:compute/backendService:BackendService gcp:compute/globalForwardingRule:GlobalForwardingRule
		gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup gcp:compute/sSLPolicy:SSLPolicy
		gcp:compute/securityPolicy:SecurityPolicy gcp:compute/targetHttpsProxy:TargetHttpsProxy gcp:compute/uRLMap:URLMap`,
	"it says who may do what, and is written again from the catalogue": `aws:eks/accessEntry:AccessEntry
		aws:eks/accessPolicyAssociation:AccessPolicyAssociation aws:eks/podIdentityAssociation:PodIdentityAssociation
		aws:iam/openIdConnectProvider:OpenIdConnectProvider aws:iam/instanceProfile:InstanceProfile aws:iam/policy:Policy aws:iam/role:Role aws:iam/rolePolicy:RolePolicy
		aws:iam/rolePolicyAttachment:RolePolicyAttachment aws:iam/serviceLinkedRole:ServiceLinkedRole aws:s3/bucketPolicy:BucketPolicy aws:secretsmanager/secretPolicy:SecretPolicy
		aws:sns/topicPolicy:TopicPolicy aws:sqs/queuePolicy:QueuePolicy aws:sqs/redriveAllowPolicy:RedriveAllowPolicy
		azure-native:authorization:RoleAssignment azure-native:dbforpostgresql:Administrator
		azure-native:documentdb:SqlResourceSqlRoleAssignment azure-native:managedidentity:FederatedIdentityCredential
		azure-native:managedidentity:UserAssignedIdentity gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember
		gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember
		gcp:projects/iAMMember:IAMMember gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember
		gcp:pubsub/topicIAMMember:TopicIAMMember gcp:secretmanager/secretIamMember:SecretIamMember gcp:storage/bucketIAMMember:BucketIAMMember
		gcp:serviceaccount/account:Account gcp:serviceaccount/iAMMember:IAMMember gcp:sql/user:User
		kubernetes:core/v1:ServiceAccount kubernetes:rbac.authorization.k8s.io/v1:Role
		kubernetes:rbac.authorization.k8s.io/v1:RoleBinding kubernetes:rbac.authorization.k8s.io/v1:ClusterRole
		kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding
		kubernetes:argoproj.io/v1alpha1:AppProject kubernetes:security.istio.io/v1:PeerAuthentication
		kubernetes:security.istio.io/v1:AuthorizationPolicy kubernetes:security.istio.io/v1:RequestAuthentication
		kubernetes:networking.istio.io/v1:Gateway kubernetes:networking.istio.io/v1:VirtualService kubernetes:networking.istio.io/v1:DestinationRule`,
	"it is fetched again from where it is kept": `kubernetes:external-secrets.io/v1:SecretStore
		kubernetes:external-secrets.io/v1:ExternalSecret`,
	"it is written again from what is there": `kubernetes:core/v1:ConfigMap kubernetes:monitoring.coreos.com/v1:PrometheusRule
		kubernetes:datadoghq.com/v2alpha1:DatadogAgent kubernetes:datadoghq.com/v1alpha1:DatadogMonitor
		kubernetes:datadoghq.com/v1alpha1:DatadogSLO kubernetes:datadoghq.com/v1alpha1:DatadogDashboard`,
	"it says how something else is kept, and that is guarded": `aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock
		aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2
		aws:s3/bucketVersioningV2:BucketVersioningV2 aws:s3/bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2
		aws:s3/bucketObjectLockConfigurationV2:BucketObjectLockConfigurationV2
		azure-native:storage:BlobContainerImmutabilityPolicy azure-native:authorization:ManagementLockByScope
		azure-native:storage:ManagementPolicy gcp:firestore/index:Index`,
	"it signs again, with keys that stay in the cluster when it goes": `kubernetes:cert-manager.io/v1:Certificate
		kubernetes:cert-manager.io/v1:ClusterIssuer kubernetes:cert-manager.io/v1:Issuer`,
	"its content is in Git": `aws:s3/bucketObjectv2:BucketObjectv2`,
	"its value is made by the program or comes from it, and a new one is written": `aws:secretsmanager/secretVersion:SecretVersion
		gcp:secretmanager/secretVersion:SecretVersion`,
	"it says what the cloud watches or refuses, and is written again from the environment's file": `aws:cfg/recorder:Recorder
		aws:cfg/deliveryChannel:DeliveryChannel aws:cfg/recorderStatus:RecorderStatus
		aws:cfg/conformancePack:ConformancePack aws:guardduty/detectorFeature:DetectorFeature
		azure-native:authorization:PolicyAssignment azure-native:security:Pricing gcp:orgpolicy/policy:Policy
		gcp:projects/iAMAuditConfig:IAMAuditConfig`,
	"it watches, and tells people": `aws:cloudwatch/metricAlarm:MetricAlarm azure-native:insights:ActionGroup
		azure-native:insights:DiagnosticSetting azure-native:insights:MetricAlert azure-native:insights:ScheduledQueryRule
		gcp:logging/projectExclusion:ProjectExclusion gcp:logging/projectSink:ProjectSink gcp:monitoring/alertPolicy:AlertPolicy
		gcp:monitoring/notificationChannel:NotificationChannel`,
	"its pods move to other nodes, as in any upgrade": `aws:eks/nodeGroup:NodeGroup azure-native:containerservice:AgentPool
		gcp:container/nodePool:NodePool kubernetes:karpenter.sh/v1:NodePool`,
	"its machines are made anew, one after the other": `kubernetes:karpenter.k8s.aws/v1:EC2NodeClass`,
	"it tells again of what ends":                     `aws:cloudwatch/eventRule:EventRule aws:cloudwatch/eventTarget:EventTarget`,
	"its pods are made again from the image":          `kubernetes:apps/v1:Deployment kubernetes:apps/v1:DaemonSet kubernetes:helm.sh/v3:Release`,
	"the disks that were made by it stay":             `kubernetes:storage.k8s.io/v1:StorageClass`,
}

// harmless is why a type is not guarded.
var harmless = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for why, types := range unguarded {
		for _, t := range strings.Fields(types) {
			out[t] = why
		}
	}
	return out
})

// own are the types of the program itself: components, and what the engine keeps of providers.
func own(t string) bool {
	return strings.HasPrefix(t, "platform:") || strings.HasPrefix(t, "pulumi:")
}

// lost says what would be lost of a type. A type of which nobody has said anything is guarded until somebody does.
func lost(t string) (loss, bool) {
	t = document.Kind(t)
	if l, ok := guarded[t]; ok {
		return l, true
	}
	if own(t) || harmless()[t] != "" {
		return loss{}, false
	}
	return loss{Unknown, "nobody has said yet what is lost of a " + t + ": write it in stacks/lifecycle/guard/types.go", ""}, true
}

// Holds says what a thing of a type is to people, where something is lost with it.
func Holds(t string) (Kind, bool) {
	l, guarded := lost(t)
	return l.kind, guarded
}
