package kubernetes

import (
	"crypto/sha256"
	"reflect"
	"strings"

	"platform/tests/cloud"
)

// replaced are the fields for whose change the provider makes the object anew
// (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go).
var replaced = map[string][]string{
	"ClusterRoleBinding":    {"roleRef"},
	"Deployment":            {"spec.selector"},
	"Job":                   {"spec.completions", "spec.parallelism", "spec.selector", "spec.template"},
	"PersistentVolumeClaim": {"spec"},
	"ResourceQuota":         {"spec.scopes"},
	"RoleBinding":           {"roleRef"},
	"Secret":                {"type", "stringData", "data"},
	"Service":               {"spec.clusterIP"},
	"StatefulSet": {
		"spec.podManagementPolicy", "spec.revisionHistoryLimit", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates",
	},
	"StorageClass": {"parameters", "provisioner"},
}

// immutable are the fields that the API server refuses to change, whatever the provider does with them
// (https://github.com/kubernetes/kubernetes/tree/master/pkg/apis, validation.go of each group).
var immutable = map[string][]string{
	"ClusterRoleBinding":    {"roleRef"},
	"DaemonSet":             {"spec.selector"},
	"Deployment":            {"spec.selector"},
	"Job":                   {"spec.completions", "spec.selector", "spec.template"},
	"PersistentVolumeClaim": {"spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeMode", "spec.volumeName"},
	"PriorityClass":         {"preemptionPolicy", "value"},
	"ReplicaSet":            {"spec.selector"},
	"ResourceQuota":         {"spec.scopes"},
	"RoleBinding":           {"roleRef"},
	"Secret":                {"type"},
	"StatefulSet":           {"spec.podManagementPolicy", "spec.selector", "spec.serviceName", "spec.volumeClaimTemplates"},
	"StorageClass":          {"parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"},
}

// fixed is the rule by which the inputs of a kind are compared.
func fixed(token, kind string) *cloud.Rule {
	yes := &cloud.Property{Type: "any", Replace: true}
	rule := &cloud.Rule{Properties: map[string]*cloud.Property{
		"apiVersion": {Type: "string", Replace: true}, "kind": {Type: "string", Replace: true},
		"metadata": {Type: "object", Properties: map[string]*cloud.Property{"name": yes, "namespace": yes}},
	}}
	if token == releaseType {
		rule.Properties = map[string]*cloud.Property{"name": yes, "namespace": yes, "chart": yes}
	}
	for _, path := range replaced[kind] {
		of := rule.Properties
		names := strings.Split(path, ".")
		for _, name := range names[:len(names)-1] {
			if of[name] == nil {
				of[name] = &cloud.Property{Type: "object", Properties: map[string]*cloud.Property{}}
			}
			of = of[name].Properties
		}
		of[names[len(names)-1]] = yes
	}
	return rule
}

// unchanged refuses the change of a field that cannot be changed.
func unchanged(o *cloud.Object, inputs map[string]any) error {
	_, kind := version(o.Type)
	for _, path := range immutable[kind] {
		names := strings.Split(path, ".")
		if !reflect.DeepEqual(dig(o.Inputs, names...), dig(inputs, names...)) {
			return cloud.Refuse("Invalid", "%s %q is invalid: %s: Forbidden: field is immutable", kind, nameOf(o), path)
		}
	}
	return nil
}

// sum makes the eight hexadecimal digits that the provider appends to a name.
func sum(seed []byte) []byte {
	s := sha256.Sum256(seed)
	return s[:4]
}
