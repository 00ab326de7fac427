package tenancy_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/tenancy"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Team: "payments", tags.Project: "platform", tags.Service: "payments", tags.Environment: "dev",
	tags.CostCentre: "2000", tags.DataClass: "payment",
}

func valid() tenancy.Args {
	return tenancy.Args{Service: "payments", Pods: 10, MilliCPU: 500, MemoryMiB: 512, Group: "people", Tags: owned}
}

func recorded(t *testing.T) record.Resources {
	t.Helper()
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := tenancy.New(ctx, "tenancy-payments", valid())
		if err != nil {
			return err
		}
		if len(made.Outputs.Ready) != 4 {
			t.Errorf("ready are %v, want two quotas, limits and account", made.Outputs.Ready)
		}
		ctx.Export("namespace", made.Outputs.Namespace)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return resources
}

func object(values map[string]any) resource.PropertyMap {
	return resource.NewPropertyMapFromMap(values)
}

// labels are those of the owner and more.
func labels(more map[string]any) map[string]any {
	out := map[string]any{}
	for key, value := range owned {
		out[key] = value
	}
	maps.Copy(out, more)
	return out
}

func TestEveryObjectIsExactlyThis(t *testing.T) {
	inside := func(name string) map[string]any {
		return map[string]any{"name": name, "namespace": "payments", "labels": labels(nil)}
	}
	bound := func(name, kind, role string) resource.PropertyMap {
		return object(map[string]any{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "metadata": inside(name),
			"roleRef":  map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": role},
			"subjects": []any{map[string]any{"apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": "people"}},
		})
	}
	rule := func(group, resource, verb string) map[string]any {
		return map[string]any{"apiGroups": []any{group}, "resources": []any{resource}, "verbs": []any{verb}}
	}
	want := map[string]resource.PropertyMap{
		"kubernetes:core/v1:Namespace tenancy-payments-namespace": object(map[string]any{
			"apiVersion": "v1", "kind": "Namespace",
			"metadata": map[string]any{"name": "payments", "labels": labels(map[string]any{
				"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/enforce-version": "latest",
				"pod-security.kubernetes.io/audit": "restricted", "pod-security.kubernetes.io/audit-version": "latest",
				"pod-security.kubernetes.io/warn": "restricted", "pod-security.kubernetes.io/warn-version": "latest",
			})},
		}),
		// 10 pods and 3 of a rolling update.
		"kubernetes:core/v1:ResourceQuota tenancy-payments-quota": object(map[string]any{
			"apiVersion": "v1", "kind": "ResourceQuota", "metadata": inside("service"),
			"spec": map[string]any{"hard": map[string]any{
				"pods": "13", "requests.cpu": "6500m", "limits.cpu": "26", "requests.memory": "6656Mi", "limits.memory": "6656Mi",
				"services.loadbalancers": "0", "services.nodeports": "0", "persistentvolumeclaims": "0",
			}},
		}),
		"kubernetes:core/v1:ResourceQuota tenancy-payments-critical": object(map[string]any{
			"apiVersion": "v1", "kind": "ResourceQuota", "metadata": inside("critical"),
			"spec": map[string]any{"hard": map[string]any{"pods": "0"}, "scopeSelector": map[string]any{"matchExpressions": []any{map[string]any{
				"scopeName": "PriorityClass", "operator": "In", "values": []any{"system-cluster-critical", "system-node-critical"},
			}}}},
		}),
		"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding tenancy-payments-team-view":    bound("team-view", "ClusterRole", "view"),
		"kubernetes:rbac.authorization.k8s.io/v1:RoleBinding tenancy-payments-team-operate": bound("team-operate", "Role", "operate"),
		"kubernetes:rbac.authorization.k8s.io/v1:Role tenancy-payments-operate": object(map[string]any{
			"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": inside("operate"),
			"rules": []any{rule("", "pods", "delete"), rule("", "pods/eviction", "create"), rule("batch", "jobs", "delete")},
		}),
		"kubernetes:core/v1:LimitRange tenancy-payments-limits": object(map[string]any{
			"apiVersion": "v1", "kind": "LimitRange", "metadata": inside("service"),
			"spec": map[string]any{"limits": []any{map[string]any{
				"type":           "Container",
				"defaultRequest": map[string]any{"cpu": "500m", "memory": "512Mi"},
				"default":        map[string]any{"cpu": "2", "memory": "512Mi"},
				"max":            map[string]any{"cpu": "2", "memory": "512Mi"},
			}}},
		}),
		"kubernetes:core/v1:ServiceAccount tenancy-payments-account": object(map[string]any{
			"apiVersion": "v1", "kind": "ServiceAccount", "metadata": inside("payments"), "automountServiceAccountToken": false,
		}),
		"platform:tenancy:Tenancy tenancy-payments": object(map[string]any{
			"service": "payments", "pods": 10, "milliCPU": 500, "memoryMiB": 512, "group": "people",
		}),
	}
	got := recorded(t)
	for key, inputs := range want {
		if !got[key].DeepEquals(inputs) {
			t.Errorf("%s\ngot  %v\nwant %v", key, got[key], inputs)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[key]; !ok {
			t.Errorf("%s is registered too", key)
		}
	}
}

func TestWithoutAGroupNobodyHasAccess(t *testing.T) {
	args := valid()
	args.Group = ""
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := tenancy.New(ctx, "t", args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if n := record.Count(resources, "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding"); n != 0 {
		t.Errorf("%d bindings, want none", n)
	}
}

func TestTheBoundsOfATeamAreTheSumOfItsServices(t *testing.T) {
	small := valid()
	small.Pods, small.MilliCPU, small.MemoryMiB = 3, 100, 256
	got := valid().Bounds().Plus(small.Bounds()).Text()
	// 13 pods of the one and 4 of the other.
	for key, want := range map[string]string{
		"pods": "17", "requests.cpu": "6900m", "limits.cpu": "27600m", "requests.memory": "7680Mi", "limits.memory": "7680Mi",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
}

func TestQuantitiesAreWrittenAsTheServerWritesThem(t *testing.T) {
	args := valid()
	args.Pods, args.MilliCPU, args.MemoryMiB = 4, 400, 1024
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := tenancy.New(ctx, "t", args)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	hard := resources["kubernetes:core/v1:ResourceQuota t-quota"]["spec"].ObjectValue()["hard"].ObjectValue()
	for key, want := range map[string]string{"requests.cpu": "2", "limits.cpu": "8", "requests.memory": "5Gi"} {
		if got := hard[resource.PropertyKey(key)].StringValue(); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}
