package audit

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"platform/components/azure/builtin"
	"platform/policies/document"
)

// The flags of a grant.
const (
	TooWide      = "too-wide"
	Unused       = "unused"
	LongLivedKey = "long-lived-key"
)

// Grant is that somebody may do something.
type Grant struct {
	Who  string `json:"who"`
	Deny bool   `json:"deny,omitempty"`
	// What are actions, or a role.
	What  []string `json:"what"`
	Where string   `json:"where"`
	Under string   `json:"under,omitempty"` // a condition
	// Why is the line that asked for it: of the catalogue, or a part of the platform.
	Why   string   `json:"why"`
	Flags []string `json:"flags,omitempty"`
	At    string   `json:"at"` // the URN of what grants it

	who, where string // as the cloud names them
	part       string // of a policy: the statement's id
}

// holds are the types that are things of their own beside what they grant.
var holds = map[string]bool{
	"aws:iam/role:Role": true, "aws:kms/key:Key": true, "azure-native:keyvault:Vault": true, "aws:sqs/queue:Queue": true,
	"azure-native:servicebus:Namespace": true, "azure-native:storage:StorageAccount": true, "azure-native:documentdb:DatabaseAccount": true,
}

// reading is how a type of resource is read.
type reading func(*snapshot, *resource) []Grant

// grants are the types that give somebody something.
var grants = withKeys(map[string]reading{
	"aws:iam/role:Role":                            ofRole,
	"aws:iam/rolePolicy:RolePolicy":                toIdentity("role"),
	"aws:iam/userPolicy:UserPolicy":                toIdentity("user"),
	"aws:iam/groupPolicy:GroupPolicy":              toIdentity("group"),
	"aws:iam/policy:Policy":                        toIdentity("name"),
	"aws:sqs/queuePolicy:QueuePolicy":              onResource("queueUrl"),
	"aws:sqs/queue:Queue":                          onResource(""),
	"aws:sns/topicPolicy:TopicPolicy":              onResource("arn"),
	"aws:s3/bucketPolicy:BucketPolicy":             onResource("bucket"),
	"aws:kms/key:Key":                              onResource(""),
	"aws:secretsmanager/secretPolicy:SecretPolicy": onResource("secretArn"),
	"aws:ecr/repositoryPolicy:RepositoryPolicy":    onResource("repository"),
	"aws:kms/grant:Grant":                          one("granteePrincipal", "operations", "keyId", "constraints", nil),

	"aws:iam/rolePolicyAttachment:RolePolicyAttachment":   one("role", "policyArn", "", "", document.AdministratorPolicy),
	"aws:iam/userPolicyAttachment:UserPolicyAttachment":   one("user", "policyArn", "", "", document.AdministratorPolicy),
	"aws:iam/groupPolicyAttachment:GroupPolicyAttachment": one("group", "policyArn", "", "", document.AdministratorPolicy),

	"aws:eks/accessEntry:AccessEntry":                         one("principalArn", "kubernetesGroups", "clusterName", "", has("system:masters")),
	"aws:eks/accessPolicyAssociation:AccessPolicyAssociation": one("principalArn", "policyArn", "clusterName", "accessScope", nil),
	"aws:eks/podIdentityAssociation:PodIdentityAssociation":   one("namespace,serviceAccount", "!take on", "roleArn", "", nil),

	"azure-native:authorization:RoleAssignment":                one("principalId", "roleDefinitionId", "scope", "condition", nil),
	"azure-native:documentdb:SqlResourceSqlRoleAssignment":     one("principalId", "roleDefinitionId", "scope", "", nil),
	"azure-native:dbforpostgresql:Administrator":               one("objectId", "!administer the server", "serverName", "", nil),
	"azure-native:managedidentity:FederatedIdentityCredential": one("subject", "!take on", "resourceName", "issuer", nil),
	"azure-native:authorization:RoleDefinition":                ofDefinition,
	"azure-native:keyvault:Vault":                              ofVault,

	"gcp:projects/iAMMember:IAMMember":                         member("project", true),
	"gcp:projects/iAMBinding:IAMBinding":                       member("project", true),
	"gcp:organizations/iAMMember:IAMMember":                    member("orgId", true),
	"gcp:folder/iAMMember:IAMMember":                           member("folder", true),
	"gcp:pubsub/topicIAMMember:TopicIAMMember":                 member("topic", false),
	"gcp:pubsub/topicIAMBinding:TopicIAMBinding":               member("topic", false),
	"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember":   member("subscription", false),
	"gcp:pubsub/subscriptionIAMBinding:SubscriptionIAMBinding": member("subscription", false),
	"gcp:secretmanager/secretIamMember:SecretIamMember":        member("secretId", false),
	"gcp:secretmanager/secretIamBinding:SecretIamBinding":      member("secretId", false),
	"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember":  member("managedZone", false),
	"gcp:serviceaccount/iAMMember:IAMMember":                   member("serviceAccountId", false),
	"gcp:serviceaccount/iAMBinding:IAMBinding":                 member("serviceAccountId", false),
	"gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember":            member("cryptoKeyId", false),
	"gcp:kms/cryptoKeyIAMBinding:CryptoKeyIAMBinding":          member("cryptoKeyId", false),
	"gcp:kms/keyRingIAMMember:KeyRingIAMMember":                member("keyRingId", false),
	"gcp:storage/bucketIAMMember:BucketIAMMember":              member("bucket", false),
	"gcp:storage/bucketIAMBinding:BucketIAMBinding":            member("bucket", false),
	"gcp:sql/user:User":                                        one("name", "!connect", "instance", "", nil),

	"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding":        ofBinding,
	"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": ofBinding,
})

