package aws

import (
	"encoding/json"
	"slices"
	"strings"

	"platform/tests/cloud"
)

const (
	queueType              = "aws:sqs/queue:Queue"
	queuePolicyType        = "aws:sqs/queuePolicy:QueuePolicy"
	redriveAllowPolicyType = "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy"
)

var sqsHooks = map[string]cloud.Hook{
	queueType: {
		Created: queueFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return queueFits(t, o) },
		Deleted: queueDeleted,
	},
	queuePolicyType: {
		Created: queuePolicyFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return queuePolicyFits(t, o) },
	},
	redriveAllowPolicyType: {
		Created: redriveAllowFits,
		Updated: func(t *cloud.Tx, _, o *cloud.Object) error { return redriveAllowFits(t, o) },
	},
}

const invalidAttribute = "InvalidAttributeValue"

// maxRedriveSources is how many queues one dead-letter queue can name.
const maxRedriveSources = 10

// redrivePolicy and redriveAllow are the two documents about dead letters
// (https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html).
type redrivePolicy struct {
	DeadLetterTargetArn string `json:"deadLetterTargetArn"`
	MaxReceiveCount     any    `json:"maxReceiveCount"`
}

type redriveAllow struct {
	RedrivePermission string   `json:"redrivePermission"`
	SourceQueueArns   []string `json:"sourceQueueArns"`
}

func queueFits(t *cloud.Tx, o *cloud.Object) error {
	if fifo := strings.HasSuffix(o.Str("name"), ".fifo"); fifo != o.Bool("fifoQueue") {
		return cloud.Refuse("InvalidParameterValue", "%s: the name of a FIFO queue, and of no other, ends in .fifo", o)
	}
	if err := principalsExist(t, invalidAttribute, o.Str("policy")); err != nil {
		return err
	}
	if err := redriveAllowed(o.Str("redriveAllowPolicy"), o); err != nil {
		return err
	}
	return redriveFits(t, o)
}

// redriveFits: the dead letters must be there, of the same kind, and let this queue use them.
func redriveFits(t *cloud.Tx, o *cloud.Object) error {
	text := o.Str("redrivePolicy")
	if text == "" {
		return nil
	}
	var policy redrivePolicy
	if err := json.Unmarshal([]byte(text), &policy); err != nil {
		return cloud.Refuse(invalidAttribute, "%s: redrivePolicy: %v", o, err)
	}
	// A text is what the provider refuses to read back as the number that it wrote.
	if n, ok := policy.MaxReceiveCount.(float64); !ok || n < 1 || n > 1000 {
		return cloud.Refuse(invalidAttribute, "%s: redrivePolicy.maxReceiveCount: %v; a number from 1 to 1000 is allowed", o, policy.MaxReceiveCount)
	}
	dead := t.Lookup([]string{queueType}, []string{"arn"}, policy.DeadLetterTargetArn)
	if dead == nil {
		return cloud.Refuse(invalidAttribute, "%s: value %s for parameter RedrivePolicy is invalid: the dead letter target does not exist", o, text)
	}
	if dead.Bool("fifoQueue") != o.Bool("fifoQueue") {
		return cloud.Refuse(invalidAttribute, "%s: its dead letters %s are not of the same kind", o, dead.ID)
	}
	allow := dead.Str("redriveAllowPolicy")
	if apart := t.Get(redriveAllowPolicyType, dead.ID); apart != nil {
		allow = apart.Str("redriveAllowPolicy")
	}
	if allow == "" {
		return nil
	}
	var allowed redriveAllow
	if err := json.Unmarshal([]byte(allow), &allowed); err != nil {
		return err
	}
	if allowed.RedrivePermission == "denyAll" || allowed.RedrivePermission == "byQueue" && !slices.Contains(allowed.SourceQueueArns, o.Str("arn")) {
		return cloud.Refuse(invalidAttribute, "%s: %s does not let this queue use it as dead letters", o, dead.ID)
	}
	return nil
}

func redriveAllowFits(_ *cloud.Tx, o *cloud.Object) error {
	return redriveAllowed(o.Str("redriveAllowPolicy"), o)
}

// redriveAllowed checks the document; the queues that it names need not be there.
func redriveAllowed(text string, o *cloud.Object) error {
	if text == "" {
		return nil
	}
	var allow redriveAllow
	if err := json.Unmarshal([]byte(text), &allow); err != nil {
		return cloud.Refuse(invalidAttribute, "%s: redriveAllowPolicy: %v", o, err)
	}
	if !slices.Contains([]string{"allowAll", "byQueue", "denyAll"}, allow.RedrivePermission) {
		return cloud.Refuse(invalidAttribute, "%s: redriveAllowPolicy.redrivePermission: %q; allowAll, byQueue, denyAll are allowed", o, allow.RedrivePermission)
	}
	if n := len(allow.SourceQueueArns); (allow.RedrivePermission == "byQueue") != (n > 0) || n > maxRedriveSources {
		return cloud.Refuse(invalidAttribute, "%s: redriveAllowPolicy.sourceQueueArns: %d; 1 to %d with byQueue and none else are allowed", o, n, maxRedriveSources)
	}
	return nil
}

func queuePolicyFits(t *cloud.Tx, o *cloud.Object) error {
	if err := principalsExist(t, invalidAttribute, o.Str("policy")); err != nil {
		return err
	}
	return policyIsOf(invalidAttribute, o.Str("policy"), t.Get(queueType, o.Str("queueUrl")).Str("arn"))
}

// policyIsOf refuses a resource policy about another resource.
func policyIsOf(code, policy, arn string) error {
	var document struct {
		Statement []struct {
			Resource any
		}
	}
	if err := json.Unmarshal([]byte(policy), &document); err != nil {
		return cloud.Refuse(code, "the policy is no JSON document: %v", err)
	}
	for _, statement := range document.Statement {
		for _, resource := range list(statement.Resource) {
			if resource != arn && resource != "*" {
				return cloud.Refuse(code, "the policy of %s is about %s", arn, resource)
			}
		}
	}
	return nil
}

// queueDeleted: what was set on the queue goes with it; messages that still come are lost.
func queueDeleted(t *cloud.Tx, o *cloud.Object) error {
	for _, typ := range []string{queuePolicyType, redriveAllowPolicyType} {
		t.Remove(cloud.Key{Type: typ, ID: o.ID})
	}
	return nil
}
