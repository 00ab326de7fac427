package checks

import (
	"fmt"
	"slices"

	"platform/tests/cloud"
)

// admissionsInside judge the role bindings of clusters: who administers a cluster is said by the cloud.
var admissionsInside = map[string]judgement{
	"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding":        bound,
	"kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding": bound,
}

// everybody are the groups of all who reach an API, known or not
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings).
var everybody = []string{"system:authenticated", "system:unauthenticated", "system:serviceaccounts"}

func bound(o *cloud.Object, _ world) (want, got string) {
	if name := o.Str("roleRef.name"); name == "cluster-admin" || name == "admin" {
		return "no administrator by a binding", name
	}
	subjects, _ := o.Value("subjects").([]any)
	for _, s := range subjects {
		subject, _ := s.(map[string]any)
		name := fmt.Sprint(subject["name"])
		if slices.Contains(everybody, name) || name == "system:anonymous" || name == "system:masters" {
			return "named subjects", name
		}
	}
	return "", ""
}
