package azure_test

import "testing"

// assigned is an assignment of a built-in definition to the environment's group.
func assigned(definition, mode string, parameters map[string]any) map[string]any {
	values := map[string]any{}
	for name, value := range parameters {
		values[name] = map[string]any{"value": value}
	}
	return map[string]any{
		"policyAssignmentName": "guard", "scope": "/subscriptions/" + subscription + "/resourceGroups/env", "enforcementMode": mode,
		"policyDefinitionId": "/providers/Microsoft.Authorization/policyDefinitions/" + definition, "parameters": values,
	}
}

func TestAnAssignmentRefusesAnotherPlaceUnlessItOnlyTells(t *testing.T) {
	const allowedLocations = "e56962a6-4747-49cd-b67b-bf8b01975c4c"
	for _, test := range []struct {
		effect, mode, location string
		refused                bool
	}{
		{"Deny", "Default", "eastus", true},
		{"Deny", "Default", "germanywestcentral", false},
		{"Deny", "DoNotEnforce", "eastus", false},
		{"Audit", "Default", "eastus", false},
	} {
		w := newWorld(t)
		w.Have("azure-native:authorization:PolicyAssignment", assigned(allowedLocations, test.mode, map[string]any{
			"effect": test.effect, "listOfAllowedLocations": []any{"germanywestcentral", "westeurope"},
		}))
		_, err := w.Create("azure-native:managedidentity:UserAssignedIdentity", with(map[string]any{"resourceName": "orders", "location": test.location}))
		if test.refused {
			refused(t, test.effect+" in "+test.location, err, "RequestDisallowedByPolicy")
		} else if err != nil {
			t.Errorf("%s, %s in %s: %v", test.effect, test.mode, test.location, err)
		}
	}
}
