package azure

import (
	"fmt"

	"github.com/pulumi/pulumi-azure-native-sdk/authorization/v2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure/promise"
	"platform/components/guardrails"
)

// definitions is where built-in definitions are.
const definitions = "/providers/Microsoft.Authorization/policyDefinitions/"

// How an assignment is enforced
// (https://learn.microsoft.com/azure/governance/policy/concepts/assignment-structure#enforcement-mode).
const (
	enforced    = "Default"
	notEnforced = "DoNotEnforce"
)

// CreateGuardrails assigns each definition to the environment's group, so that environments that share a
// subscription do not judge each other.
func (d *Driver) CreateGuardrails(
	ctx *pulumi.Context, name string, args guardrails.Args, parent pulumi.Resource,
) (guardrails.Outputs, error) {
	clauses := pulumi.StringMap{}
	for _, c := range promise.Table.For(args) {
		made, err := authorization.NewPolicyAssignment(ctx, name+"-"+c.Name, d.assignmentArgs(c, args), pulumi.Parent(parent))
		if err != nil {
			return guardrails.Outputs{}, fmt.Errorf("assignment %s: %w", c.Name, err)
		}
		clauses[c.Name] = made.ID().ToStringOutput()
	}
	return guardrails.Outputs{Clauses: clauses}, nil
}

func (d *Driver) assignmentArgs(c guardrails.Clause, args guardrails.Args) *authorization.PolicyAssignmentArgs {
	mode := enforced
	// A definition that knows no other effect than to deny only tells where it is not enforced.
	if c.Effect == nil && (c.Strength == guardrails.Watches || !args.Refuse) {
		mode = notEnforced
	}
	parameters := authorization.ParameterValuesValueMap{}
	set := func(name string, value pulumi.Input) {
		parameters[name] = authorization.ParameterValuesValueArgs{Value: value}
	}
	if c.Parameters != nil {
		for name, value := range c.Parameters(args) {
			set(name, pulumi.ToOutput(value))
		}
	}
	if c.Effect != nil {
		set(promise.EffectParameter, pulumi.String(c.Effect(args)))
	}
	return &authorization.PolicyAssignmentArgs{
		PolicyAssignmentName: pulumi.String(d.physical(KindAssignment, c.Name)),
		DisplayName:          pulumi.String(c.Name), Description: pulumi.String("Promise: " + c.Rule),
		PolicyDefinitionId: pulumi.String(definitions + c.ID), Scope: d.ground.groupID,
		EnforcementMode: pulumi.String(mode), Parameters: parameters,
		NonComplianceMessages: authorization.NonComplianceMessageArray{authorization.NonComplianceMessageArgs{
			Message: pulumi.String("It breaks the promise " + c.Rule + " of docs/policies.md"),
		}},
	}
}

var _ guardrails.Driver = (*Driver)(nil)
