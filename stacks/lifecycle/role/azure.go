package role

import (
	"fmt"
	"slices"
	"strings"

	"platform/policies/document"
	"platform/stacks/config"
	"platform/stacks/strict"
)

// Azure is what the pipeline is granted on Azure.
type Azure struct {
	Role       Definition `json:"role"`
	Assignment Assignment `json:"assignment"`
}

// Definition is a custom role, as `az role definition create --role-definition` reads it
// (https://learn.microsoft.com/azure/role-based-access-control/custom-roles#custom-role-properties).
type Definition struct {
	Name, Description                                                  string
	IsCustom                                                           bool
	Actions, NotActions, DataActions, NotDataActions, AssignableScopes []string
}

// Assignment is how the role is granted: `az role assignment create` takes each as a flag
// (https://learn.microsoft.com/azure/role-based-access-control/conditions-role-assignments-cli). Without the condition the
// pipeline could make itself an owner.
type Assignment struct {
	Scope            string `json:"scope"`
	Condition        string `json:"condition,omitempty"`
	ConditionVersion string `json:"conditionVersion,omitempty"`
}

// The limits of Azure, which names none for the number of actions
// (https://learn.microsoft.com/azure/azure-resource-manager/management/azure-subscription-service-limits#azure-rbac-limits).
const (
	MaxName        = 512
	MaxDescription = 2 << 10
	MaxCondition   = 8 << 10
)

// assigns is the action that lets somebody let somebody.
const assigns = "Microsoft.Authorization/roleAssignments/write"

// ofAzure is a custom role of the subscription. It may assign just the roles that the environment assigns, by the
// condition of its own assignment.
func ofAzure(w wanted, uses Uses, purpose string, s config.Settings) (any, error) {
	scope := "/subscriptions/" + s.Landing.Account
	out := Azure{
		Role: Definition{
			Name: titles[purpose] + s.Environment, Description: "What the pipeline needs for " + s.Environment + ", and no more", IsCustom: true,
			Actions: w.actions, NotActions: []string{}, DataActions: []string{}, NotDataActions: []string{}, AssignableScopes: []string{scope},
		},
		Assignment: Assignment{Scope: scope},
	}
	if slices.Contains(w.actions, assigns) {
		condition, err := only(uses.Roles)
		if err != nil {
			return nil, err
		}
		out.Assignment.Condition, out.Assignment.ConditionVersion = condition, "2.0"
	}
	return out, out.fault()
}

func (a Azure) fault() error {
	var faults []error
	for _, limit := range []struct {
		path, value string
		most        int
	}{
		{"role.Name", a.Role.Name, MaxName}, {"role.Description", a.Role.Description, MaxDescription},
		{"assignment.condition", a.Assignment.Condition, MaxCondition},
	} {
		if n := len(limit.value); n > limit.most {
			faults = append(faults, fmt.Errorf("%s has %d characters: %d are allowed", limit.path, n, limit.most))
		}
	}
	return strict.Join(faults)
}

// only is the condition that lets these roles alone be given and taken: by what is asked for where one is given, and by
// what is there where one is taken (https://learn.microsoft.com/azure/role-based-access-control/delegate-role-assignments-examples).
func only(roles []string) (string, error) {
	var faults []error
	for _, role := range roles {
		if name, wide := document.AllRoles[role]; wide {
			faults = append(faults, fmt.Errorf("role %s is %s: no environment assigns a role that may do everything, or let others", role, name))
		}
	}
	if len(roles) == 0 {
		faults = append(faults, fmt.Errorf("roles are assigned, and none is named: is it the whole inventory?"))
	}
	if len(faults) > 0 {
		return "", strict.Join(faults)
	}
	part := func(action, source string) string {
		return fmt.Sprintf("((!(ActionMatches{'Microsoft.Authorization/roleAssignments/%s'})) OR "+
			"(@%s[Microsoft.Authorization/roleAssignments:RoleDefinitionId] ForAnyOfAnyValues:GuidEquals {%s}))", action, source, strings.Join(roles, ", "))
	}
	return part("write", "Request") + " AND " + part("delete", "Resource"), nil
}
