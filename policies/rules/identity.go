package rules

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"platform/policies/document"
)

var leastPrivilege = Rule{
	ID: "least-privilege", Severity: Critical, Controls: least,
	Holds: "No grant is wider than what the catalogue asks for",
	Why:   "a stolen identity can do whatever it was ever granted",
	Mend:  "name the actions and the resources, as the drivers' grants do",
	table: map[string][]condition{
		"azure-native:authorization:RoleDefinition": {
			must("permissions[].actions[]", noStar, "https://learn.microsoft.com/azure/role-based-access-control/custom-roles"),
			must("permissions[].dataActions[]", noStar, "https://learn.microsoft.com/azure/role-based-access-control/custom-roles"),
		},
		"azure-native:authorization:RoleAssignment": {
			must("scope", allow("one resource, not a subscription or a group of resources", func(v property.Value) bool { return document.OneResource(text(v)) }),
				"https://learn.microsoft.com/azure/role-based-access-control/scope-overview").on(where("roleDefinitionId", changes)),
			must("scope", allow("one resource, or a group or a subscription to look at", func(v property.Value) bool { return !document.WideScope(document.Reader, text(v)) }),
				"https://learn.microsoft.com/azure/role-based-access-control/scope-overview"),
		},
		"kubernetes:rbac.authorization.k8s.io/v1:ClusterRole": starless("https://kubernetes.io/docs/concepts/security/rbac-good-practices/"),
		"kubernetes:rbac.authorization.k8s.io/v1:Role":        starless("https://kubernetes.io/docs/concepts/security/rbac-good-practices/"),
		"kubernetes:argoproj.io/v1alpha1:AppProject": {
			must("spec.sourceRepos[]", oneOfMany, projects), must("spec.destinations[].namespace", oneOfMany, projects),
			must("spec.clusterResourceWhitelist", allow("nothing", func(v property.Value) bool { return v.IsNull() }), projects),
		},
		"kubernetes:argoproj.io/v1alpha1:ApplicationSet": {must("spec.template.spec.project", unset("default"), projects+"#the-default-project")},
	},
	looks: []string{
		"aws:iam/rolePolicy:RolePolicy", "aws:iam/policy:Policy", "aws:iam/userPolicy:UserPolicy", "aws:iam/groupPolicy:GroupPolicy",
		"gcp:projects/iAMMember:IAMMember",
	},
	each: func(r Resource, _ Environment) []fault {
		if cloudOf(r.kind()) == "gcp" {
			return wholeProject(r)
		}
		return wideStatements(r)
	},
}

// changes are roles of Azure that do more than look.
var changes = allow("a role that changes something", func(v property.Value) bool { return document.Last(text(v)) != document.Reader })

// projects are what lets applications through
// (https://argo-cd.readthedocs.io/en/stable/user-guide/projects/).
const projects = "https://argo-cd.readthedocs.io/en/stable/user-guide/projects/"

var oneOfMany = allow("one by name, without *", func(v property.Value) bool { return !strings.ContainsAny(text(v), "*?[") })

var noStar = allow("actions by name", func(v property.Value) bool { return document.Named(text(v)) })

func starless(source string) []condition {
	named := allow("names, not *", func(v property.Value) bool { return text(v) != "*" })
	return []condition{must("rules[].verbs[]", named, source), must("rules[].resources[]", named, source)}
}

// wideStatements finds what a policy of AWS allows beyond names
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege).
func wideStatements(r Resource) []fault {
	doc, ok := documentAt(r, "policy")
	if !ok {
		return nil
	}
	var out []fault
	for i, s := range doc.statements {
		for _, wide := range s.Wide() {
			out = append(out, fault{r, fmt.Sprintf("policy.Statement[%d]", i), doc.shown(wide[0]), wide[1]})
		}
	}
	return out
}

// wholeProject finds grants on all that a project holds
// (https://cloud.google.com/iam/docs/conditions-overview).
func wholeProject(r Resource) []fault {
	role, condition := at(r.Props, "role")[0], at(r.Props, "condition")[0]
	if role.unknown || condition.unknown || !document.WholeProject(text(role.value), !condition.value.IsNull()) {
		return nil
	}
	return []fault{{r, "role", role.shown() + " on the whole project", "a grant on one resource, or one under a condition"}}
}

