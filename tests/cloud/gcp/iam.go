package gcp

import (
	"reflect"
	"regexp"
	"strings"

	"platform/tests/cloud"
)

const (
	googleAccountType = "gcp:serviceaccount/account:Account"
	projectMemberType = "gcp:projects/iAMMember:IAMMember"
)

// iamHooks are those of policies' members, whatever the policy is of.
var iamHooks = map[string]cloud.Hook{
	projectMemberType: {Created: projectMemberCreated},
	"gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember":  {Created: memberCreated},
	"gcp:pubsub/topicIAMMember:TopicIAMMember":                {Created: memberCreated},
	"gcp:secretmanager/secretIamMember:SecretIamMember":       {Created: memberCreated},
	"gcp:dns/dnsManagedZoneIamMember:DnsManagedZoneIamMember": {Created: memberCreated},
	"gcp:serviceaccount/iAMMember:IAMMember":                  {Created: memberCreated},
}

// memberCreated refuses who is not there, as every policy of Google Cloud does
// (https://cloud.google.com/iam/docs/troubleshooting-access).
func memberCreated(t *cloud.Tx, o *cloud.Object) error {
	email, ok := strings.CutPrefix(o.Str("member"), "serviceAccount:")
	if !ok {
		return nil // people and groups are not of this cloud
	}
	if pool, _, ok := strings.Cut(email, "["); ok {
		if t.Count(clusterType, func(c *cloud.Object) bool { return c.Str("workloadIdentityConfig.workloadPool") == pool }) == 0 {
			return cloud.Refuse("INVALID_ARGUMENT", "Identity Pool does not exist (%s). Please check that you specified a valid resource name as returned in the `name` attribute in the configuration API.", pool)
		}
		return nil
	}
	if strings.HasSuffix(email, "@"+o.Account+".iam.gserviceaccount.com") && t.Lookup([]string{googleAccountType}, []string{"email"}, email) == nil {
		return cloud.Refuse("INVALID_ARGUMENT", "Service account %s does not exist.", email)
	}
	return memberExists(t, o, o.Str("member"))
}

// operators are what a condition's expression is counted by, and may have twelve of
// (https://cloud.google.com/iam/docs/conditions-overview#structure).
var operators = regexp.MustCompile(`&&|\|\||!`)

// projectMemberCreated: one member of one role under one condition is one entry of the policy. A second resource for
// it would be taken in silence, and whichever goes first takes it away from both.
func projectMemberCreated(t *cloud.Tx, o *cloud.Object) error {
	same := func(other *cloud.Object, properties ...string) bool {
		for _, p := range properties {
			if !reflect.DeepEqual(other.Value(p), o.Value(p)) {
				return false
			}
		}
		return other.ID != o.ID
	}
	twins := t.Find(projectMemberType, func(other *cloud.Object) bool {
		return same(other, "project", "role", "member", "condition.title", "condition.expression")
	})
	if len(twins) > 0 {
		return cloud.Refuse("ALREADY_EXISTS", "%s has %s already, by %s", o.Str("member"), o.Str("role"), twins[0])
	}
	expression := o.Str("condition.expression")
	if n := len(operators.FindAllString(strings.ReplaceAll(expression, "!=", ""), -1)); n > 12 {
		return cloud.Refuse("INVALID_ARGUMENT", "the condition has %d logical operators, 12 are allowed", n)
	}
	if strings.Contains(expression, `"projects/"`) || strings.Contains(expression, `== ""`) {
		return cloud.Refuse("INVALID_ARGUMENT", "the condition %q compares with nothing", expression)
	}
	// https://cloud.google.com/iam/quotas: a role may be given to one member under twenty conditions
	const most = 20
	if alike := t.Find(projectMemberType, func(other *cloud.Object) bool { return same(other, "project", "role", "member") }); len(alike) >= most {
		return cloud.Refuse("LimitExceeded", "%s has %s under %d conditions, %d are allowed", o.Str("member"), o.Str("role"), len(alike)+1, most)
	}
	return memberCreated(t, o)
}

// encrypts refuses a key that the account of a service may not use, or that is elsewhere
// (https://cloud.google.com/kms/docs/cmek).
func encrypts(t *cloud.Tx, o *cloud.Object, key, service string) error {
	if at := "/locations/" + o.Region + "/"; !strings.Contains(key, at) {
		return cloud.Refuse("INVALID_ARGUMENT", "key %q is not in %s", key, o.Region)
	}
	return mayUse(t, key, "serviceAccount:"+agentEmail(o.Account, service))
}
