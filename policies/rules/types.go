package rules

import (
	"fmt"
	"strings"
	"sync"
)

// harmless are the types that need no condition of their own, by why that is so.
var harmless = map[string]string{
	"it holds nothing and opens nothing": `aws:acm/certificate:Certificate aws:acm/certificateValidation:CertificateValidation
		aws:apigatewayv2/apiMapping:ApiMapping aws:apigatewayv2/vpcLink:VpcLink aws:autoscaling/attachment:Attachment
		aws:ec2/routeTable:RouteTable aws:ec2/route:Route aws:ec2/routeTableAssociation:RouteTableAssociation
		aws:ec2/internetGateway:InternetGateway aws:ec2/natGateway:NatGateway aws:ec2/vpcEndpoint:VpcEndpoint
		aws:kms/alias:Alias aws:rds/subnetGroup:SubnetGroup aws:route53/record:Record aws:sqs/redriveAllowPolicy:RedriveAllowPolicy
		aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup aws:rds/proxyTarget:ProxyTarget aws:eks/addon:Addon
		azure-native:network:NatGateway azure-native:network:PrivateDnsZoneGroup azure-native:network:PrivateEndpoint
		azure-native:network:PrivateRecordSet azure-native:network:PrivateZone azure-native:network:RecordSet
		azure-native:network:Subnet azure-native:network:VirtualNetworkLink azure-native:resources:ResourceGroup
		gcp:certificatemanager/certificate:Certificate gcp:certificatemanager/certificateMap:CertificateMap
		gcp:certificatemanager/certificateMapEntry:CertificateMapEntry gcp:certificatemanager/dnsAuthorization:DnsAuthorization
		gcp:compute/network:Network gcp:compute/regionNetworkEndpointGroup:RegionNetworkEndpointGroup gcp:compute/route:Route
		gcp:compute/router:Router gcp:dns/managedZone:ManagedZone gcp:dns/recordSet:RecordSet gcp:firestore/index:Index
		gcp:kms/keyRing:KeyRing gcp:projects/service:Service gcp:projects/serviceIdentity:ServiceIdentity
		gcp:servicenetworking/connection:Connection gcp:sql/database:Database gcp:logging/projectExclusion:ProjectExclusion
		kubernetes:core/v1:LimitRange kubernetes:core/v1:ResourceQuota kubernetes:scheduling.k8s.io/v1:PriorityClass
		kubernetes:autoscaling/v2:HorizontalPodAutoscaler kubernetes:policy/v1:PodDisruptionBudget
		kubernetes:keda.sh/v1alpha1:ScaledObject kubernetes:keda.sh/v1alpha1:TriggerAuthentication`,
	"it tells services what was made for them, and no secret": `kubernetes:core/v1:ConfigMap`,
	"it refers to secrets, and who may read one is judged where it is kept": `kubernetes:external-secrets.io/v1:SecretStore
		kubernetes:external-secrets.io/v1:ExternalSecret`,
	"what it belongs to is judged": `aws:secretsmanager/secretVersion:SecretVersion azure-native:documentdb:SqlResourceSqlDatabase
		azure-native:documentdb:SqlResourceSqlContainer azure-native:keyvault:Secret gcp:secretmanager/secretVersion:SecretVersion
		azure-native:dbforpostgresql:Database azure-native:servicebus:Topic aws:s3/bucketObjectv2:BucketObjectv2
		gcp:logging/projectSink:ProjectSink`,
	"it is a tag": `aws:autoscaling/tag:Tag aws:ec2/tag:Tag`,
	"it names who may come, and what they may do is judged elsewhere": `aws:eks/accessEntry:AccessEntry
		aws:iam/openIdConnectProvider:OpenIdConnectProvider azure-native:managedidentity:UserAssignedIdentity
		azure-native:dbforpostgresql:Administrator azure-native:documentdb:SqlResourceSqlRoleAssignment
		gcp:serviceaccount/account:Account`,
	"it is a route of the gateway, whose doors are judged": `aws:apigatewayv2/api:Api aws:apigatewayv2/authorizer:Authorizer
		aws:apigatewayv2/integration:Integration aws:apigatewayv2/route:Route azure-native:apimanagement:ApiManagementService
		azure-native:apimanagement:ApiPolicy azure-native:apimanagement:Policy gcp:apigateway/api:Api gcp:apigateway/apiConfig:ApiConfig
		gcp:apigateway/gateway:Gateway gcp:compute/uRLMap:URLMap gcp:compute/securityPolicy:SecurityPolicy
		kubernetes:networking.istio.io/v1:DestinationRule kubernetes:networking.istio.io/v1:VirtualService`,
	"it watches or refuses, and holds nothing": `aws:cfg/conformancePack:ConformancePack azure-native:authorization:PolicyAssignment
		gcp:orgpolicy/policy:Policy`,
	"it tells a queue of ours what ends, and who may send to that is judged": `aws:cloudwatch/eventRule:EventRule
		aws:cloudwatch/eventTarget:EventTarget`,
	"it lends a role to machines, and what that may is judged": `aws:iam/instanceProfile:InstanceProfile`,
	"AWS alone may be it, with grants that AWS wrote":          `aws:iam/serviceLinkedRole:ServiceLinkedRole`,
	"it says who signs in the cluster, where its keys are made and stay": `kubernetes:cert-manager.io/v1:Certificate
		kubernetes:cert-manager.io/v1:ClusterIssuer kubernetes:cert-manager.io/v1:Issuer`,
	"it says whom to ask how they fare": `kubernetes:monitoring.coreos.com/v1:PodMonitor`,
	"it shows how others fare, and what is promised of them": `kubernetes:datadoghq.com/v1alpha1:DatadogDashboard
		kubernetes:datadoghq.com/v1alpha1:DatadogSLO`,
	"its agents are parts of nodes, in a namespace of their own, which is judged": `kubernetes:datadoghq.com/v2alpha1:DatadogAgent`,
	"it tells people": `azure-native:insights:ActionGroup gcp:monitoring/notificationChannel:NotificationChannel`,
}

// known are the types that a rule looks at, or of which it is written why none needs to, each with that.
var known = sync.OnceValue(func() map[string]string {
	out := map[string]string{}
	for why, kinds := range harmless {
		for _, kind := range strings.Fields(kinds) {
			out[kind] = why
		}
	}
	for _, r := range topical {
		if r.ID == tagsComplete.ID || r.ID == tagsAllowed.ID {
			continue // tags say nothing of what a thing can do
		}
		for kind := range r.types() {
			out[kind] = "judged"
		}
	}
	return out
})

func knownType() Rule {
	return Rule{
		ID: "known-type", Severity: High, Controls: reviewed,
		Holds: "Everything that is built is of a type at which these rules have looked",
		Why:   "a new kind of thing could be open to everybody, and no rule would say so",
		Mend:  "write in policies/rules what must hold of the type, or in types.go why nothing must",
		looks: []string{everything},
		each: func(r Resource, _ Environment) []fault {
			kind := r.kind()
			if known()[kind] != "" || strings.HasPrefix(kind, "platform:") || strings.HasPrefix(kind, "pulumi:") {
				return nil
			}
			return []fault{{r, "", fmt.Sprintf("type %s, at which no rule has looked", r.Type), "a type of policies/rules"}}
		},
	}
}
