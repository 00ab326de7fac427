package azure

import (
	"slices"
	"strings"

	"platform/tests/cloud"
)

const policyAssignmentType = "azure-native:authorization:PolicyAssignment"

var policyHooks = map[string]cloud.Hook{
	policyAssignmentType: {Created: func(t *cloud.Tx, o *cloud.Object) error {
		if t.Lookup([]string{groupType}, []string{"id"}, o.Str("scope")) == nil {
			return cloud.Refuse("ResourceGroupNotFound", "%s: %q does not exist", o, o.Str("scope"))
		}
		return nil
	}},
}

// violations are built-in definitions whose aliases are plain, by their ids: what they hold against a resource. Each
// is as https://github.com/Azure/azure-policy has it, under built-in-policies/policyDefinitions.
var violations = map[string]func(assignment, o *cloud.Object) bool{
	// General/AllowedLocations_Deny
	"e56962a6-4747-49cd-b67b-bf8b01975c4c": func(assignment, o *cloud.Object) bool {
		allowed, _ := assignment.Value("parameters.listOfAllowedLocations.value").([]any)
		place := strings.ToLower(strings.ReplaceAll(o.Str("location"), " ", ""))
		return place != "" && place != "global" && !slices.Contains(allowed, any(place))
	},
	// Storage/ASC_Storage_DisallowPublicBlobAccess_Audit
	"4fa4b6c0-31ca-4c0d-b10d-24b96f62a751": of(storageType, func(o *cloud.Object) bool { return o.Value("allowBlobPublicAccess") != false }),
	// Storage/Storage_AuditForHTTPSEnabled_Audit
	"404c3081-a854-4457-ae30-26a93ef643f9": of(storageType, func(o *cloud.Object) bool { return o.Value("enableHttpsTrafficOnly") == false }),
	// Storage/Storage_NetworkAcls_Audit
	"34c877ad-507e-4c82-993e-3452a6e0ad3c": of(storageType, func(o *cloud.Object) bool { return o.Str("networkRuleSet.defaultAction") != "Deny" }),
	// Cosmos DB/Cosmos_DisableLocalAuth_AuditDeny
	"5450f5bd-9c72-4390-a9c4-a7aba4edfdd2": of(cosmosType, func(o *cloud.Object) bool { return !o.Bool("disableLocalAuth") }),
	// Cosmos DB/Cosmos_PrivateNetworkAccess_AuditDeny
	"797b37f7-06b8-444c-b1ad-fc62867f335a": of(cosmosType, func(o *cloud.Object) bool { return o.Str("publicNetworkAccess") != "Disabled" }),
	// Key Vault/SoftDeleteMustBeEnabled_Audit
	"1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d": of(vaultType, func(o *cloud.Object) bool { return !o.Bool("properties.enableSoftDelete") }),
	// Kubernetes/AKS_CMK_Deny
	"7d7be79c-23ba-4033-84dd-45e2a5ccdd67": of("azure-native:containerservice:ManagedCluster", func(o *cloud.Object) bool { return o.Str("diskEncryptionSetID") == "" }),
	// Kubernetes/AKS_DisableLocalAccounts_Deny
	"993c2fcd-2b29-49d2-9eb0-df2c3a730c32": of("azure-native:containerservice:ManagedCluster", func(o *cloud.Object) bool { return !o.Bool("disableLocalAccounts") }),
}

func of(typ string, violates func(*cloud.Object) bool) func(_, o *cloud.Object) bool {
	return func(_, o *cloud.Object) bool { return o.Type == typ && violates(o) }
}

// allowed refuses what assignments deny, of whatever is made or changed in their scope
// (https://learn.microsoft.com/azure/governance/policy/concepts/effect-deny).
func allowed(t *cloud.Tx, o *cloud.Object) error {
	if o.Type == policyAssignmentType {
		return nil
	}
	for _, a := range t.List(policyAssignmentType, nil) {
		definition := a.Str("policyDefinitionId")
		violates := violations[definition[strings.LastIndexByte(definition, '/')+1:]]
		if violates == nil || a.Str("parameters.effect.value") != "Deny" && a.Value("parameters.effect") != nil ||
			a.Str("enforcementMode") == "DoNotEnforce" || !liesIn(o.ID, a.Str("scope")) {
			continue
		}
		if violates(a, o) {
			return cloud.Refuse("RequestDisallowedByPolicy", "resource %s was disallowed by policy %s", o.ID, a.Str("policyAssignmentName"))
		}
	}
	return nil
}
