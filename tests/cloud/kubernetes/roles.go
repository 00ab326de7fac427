package kubernetes

import (
	"fmt"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const (
	roleType           = "kubernetes:rbac.authorization.k8s.io/v1:Role"
	clusterRoleType    = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRole"
	bindingType        = "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"
	clusterBindingType = "kubernetes:rbac.authorization.k8s.io/v1:ClusterRoleBinding"
)

// everyCluster are the roles of every cluster that are meant to be given: to people
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#user-facing-roles), and to API servers that are added
// (https://kubernetes.io/docs/tasks/extend-kubernetes/configure-aggregation-layer/#extension-apiserver-authenticates-the-request).
var everyCluster = map[string]bool{
	"ClusterRole admin": true, "ClusterRole cluster-admin": true, "ClusterRole edit": true, "ClusterRole view": true,
	"ClusterRole system:auth-delegator": true, "Role kube-system/extension-apiserver-authentication-reader": true,
}

// bindings notes which of them give a role that is not there: the API takes them, and they give nothing
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/#rolebinding-and-clusterrolebinding).
func (w *world) bindings() {
	for _, typ := range []string{bindingType, clusterBindingType} {
		for _, o := range w.t.Find(typ, func(o *cloud.Object) bool {
			return strings.HasPrefix(o.ID, w.c.ID+"/") && o.Str(controller.Waits) != w.missingRole(o)
		}) {
			wait(o, w.missingRole(o))
		}
	}
}

func (w *world) missingRole(o *cloud.Object) string {
	kind, name := o.Str("roleRef.kind"), o.Str("roleRef.name")
	k, known := w.key(clusterRoleType, "", name), kind+" "+name
	if kind == "Role" {
		k, known = w.key(roleType, o.Str("namespace"), name), kind+" "+o.Str("namespace")+"/"+name
	}
	if w.t.Has(k.Type, k.ID) || everyCluster[known] {
		return ""
	}
	return fmt.Sprintf("%ss.rbac.authorization.k8s.io %q not found", strings.ToLower(kind), name)
}