// withKeys adds the types that are keys, or have one.
func withKeys(all map[string]reading) map[string]reading {
	for kind, owner := range keys {
		all[kind] = ofKey(owner)
	}
	for kind, path := range shared {
		all[kind] = ofShared(path)
	}
	return all
}

// identities are the types that are somebody.
var identities = []string{
	"aws:iam/role:Role", "aws:iam/serviceLinkedRole:ServiceLinkedRole", "aws:iam/user:User", "aws:iam/group:Group",
	"aws:iam/openIdConnectProvider:OpenIdConnectProvider",
	"azure-native:managedidentity:UserAssignedIdentity", "gcp:serviceaccount/account:Account", "gcp:projects/serviceIdentity:ServiceIdentity",
	accountKind,
}

// keys are what is handed out once and then opens a door until somebody takes it back, by what says whose they are:
//   - https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_access-keys.html
//   - https://learn.microsoft.com/azure/service-bus-messaging/service-bus-sas
//   - https://cloud.google.com/iam/docs/best-practices-for-managing-service-account-keys
var keys = map[string]string{
	"aws:iam/accessKey:AccessKey": "user", "aws:iam/userLoginProfile:UserLoginProfile": "user",
	"aws:iam/serviceSpecificCredential:ServiceSpecificCredential":     "userName",
	"azuread:index/applicationPassword:ApplicationPassword":           "applicationId",
	"azuread:index/servicePrincipalPassword:ServicePrincipalPassword": "servicePrincipalId",
	"azure-native:servicebus:NamespaceAuthorizationRule":              "namespaceName", "azure-native:servicebus:QueueAuthorizationRule": "queueName",
	"azure-native:servicebus:TopicAuthorizationRule": "topicName", "azure-native:eventhub:NamespaceAuthorizationRule": "namespaceName",
	"azure-native:eventhub:EventHubAuthorizationRule": "eventHubName", "azure-native:apimanagement:Subscription": "scope",
	"gcp:serviceaccount/key:Key": "serviceAccountId", "gcp:storage/hmacKey:HmacKey": "serviceAccountEmail", "gcp:projects/apiKey:ApiKey": "project",
}

// shared are the types that have a shared key unless a property says that none counts; "!" wants the property false.
var shared = map[string]string{
	"azure-native:servicebus:Namespace":       "disableLocalAuth",
	"azure-native:storage:StorageAccount":     "!allowSharedKeyAccess",
	"azure-native:documentdb:DatabaseAccount": "disableLocalAuth",
}

func has(value string) func(string) bool {
	return func(t string) bool { return strings.Contains(t, value) }
}

// list is a property that is one text or many.
func (s *snapshot) list(r *resource, path string) []string {
	many, ok := r.at(path).([]any)
	if !ok {
		return []string{s.of(r, path)}
	}
	var out []string
	for _, v := range many {
		out = append(out, text(v))
	}
	slices.Sort(out)
	return out
}

