package gcp

import (
	"strings"

	"platform/tests/cloud"
)

const orgpolicyType = "gcp:orgpolicy/policy:Policy"

var orgpolicyHooks = map[string]cloud.Hook{
	orgpolicyType: {Created: func(_ *cloud.Tx, o *cloud.Object) error {
		if !strings.HasPrefix(o.Str("name"), o.Str("parent")+"/policies/") {
			return cloud.Refuse("INVALID_ARGUMENT", "the policy %q is not of its parent %q", o.Str("name"), o.Str("parent"))
		}
		if rules, ok := o.Value("spec.rules").([]any); !ok || len(rules) == 0 {
			return cloud.Refuse("INVALID_ARGUMENT", "the policy %q has no rule", o.Str("name"))
		}
		return nil
	}},
}

// placed are the properties in which types say where they lie.
var placed = []string{"region", "location", "locationId", "zone"}

// constrained refuses what the project's policies do, as far as it can be told from a property: other places, and
// databases with public addresses
// (https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints). What is global is not
// refused (https://cloud.google.com/resource-manager/docs/organization-policy/defining-locations#limitations).
func constrained(t *cloud.Tx, o *cloud.Object) error {
	at := "projects/" + o.Account + "/policies/"
	if p := t.Get(orgpolicyType, at+"gcp.resourceLocations"); p != nil {
		for _, property := range placed {
			if place := strings.ToLower(o.Str(property)); place != "" && place != "global" && !placeAllowed(place, p) {
				return cloud.Refuse("FAILED_PRECONDITION", "%s in %q violates the constraint constraints/gcp.resourceLocations", o, place)
			}
		}
	}
	if p := t.Get(orgpolicyType, at+"sql.restrictPublicIp"); p != nil && o.Type == "gcp:sql/databaseInstance:DatabaseInstance" &&
		o.Value("settings.ipConfiguration.ipv4Enabled") != false {
		return cloud.Refuse("FAILED_PRECONDITION", "%s with a public address violates the constraint constraints/sql.restrictPublicIp", o)
	}
	return nil
}

// placeAllowed says whether a place, or the region of a zone, is in one of the groups that a policy allows.
func placeAllowed(place string, policy *cloud.Object) bool {
	rules, _ := policy.Value("spec.rules").([]any)
	for _, r := range rules {
		rule, _ := r.(map[string]any)
		values, _ := rule["values"].(map[string]any)
		allowed, _ := values["allowedValues"].([]any)
		for _, v := range allowed {
			text, _ := v.(string)
			group := strings.TrimSuffix(strings.TrimPrefix(text, "in:"), "-locations")
			if place == group || strings.HasPrefix(place, group+"-") {
				return true
			}
		}
	}
	return false
}