// administrator wants a managed policy of AWS that is for one purpose
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html).
var administrator = allow("a policy for one purpose", func(v property.Value) bool { return !document.AdministratorPolicy(text(v)) })

var basicRole = allow("a role for one purpose", func(v property.Value) bool { return !document.BasicRole(text(v)) })

const (
	awsJobs  = "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html"
	gcpBasic = "https://cloud.google.com/iam/docs/roles-overview#basic"
)

var noAdministrator = Rule{
	ID: "no-administrator", Severity: Critical, Controls: least,
	Holds: "Nobody may do everything but those whom the landing zone names, in their cluster",
	Why:   "one stolen identity would be enough to take or delete all there is",
	Mend:  "grant what is needed by name; people who administer a cluster are listed in the landing zone",
	table: map[string][]condition{
		"aws:iam/rolePolicyAttachment:RolePolicyAttachment":   {must("policyArn", administrator, awsJobs)},
		"aws:iam/userPolicyAttachment:UserPolicyAttachment":   {must("policyArn", administrator, awsJobs)},
		"aws:iam/groupPolicyAttachment:GroupPolicyAttachment": {must("policyArn", administrator, awsJobs)},
		"aws:eks/accessPolicyAssociation:AccessPolicyAssociation": {
			must("principalArn", anAdmin, "https://docs.aws.amazon.com/eks/latest/userguide/access-policy-permissions.html").
				on(where("policyArn", is("arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"))),
		},
		"azure-native:authorization:RoleAssignment": {
			must("roleDefinitionId", allow("a role for one purpose", func(v property.Value) bool {
				return document.AllRoles[document.Last(text(v))] == ""
			}), "https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged"),
		},
		"gcp:projects/iAMMember:IAMMember":       {must("role", basicRole, gcpBasic)},
		"gcp:projects/iAMBinding:IAMBinding":     {must("role", basicRole, gcpBasic)},
		"gcp:serviceaccount/iAMMember:IAMMember": {must("role", basicRole, gcpBasic)},
		"gcp:organizations/iAMMember:IAMMember":  {must("role", basicRole, gcpBasic)},
		"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": {
			must("roleRef.name", unset("cluster-admin"), "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles"),
		},
		"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": {
			must("roleRef.name", unset("cluster-admin"), "https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles"),
		},
	},
}

// anAdmin wants one of those whom the landing zone names.
var anAdmin = test{
	func(e Environment) string { return oneOf(e.Admins) },
	func(v property.Value, e Environment) bool { return slices.Contains(e.Admins, text(v)) },
}

var noPublicGrant = Rule{
	ID: "no-public-grant", Severity: Critical, Controls: least,
	Holds: "Nothing is granted to everybody",
	Why:   "whoever learns the name could read, write or use it",
	Mend:  "name the identity that may, or the condition under which anyone may",
	table: map[string][]condition{
		"azure-native:storage:BlobContainer": {must("publicAccess", orNothing(is("None")), "https://learn.microsoft.com/azure/storage/blobs/anonymous-read-access-configure")},
	},
	looks: []string{
		"aws:sqs/queuePolicy:QueuePolicy", "aws:sns/topicPolicy:TopicPolicy", "aws:s3/bucketPolicy:BucketPolicy",
		"aws:secretsmanager/secretPolicy:SecretPolicy", "aws:kms/key:Key", "aws:iam/role:Role",
		"gcp:projects/iAMMember:IAMMember", "gcp:pubsub/topicIAMMember:TopicIAMMember",
		"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember", "gcp:secretmanager/secretIamMember:SecretIamMember",
		"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember",
		"gcp:serviceaccount/iAMMember:IAMMember", "gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember", "gcp:storage/bucketIAMMember:BucketIAMMember",
	},
	each: func(r Resource, e Environment) []fault {
		if cloudOf(r.kind()) == "gcp" {
			// https://cloud.google.com/iam/docs/principals-overview#all-users
			return must("member", unset(document.Everyone...), "").judge(r, e)
		}
		path := "policy"
		if r.kind() == "aws:iam/role:Role" {
			path = "assumeRolePolicy"
		}
		doc, ok := documentAt(r, path)
		if !ok {
			return nil
		}
		var out []fault
		for i, s := range doc.statements {
			// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html#principal-anonymous
			if s.Effect == "Allow" && s.Principal.All && !s.Conditional() {
				out = append(out, fault{r, fmt.Sprintf("%s.Statement[%d].Principal", path, i), doc.shown("everybody"), "a named principal, or a condition"})
			}
		}
		return out
	},
}

