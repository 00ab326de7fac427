package kubernetes

import (
	"crypto/sha256"

	"platform/tests/cloud"
)

// immutable are the top-level fields that the API refuses to change, so that the provider replaces
// the object (https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/provider/diff.go).
var immutable = map[string][]string{
	"StorageClass":       {"provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"},
	"ServiceAccount":     {},
	"PriorityClass":      {"value"},
	"RoleBinding":        {"roleRef"},
	"ClusterRoleBinding": {"roleRef"},
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
	for _, name := range immutable[kind] {
		rule.Properties[name] = yes
	}
	return rule
}

// sum makes the eight hexadecimal digits that the provider appends to a name.
func sum(seed []byte) []byte {
	s := sha256.Sum256(seed)
	return s[:4]
}