// one reads a type of which each says one thing. What begins with "!" is said by the type itself; a where that is
// empty is what the role or policy says.
func one(who, what, where, under string, wide func(string) bool) reading {
	return func(s *snapshot, r *resource) []Grant {
		var names []string
		for _, path := range strings.Split(who, ",") {
			names = append(names, s.of(r, path))
		}
		g := Grant{who: strings.Join(names, "/"), where: "what the policy names"}
		if said, ok := strings.CutPrefix(what, "!"); ok {
			g.What = []string{said}
		} else {
			g.What = s.list(r, what)
		}
		if where != "" {
			g.where = s.of(r, where)
		}
		if under != "" {
			g.Under = text(r.at(under))
		}
		for i, said := range g.What {
			if where == "scope" && g.where != unknown && !strings.HasPrefix(g.where, reference) && document.WideScope(said, g.where) {
				g.Flags = []string{TooWide}
			}
			if wide != nil && wide(said) || document.AllRoles[document.Last(said)] != "" {
				g.Flags = []string{TooWide}
			}
			g.What[i] = roleName(said)
		}
		return []Grant{g}
	}
}

// statements reads a policy of AWS. An identity's has who from outside, a resource's says it.
func statements(r *resource, path, who, where string) []Grant {
	said := text(r.at(path))
	parsed, ok := document.Parse(said)
	if !ok {
		if said == "" {
			return nil
		}
		if who == "" {
			who = unknown
		}
		if where == "" {
			where = unknown
		}
		if said != secret {
			said = unknown
		}
		return []Grant{{who: who, What: []string{said}, where: where}}
	}
	var out []Grant
	for _, st := range parsed {
		names, places, wide := []string{who}, st.Resource, who != "" && len(st.Wide()) > 0
		if who == "" {
			names = append(st.Principal.Names, st.NotPrincipal.Names...)
			// In the policy of a resource a star is that resource, and its account's root stands for the account's own policies.
			wide = st.Effect == "Allow" && (st.Principal.All && !st.Conditional() || len(st.NotPrincipal.Names)+len(st.NotAction) > 0 ||
				slices.ContainsFunc(st.Action, document.Every) && !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(n, ":root") }))
		}
		if len(places) == 0 || who == "" && slices.Contains(places, "*") {
			places = []string{where}
		}
		if len(st.NotResource) > 0 {
			places = []string{"all but " + strings.Join(st.NotResource, ", ")}
		}
		what := slices.Sorted(slices.Values(st.Action))
		for _, action := range st.NotAction {
			what = append(what, "all but "+action)
		}
		for _, name := range names {
			for _, place := range places {
				g := Grant{who: name, Deny: st.Effect == "Deny", What: what, where: place, part: st.Sid}
				if st.Conditional() {
					g.Under = string(st.Condition)
				}
				if wide {
					g.Flags = []string{TooWide}
				}
				out = append(out, g)
			}
		}
	}
	return out
}

func toIdentity(who string) reading {
	return func(s *snapshot, r *resource) []Grant { return statements(r, "policy", s.of(r, who), "") }
}

func onResource(where string) reading {
	return func(s *snapshot, r *resource) []Grant {
		place := reference + r.URN
		if where != "" {
			place = s.of(r, where)
		}
		return statements(r, "policy", "", place)
	}
}

// ofRole is who may take on a role, and what it was given along with it.
func ofRole(s *snapshot, r *resource) []Grant {
	self := reference + r.URN
	out := statements(r, "assumeRolePolicy", "", self)
	if r.at("managedPolicyArns") != nil {
		for _, arn := range s.list(r, "managedPolicyArns") {
			g := Grant{who: self, What: []string{arn}, where: "what the policy names"}
			if document.AdministratorPolicy(arn) {
				g.Flags = []string{TooWide}
			}
			out = append(out, g)
		}
	}
	inline, _ := r.at("inlinePolicies").([]any)
	for _, v := range inline {
		policy, _ := v.(map[string]any)
		out = append(out, statements(&resource{URN: r.URN, Inputs: policy}, "policy", self, "")...)
	}
	return out
}

// ofDefinition is what a role of one's own allows.
func ofDefinition(_ *snapshot, r *resource) []Grant {
	g := Grant{who: "whoever has the role", where: text(r.at("assignableScopes"))}
	all, _ := r.at("permissions").([]any)
	for _, v := range all {
		permission, _ := v.(map[string]any)
		for _, key := range []string{"actions", "dataActions"} {
			actions, _ := permission[key].([]any)
			for _, action := range actions {
				g.What = append(g.What, text(action))
			}
		}
	}
	slices.Sort(g.What)
	if slices.ContainsFunc(g.What, func(a string) bool { return !document.Named(a) }) {
		g.Flags = []string{TooWide}
	}
	return []Grant{g}
}

