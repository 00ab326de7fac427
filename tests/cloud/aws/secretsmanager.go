package aws

import (
	"encoding/json"
	"strings"

	"platform/tests/cloud"
)

const (
	secretType        = "aws:secretsmanager/secret:Secret"
	secretPolicyType  = "aws:secretsmanager/secretPolicy:SecretPolicy"
	secretVersionType = "aws:secretsmanager/secretVersion:SecretVersion"
)

var secretsmanagerHooks = map[string]cloud.Hook{
	secretType: {
		Created: secretFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return secretFits(t, o) },
		Deleted: secretDeleted,
	},
	secretPolicyType: {
		Created: secretPolicyFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return secretPolicyFits(t, o) },
	},
	secretVersionType: {Created: versionCreated},
}

const malformedPolicy = "MalformedPolicyDocumentException"

// leastRecoveryDays is the shortest recovery window but none at all
// (https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html).
const leastRecoveryDays = 7

func secretFits(t *cloud.Tx, o *cloud.Object) error {
	if days := o.Num("recoveryWindowInDays"); days > 0 && days < leastRecoveryDays {
		return cloud.Refuse("InvalidParameterException", "%s: recoveryWindowInDays: %v; 0 or %d to 30 are allowed", o, days, leastRecoveryDays)
	}
	return principalsExist(t, malformedPolicy, o.Str("policy"))
}

// secretPolicyFits: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutResourcePolicy.html
func secretPolicyFits(t *cloud.Tx, o *cloud.Object) error {
	policy := o.Str("policy")
	if err := principalsExist(t, malformedPolicy, policy); err != nil {
		return err
	}
	if err := policyIsOf(malformedPolicy, policy, o.Str("secretArn")); err != nil {
		return err
	}
	if o.Bool("blockPublicPolicy") && isPublic(policy) {
		return cloud.Refuse("PublicPolicyException", "%s: the policy lets everyone in", o)
	}
	return nil
}

// isPublic says whether a statement lets everyone in unconditionally.
func isPublic(policy string) bool {
	var document struct {
		Statement []struct {
			Effect    string
			Principal any
			Condition map[string]any
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return true
	}
	for _, s := range document.Statement {
		if s.Effect != "Allow" || len(s.Condition) > 0 {
			continue
		}
		principals, _ := s.Principal.(map[string]any)
		for _, p := range append(list(s.Principal), list(principals["AWS"])...) {
			if p == "*" {
				return true
			}
		}
	}
	return false
}

// secretDeleted: policy and versions go with their secret.
func secretDeleted(t *cloud.Tx, o *cloud.Object) error {
	t.Remove(cloud.Key{Type: secretPolicyType, ID: o.ID})
	for _, v := range t.Find(secretVersionType, func(v *cloud.Object) bool { return v.Str("secretId") == o.ID || v.Str("secretId") == o.Str("name") }) {
		t.Remove(v.Key())
	}
	return nil
}

// versionCreated takes the version's own id from the end of the resource's.
func versionCreated(_ *cloud.Tx, o *cloud.Object) error {
	_, version, _ := strings.Cut(o.ID, "|")
	o.Outputs["versionId"] = version
	return nil
}
