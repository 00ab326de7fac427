package checks

import (
	"slices"

	"platform/tests/cloud"
)

// projectRoles are those that hold for a whole project: what the machines of a cluster need
// (https://cloud.google.com/kubernetes-engine/docs/how-to/hardening-your-cluster#use_least_privilege_sa), to find a zone
// of names, for which there is no narrower one (https://cloud.google.com/dns/docs/access-control), and to read metrics,
// which no condition tells apart (https://cloud.google.com/iam/docs/conditions-resource-attributes).
var projectRoles = []string{
	"roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader", "roles/dns.reader", "roles/monitoring.viewer",
}

var admissionsOnGCP = map[string]judgement{
	"gcp:projects/iAMMember:IAMMember": func(o *cloud.Object, all world) (string, string) {
		if want, got := grantOnGCP(o, all); want != "" {
			return want, got
		}
		if o.Value("condition") == nil && !slices.Contains(projectRoles, o.Str("role")) {
			return "a grant under a condition on one resource", o.Str("role") + " on the whole project"
		}
		return "", ""
	},
	"gcp:pubsub/topicIAMMember:TopicIAMMember":                grantOnGCP,
	"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember":  grantOnGCP,
	"gcp:secretmanager/secretIamMember:SecretIamMember":       grantOnGCP,
	"gcp:storage/bucketIAMMember:BucketIAMMember":             grantOnGCP,
	"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": grantOnGCP,
	"gcp:serviceaccount/iAMMember:IAMMember":                  grantOnGCP,
	"gcp:kms/cryptoKeyIAMMember:CryptoKeyIAMMember":           grantOnGCP,
	"gcp:projects/apiKey:ApiKey": unless(func(o *cloud.Object) bool {
		return len(objects(o.Value("restrictions.apiTargets"))) > 0
	}, "a key for one API", "one for all of the project's"),
}

// grantOnGCP refuses grants to everyone, and roles that may do everything
// (https://cloud.google.com/iam/docs/roles-overview#basic).
func grantOnGCP(o *cloud.Object, _ world) (want, got string) {
	if member := o.Str("member"); member == "allUsers" || member == "allAuthenticatedUsers" {
		return "a named member", member
	}
	if role := o.Str("role"); slices.Contains([]string{"roles/owner", "roles/editor", "roles/viewer"}, role) {
		return "a role for one purpose", role
	}
	return "", ""
}