// ofVault are the access policies of a vault that does not ask Azure's roles.
func ofVault(_ *snapshot, r *resource) []Grant {
	all, _ := r.at("properties.accessPolicies").([]any)
	var out []Grant
	for _, v := range all {
		entry := &resource{Inputs: map[string]any{}}
		entry.Inputs, _ = v.(map[string]any)
		g := Grant{who: text(entry.at("objectId")), where: reference + r.URN}
		for _, of := range []string{"certificates", "keys", "secrets", "storage"} {
			may, _ := entry.at("permissions." + of).([]any)
			for _, action := range may {
				g.What = append(g.What, of+"/"+text(action))
				if strings.EqualFold(text(action), "all") {
					g.Flags = []string{TooWide}
				}
			}
		}
		out = append(out, g)
	}
	return out
}

// member reads roles of Google Cloud; one on a whole project should be on one resource, or under a condition.
func member(where string, whole bool) reading {
	return func(s *snapshot, r *resource) []Grant {
		who := s.list(r, "member")
		if r.at("members") != nil {
			who = s.list(r, "members")
		}
		role, under := s.of(r, "role"), text(r.at("condition.expression"))
		var out []Grant
		for _, name := range who {
			g := Grant{who: name, What: []string{role}, where: s.of(r, where), Under: under}
			if document.BasicRole(role) || slices.Contains(document.Everyone, name) || whole && role != unknown && document.WholeProject(role, r.at("condition") != nil) {
				g.Flags = []string{TooWide}
			}
			out = append(out, g)
		}
		return out
	}
}

// ofBinding is what somebody may do inside the cluster.
func ofBinding(s *snapshot, r *resource) []Grant {
	subjects, _ := r.at("subjects").([]any)
	kind, name, namespace := text(r.at("roleRef.kind")), text(r.at("roleRef.name")), text(r.at("metadata.namespace"))
	what, flags := []string{kind + " " + name}, []string(nil)
	if name == "cluster-admin" {
		flags = []string{TooWide}
	}
	for _, role := range s.all {
		if role.kind() != "kubernetes:rbac.authorization.k8s.io/v1:"+kind || text(role.at("metadata.name")) != name || text(role.at("metadata.namespace")) != namespace && kind == "Role" {
			continue
		}
		rules, _ := role.at("rules").([]any)
		for _, v := range rules {
			rule, _ := v.(map[string]any)
			line := fmt.Sprintf("%s %s", words(rule["verbs"]), words(rule["resources"]))
			if strings.Contains(line, "*") {
				flags = []string{TooWide}
			}
			what = append(what, line)
		}
	}
	where := "namespace " + namespace
	if namespace == "" {
		where = "the whole cluster"
	}
	var out []Grant
	for _, v := range subjects {
		subject, _ := v.(map[string]any)
		who := text(subject["name"])
		if ns := text(subject["namespace"]); ns != "" {
			who = ns + "/" + who
		}
		out = append(out, Grant{who: who, What: slices.Clone(what), where: where, Flags: flags})
	}
	return out
}

func words(v any) string {
	many, _ := v.([]any)
	var out []string
	for _, one := range many {
		out = append(out, text(one))
	}
	slices.Sort(out)
	return strings.Join(out, ",")
}

func ofKey(owner string) reading {
	return func(s *snapshot, r *resource) []Grant {
		return []Grant{{who: "whoever has the key", What: []string{"be " + s.shown(s.of(r, owner))}, where: reference + r.URN, Flags: []string{LongLivedKey}}}
	}
}

func ofShared(path string) reading {
	return func(_ *snapshot, r *resource) []Grant {
		property, negated := strings.CutPrefix(path, "!")
		if off := text(r.at(property)); off == fmt.Sprint(!negated) {
			return nil
		}
		return []Grant{{who: "whoever has the shared key", What: []string{"everything"}, where: reference + r.URN, Flags: []string{LongLivedKey}}}
	}
}

// Types are those that the audit reads, sorted.
func Types() []string { return slices.Sorted(maps.Keys(grants)) }

func roleName(said string) string {
	id := document.Last(said)
	if name := builtin.Names[id]; name != "" {
		return name
	}
	if name := document.AllRoles[id]; name != "" {
		return name
	}
	return said
}