var identitiesOnly = Rule{
	ID: "identities-only", Severity: High, Controls: named,
	Holds: "What asks who is calling takes identities, not shared keys or passwords",
	Why:   "a key that is shared is never changed, is copied, and tells no log who used it",
	Mend:  "switch keys and passwords off; services come with the identity of their pods",
	table: map[string][]condition{
		"aws:rds/instance:Instance": {
			must("iamDatabaseAuthenticationEnabled", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html"),
			must("manageMasterUserPassword", is("true"), "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html"),
		},
		"aws:ec2/launchTemplate:LaunchTemplate": {
			must("metadataOptions.httpTokens", is("required"), "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-service.html"),
		},
		"kubernetes:karpenter.k8s.aws/v1:EC2NodeClass": {
			must("spec.metadataOptions.httpTokens", is("required"), "https://karpenter.sh/docs/concepts/nodeclasses/"),
			must("spec.metadataOptions.httpPutResponseHopLimit", is("1"), "https://karpenter.sh/docs/concepts/nodeclasses/"),
		},
		"aws:eks/cluster:Cluster": {
			must("accessConfig.authenticationMode", is("API"), "https://docs.aws.amazon.com/eks/latest/userguide/grant-k8s-access.html"),
		},
		"azure-native:dbforpostgresql:Server": {
			must("authConfig.passwordAuth", is("Disabled"), "https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-azure-ad-authentication"),
		},
		"azure-native:documentdb:DatabaseAccount": {
			must("disableLocalAuth", is("true"), "https://learn.microsoft.com/azure/cosmos-db/nosql/how-to-disable-key-based-authentication"),
		},
		"azure-native:servicebus:Namespace": {
			must("disableLocalAuth", is("true"), "https://learn.microsoft.com/azure/service-bus-messaging/disable-local-authentication"),
		},
		"azure-native:storage:StorageAccount": {
			must("allowSharedKeyAccess", is("false"), "https://learn.microsoft.com/azure/storage/common/shared-key-authorization-prevent"),
		},
		"azure-native:containerservice:ManagedCluster": {
			must("disableLocalAccounts", is("true"), "https://learn.microsoft.com/azure/aks/manage-local-accounts-managed-azure-ad"),
			must("aadProfile.enableAzureRBAC", is("true"), "https://learn.microsoft.com/azure/aks/manage-azure-rbac"),
		},
		"azure-native:keyvault:Vault": {
			must("properties.enableRbacAuthorization", is("true"), "https://learn.microsoft.com/azure/key-vault/general/rbac-guide"),
		},
		"azure-native:operationalinsights:Workspace": {
			must("features.disableLocalAuth", is("true"), "https://learn.microsoft.com/azure/azure-monitor/logs/azure-ad-authentication-logs"),
		},
		"gcp:container/cluster:Cluster": {
			must("masterAuth.clientCertificateConfig.issueClientCertificate", orNothing(is("false")), "https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster"),
			must("enableLegacyAbac", orNothing(is("false")), "https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster"),
			must("workloadIdentityConfig.workloadPool", given("the project's pool of identities"), "https://cloud.google.com/kubernetes-engine/docs/how-to/workload-identity"),
		},
		"gcp:sql/user:User": {
			must("type", is("CLOUD_IAM_USER", "CLOUD_IAM_SERVICE_ACCOUNT", "CLOUD_IAM_GROUP"), "https://cloud.google.com/sql/docs/postgres/iam-authentication"),
		},
		"gcp:projects/apiKey:ApiKey": {
			must("restrictions.apiTargets", given("the APIs that the key is for"), "https://cloud.google.com/docs/authentication/api-keys#adding_api_restrictions"),
		},
	},
}
