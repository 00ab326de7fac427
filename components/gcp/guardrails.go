package gcp

import (
	"fmt"

	"github.com/pulumi/pulumi-gcp/sdk/v7/go/gcp/orgpolicy"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/gcp/promise"
	"platform/components/guardrails"
)

// CreateGuardrails sets constraints on the environment's project. Whoever sets them needs a role that is granted at
// the organization alone
// (https://cloud.google.com/resource-manager/docs/organization-policy/using-constraints#required-roles).
func (d *Driver) CreateGuardrails(
	ctx *pulumi.Context, name string, args guardrails.Args, parent pulumi.Resource,
) (guardrails.Outputs, error) {
	clauses := pulumi.StringMap{}
	for _, c := range promise.Table.For(args) {
		made, err := orgpolicy.NewPolicy(ctx, name+"-"+c.Name, d.constraintArgs(c, args), d.under(parent))
		if err != nil {
			return guardrails.Outputs{}, fmt.Errorf("constraint %s: %w", c.ID, err)
		}
		clauses[c.Name] = made.Name
	}
	return guardrails.Outputs{Clauses: clauses}, nil
}

func (d *Driver) constraintArgs(c guardrails.Clause, args guardrails.Args) *orgpolicy.PolicyArgs {
	rule := orgpolicy.PolicySpecRuleArgs{}
	values := c.Parameters(args)
	switch {
	case values[promise.Enforce] != nil:
		rule.Enforce = pulumi.String("TRUE")
	case values[promise.DenyAll] != nil:
		rule.DenyAll = pulumi.String("TRUE")
	case values[promise.DeniedValues] != nil:
		rule.Values = orgpolicy.PolicySpecRuleValuesArgs{DeniedValues: pulumi.ToStringArray(values[promise.DeniedValues].([]string))}
	default:
		rule.Values = orgpolicy.PolicySpecRuleValuesArgs{AllowedValues: pulumi.ToStringArray(values[promise.AllowedValues].([]string))}
	}
	project := "projects/" + d.s.Project
	return &orgpolicy.PolicyArgs{
		Parent: pulumi.String(project), Name: pulumi.String(project + "/policies/" + c.ID),
		Spec: orgpolicy.PolicySpecArgs{Rules: orgpolicy.PolicySpecRuleArray{rule}},
	}
}

var _ guardrails.Driver = (*Driver)(nil)
