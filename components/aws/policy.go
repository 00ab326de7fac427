package aws

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// policyVersion is the version of the policy language, not a date to update
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html).
const policyVersion = "2012-10-17"

// The two effects of a statement.
const (
	allow = "Allow"
	deny  = "Deny"
)

// The kinds of principal of a statement.
const (
	principalAWS       = "AWS"
	principalService   = "Service"
	principalFederated = "Federated"
)

// statement is one statement of a policy document. Principals is empty in the policies of identities
// and required in those of resources; Resources is empty in the trust policies of roles.
type statement struct {
	Sid        string
	Effect     string // allow if empty
	Actions    []string
	Resources  []pulumi.StringInput
	Principals map[string][]pulumi.StringInput // by kind: AWS, Service, Federated
	Conditions []condition
}

// condition narrows a statement: operator StringEquals, key "aws:SourceArn", any of the values. Of stands before the
// key, where that is known only when something is built: an issuer's key ":sub".
type condition struct {
	Operator string
	Of       pulumi.StringInput
	Key      string
	Values   []pulumi.StringInput
}

// located is a text, or the number of the input that will be it, from one on.
type located struct {
	known string
	at    int
}

// policyJSON writes the policy document of the statements. Its text depends on nothing but them,
// so that an unchanged policy never shows as a difference.
func policyJSON(statements ...statement) pulumi.StringOutput {
	// What is known is a text; what is not yet is where its text will be found.
	var inputs []any
	value := func(in pulumi.StringInput) located {
		if known, ok := in.(pulumi.String); ok {
			return located{known: string(known)}
		}
		inputs = append(inputs, in)
		return located{at: len(inputs)}
	}
	type parts struct {
		resources  []located
		principals map[string][]located
		conditions [][]located
		of         []located
	}
	places := make([]parts, len(statements))
	for i, s := range statements {
		places[i].principals = map[string][]located{}
		for _, resource := range s.Resources {
			places[i].resources = append(places[i].resources, value(resource))
		}
		for kind, principals := range s.Principals {
			for _, principal := range principals {
				places[i].principals[kind] = append(places[i].principals[kind], value(principal))
			}
		}
		for _, c := range s.Conditions {
			var at []located
			for _, v := range c.Values {
				at = append(at, value(v))
			}
			places[i].conditions = append(places[i].conditions, at)
			if c.Of == nil {
				c.Of = pulumi.String("")
			}
			places[i].of = append(places[i].of, value(c.Of))
		}
	}
	return pulumi.All(inputs...).ApplyT(func(resolved []any) (string, error) {
		text := func(places []located) ([]string, error) {
			var texts []string
			for _, place := range places {
				if place.at == 0 {
					texts = append(texts, place.known)
					continue
				}
				s, ok := resolved[place.at-1].(string)
				if !ok {
					return nil, fmt.Errorf("policy document: %T where a text is needed", resolved[place.at-1])
				}
				texts = append(texts, s)
			}
			return texts, nil
		}
		document := policyDocument{Version: policyVersion}
		for i, s := range statements {
			out := policyStatement{Sid: s.Sid, Effect: s.Effect, Action: slices.Clone(s.Actions)}
			if out.Effect == "" {
				out.Effect = allow
			}
			var err error
			if out.Resource, err = text(places[i].resources); err != nil {
				return "", err
			}
			for kind, at := range places[i].principals {
				if out.Principal == nil {
					out.Principal = map[string][]string{}
				}
				if out.Principal[kind], err = text(at); err != nil {
					return "", err
				}
			}
			for j, c := range s.Conditions {
				if out.Condition == nil {
					out.Condition = map[string]map[string][]string{}
				}
				if out.Condition[c.Operator] == nil {
					out.Condition[c.Operator] = map[string][]string{}
				}
				of, err := text(places[i].of[j : j+1])
				if err != nil {
					return "", err
				}
				if out.Condition[c.Operator][of[0]+c.Key], err = text(places[i].conditions[j]); err != nil {
					return "", err
				}
			}
			document.Statement = append(document.Statement, out)
		}
		b, err := json.Marshal(document)
		return string(b), err
	}).(pulumi.StringOutput)
}

// The document as AWS reads it; encoding/json writes maps in the order of their keys.
type policyDocument struct {
	Version   string
	Statement []policyStatement
}

type policyStatement struct {
	Sid       string                         `json:",omitempty"`
	Effect    string                         `json:",omitempty"`
	Principal map[string][]string            `json:",omitempty"`
	Action    []string                       `json:",omitempty"`
	Resource  []string                       `json:",omitempty"`
	Condition map[string]map[string][]string `json:",omitempty"`
}

// denyInsecure refuses every call on the resources that does not come over TLS. The principal has
// to be everyone, since it is a refusal.
func denyInsecure(actions []string, resources ...pulumi.StringInput) statement {
	return statement{
		Sid: "DenyInsecureTransport", Effect: deny, Actions: actions, Resources: resources,
		Principals: map[string][]pulumi.StringInput{principalAWS: {pulumi.String("*")}},
		Conditions: []condition{{Operator: "Bool", Key: "aws:SecureTransport", Values: texts("false")}},
	}
}

// trust lets services of AWS assume a role, on behalf of this account only where the service says
// for whom it acts.
func trust(actions []string, services ...string) statement {
	return statement{
		Actions:    actions,
		Principals: map[string][]pulumi.StringInput{principalService: texts(services...)},
	}
}

// texts are constant inputs.
func texts(values ...string) []pulumi.StringInput {
	inputs := make([]pulumi.StringInput, 0, len(values))
	for _, v := range values {
		inputs = append(inputs, pulumi.String(v))
	}
	return inputs
}
