package kubernetes

import (
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
)

// account is a service account.
type account struct{ namespace, name string }

// accountOf is as whom the part of a release writes that brings what applications say.
func accountOf(w *world, release *cloud.Object) account {
	for _, o := range w.t.Owned(release.Key()) {
		if slices.Contains(workloads, o.Type) && strings.HasSuffix(nameOf(o), "application-controller") {
			return account{o.Str("namespace"), o.Str("spec.template.spec.serviceAccountName")}
		}
	}
	return account{}
}

// forbids is what the cluster's access control has against an account doing something with a kind in a namespace; "" if nothing
// (https://kubernetes.io/docs/reference/access-authn-authz/rbac/).
func (w *world) forbids(a account, verb, typ, namespace string) string {
	resource, group, _ := strings.Cut(w.resource(&cloud.Object{Type: typ}), ".")
	bindings := w.t.Find(clusterBindingType, func(o *cloud.Object) bool { return w.mine(o) && binds(o, a) })
	if namespace != "" {
		bindings = append(bindings, w.t.Find(bindingType, func(o *cloud.Object) bool { return w.mine(o) && o.Str("namespace") == namespace && binds(o, a) })...)
	}
	for _, binding := range bindings {
		k := w.key(clusterRoleType, "", binding.Str("roleRef.name"))
		if binding.Str("roleRef.kind") == "Role" {
			k = w.key(roleType, namespace, binding.Str("roleRef.name"))
		}
		role := w.t.Get(k.Type, k.ID)
		if role == nil {
			continue
		}
		for _, rule := range list(role.Value("rules")) {
			if has(rule["apiGroups"], group) && has(rule["resources"], resource) && has(rule["verbs"], verb) && rule["resourceNames"] == nil {
				return ""
			}
		}
	}
	return fmt.Sprintf("%s is forbidden: User \"system:serviceaccount:%s:%s\" cannot %s resource %q in API group %q in the namespace %q",
		strings.TrimSuffix(resource+"."+group, "."), a.namespace, a.name, verb, resource, group, namespace)
}

func binds(binding *cloud.Object, a account) bool {
	return slices.ContainsFunc(list(binding.Value("subjects")), func(s map[string]any) bool {
		return s["kind"] == "ServiceAccount" && s["name"] == a.name && s["namespace"] == a.namespace
	})
}

// has says whether a list of a rule names something, or everything.
func has(of any, name string) bool {
	all, _ := of.([]any)
	return slices.Contains(all, any(name)) || slices.Contains(all, any("*"))
}
