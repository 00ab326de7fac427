package checks

import (
	"encoding/json"
	"fmt"
	"slices"

	"platform/tests/cloud"
)

// admissions judge by type who is let in by more than a named grant.
var admissions = joined(admissionsOnAzure, admissionsOnGCP, admissionsInside)

// Admission finds what admits everyone or for everything: a principal of "*" that no condition narrows, in an
// identity's policy every action, a grant to all users, a role that owns, a key that anybody could bear.
func Admission(objects []*cloud.Object) []Finding {
	var out []Finding
	for _, o := range objects {
		if o.Retained != "" {
			continue
		}
		if judge := admissions[o.Type]; judge != nil {
			if want, got := judge(o, objects); want != "" {
				out = append(out, Finding{"admission", o.String(), want, got, see(o)})
			}
		}
		for _, property := range []string{"policy", "assumeRolePolicy"} {
			text := o.Str(property)
			if text == "" {
				continue
			}
			var document struct{ Statement []map[string]any }
			if err := json.Unmarshal([]byte(text), &document); err != nil {
				out = append(out, Finding{"admission", o.String(), property + " to be a policy", err.Error(), see(o)})
				continue
			}
			for _, s := range document.Statement {
				if s["Effect"] != "Allow" {
					continue
				}
				if everyone(s["Principal"]) && s["Condition"] == nil {
					out = append(out, Finding{"admission", o.String(), "named principals", fmt.Sprintf("everyone in %s statement %v", property, s["Sid"]), see(o)})
				}
				if s["Principal"] == nil && slices.Contains(texts(s["Action"]), "*") {
					out = append(out, Finding{"admission", o.String(), "named actions", fmt.Sprintf("every action in %s statement %v", property, s["Sid"]), see(o)})
				}
			}
		}
	}
	return out
}

func everyone(principal any) bool {
	if principal == "*" {
		return true
	}
	named, _ := principal.(map[string]any)
	return slices.Contains(texts(named["AWS"]), "*")
}

func texts(v any) []string {
	switch v := v.(type) {
	case string:
		return []string{v}
	case []any:
		var out []string
		for _, e := range v {
			out = append(out, fmt.Sprint(e))
		}
		return out
	}
	return nil
}
