package aws

import (
	"encoding/json"
	"strings"

	"platform/tests/cloud"
)

var kmsHooks = map[string]cloud.Hook{
	"aws:kms/key:Key": {
		Created: func(t *cloud.Tx, o *cloud.Object) error {
			return principalsExist(t, "MalformedPolicyDocumentException", o.Str("policy"))
		},
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error {
			return principalsExist(t, "MalformedPolicyDocumentException", o.Str("policy"))
		},
	},
}

// principalsExist refuses a resource policy that names a role of this cloud which is not there, as
// KMS, SNS, SQS and Secrets Manager do
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).
func principalsExist(t *cloud.Tx, code, policy string) error {
	if policy == "" {
		return nil
	}
	var document struct {
		Statement []struct {
			Principal any
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return cloud.Refuse(code, "the policy is no JSON document: %v", err)
	}
	for _, statement := range document.Statement {
		principals, _ := statement.Principal.(map[string]any)
		for _, arn := range list(principals["AWS"]) {
			_, role, ok := strings.Cut(arn, ":role/")
			if !ok {
				continue
			}
			name := role[strings.LastIndex(role, "/")+1:]
			if t.Get("aws:iam/role:Role", name) == nil {
				return cloud.Refuse(code, "policy contains a statement with one or more invalid principals: %s does not exist", arn)
			}
		}
	}
	return nil
}

// list is a value that may be one text or several.
func list(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			if s, ok := e.(string); ok {
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}
