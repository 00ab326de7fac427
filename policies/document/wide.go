package document

import (
	"regexp"
	"slices"
	"strings"
)

// looking is an action that changes nothing; many of these have no resource to name
// (https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html).
var looking = regexp.MustCompile(`^[a-z0-9-]+:(Describe|List|Get|BatchGet)[A-Za-z0-9]*\*?$|^ecr:GetAuthorizationToken$`)

// reading are actions that look like it and hand out data or keys.
var reading = regexp.MustCompile(`^(s3:GetObject|secretsmanager:GetSecretValue|ssm:GetParameter|dynamodb:(Get|BatchGet)|kms:|sts:Get|logs:GetLog)`)

// Looks says whether an action of AWS only looks at what there is, and hands out neither data nor keys.
func Looks(action string) bool { return looking.MatchString(action) && !reading.MatchString(action) }

// Every says whether an action of AWS is every action of a service, or of all.
func Every(action string) bool { return action == "*" || strings.HasSuffix(action, ":*") }

// Named says whether an action of Azure is one, and not every action of something
// (https://learn.microsoft.com/azure/role-based-access-control/custom-roles).
func Named(action string) bool { return action != "*" && !strings.HasSuffix(action, "/*") }

// Wide is what a statement allows to an identity beyond names
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege): what was found, by
// what is allowed in its place.
func (s Statement) Wide() [][2]string {
	if s.Effect != "Allow" {
		return nil
	}
	if len(s.NotAction) > 0 || len(s.NotResource) > 0 {
		return [][2]string{{"NotAction or NotResource", "actions and resources by name"}}
	}
	var out [][2]string
	for _, action := range s.Action {
		if Every(action) {
			out = append(out, [2]string{"action " + action, "actions by name"})
		}
	}
	if slices.Contains(s.Resource, "*") && !s.Conditional() {
		if i := slices.IndexFunc(s.Action, func(action string) bool { return !Looks(action) }); i >= 0 {
			out = append(out, [2]string{s.Action[i] + " on every resource", "resources by name, or a condition"})
		}
	}
	return out
}

// AllRoles are Azure's that may do everything, or let others
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged).
var AllRoles = map[string]string{
	"8e3af657-a8ff-443c-a75c-2fe8c4bcb635": "Owner",
	"b24988ac-6180-42a0-ab88-20f7382dd24c": "Contributor",
	"18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": "User Access Administrator",
	"f58310d9-a9f6-439a-9e8d-f62e7b41a168": "Role Based Access Control Administrator",
}

// OneResource says whether a scope of Azure is a resource, not a subscription or a group of resources
// (https://learn.microsoft.com/azure/role-based-access-control/scope-overview).
func OneResource(scope string) bool {
	return strings.Count(strings.TrimRight(scope, "/"), "/") > len("////")
}

// Reader is Azure's that looks and changes nothing, and reads no data
// (https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/general#reader).
const Reader = "acdd72a7-3385-48ef-bd42-f606fba81ae7"

// WideScope says whether a role of Azure should be on one resource. To find a resource among those of a group, one looks
// at the group; and at the subscription for its quotas, which are in no group
// (https://learn.microsoft.com/azure/quotas/how-to-guide-monitoring-alerting).
func WideScope(role, scope string) bool {
	parts := strings.Count(strings.TrimRight(scope, "/"), "/")
	looked := strings.HasPrefix(scope, "/subscriptions/") && (parts == len("//") || parts == len("////"))
	return !OneResource(scope) && !(looked && Last(role) == Reader)
}

// Last is what follows the last slash.
func Last(text string) string { return text[strings.LastIndexByte(text, '/')+1:] }

// AdministratorPolicy says whether a managed policy of AWS is for more than one purpose
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_job-functions.html).
func AdministratorPolicy(arn string) bool {
	name := Last(arn)
	return slices.Contains([]string{"AdministratorAccess", "PowerUserAccess", "IAMFullAccess", "SystemAdministrator"}, name) ||
		strings.HasSuffix(name, "FullAccess")
}

// BasicRole says whether a role of Google Cloud is for more than one purpose
// (https://cloud.google.com/iam/docs/roles-overview#basic).
func BasicRole(role string) bool {
	return slices.Contains([]string{"roles/owner", "roles/editor", "roles/viewer", "roles/iam.securityAdmin", "roles/resourcemanager.projectIamAdmin"}, role)
}

// projectRoles are those that hold for a whole project: what the machines of a cluster need
// (https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa), to find a zone of
// names among the project's (https://cloud.google.com/dns/docs/access-control), and to read metrics, which no policy and no
// condition tells apart (https://cloud.google.com/iam/docs/conditions-resource-attributes).
var projectRoles = []string{
	"roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader", "roles/dns.reader", "roles/monitoring.viewer",
}

// WholeProject says whether a role on a project of Google Cloud should be on one resource of it
// (https://cloud.google.com/iam/docs/conditions-overview).
func WholeProject(role string, conditional bool) bool {
	return !conditional && !slices.Contains(projectRoles, role)
}

// Everyone are Google Cloud's names of everybody (https://cloud.google.com/iam/docs/principals-overview#all-users).
var Everyone = []string{"allUsers", "allAuthenticatedUsers"}
