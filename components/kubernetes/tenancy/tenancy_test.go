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
	return tenancy.Args{Service: "payments", Pods: 10, MilliCPU: 500, MemoryMiB: 512, Tags: owned}
}

func recorded(t *testing.T) record.Resources {
	t.Helper()
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := tenancy.New(ctx, "tenancy-payments", valid())
		if err != nil {
			return err
		}
		if len(made.Outputs.Ready) != 3 {
			t.Errorf("ready are %v, want quota, limits and account", made.Outputs.Ready)
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
			"service": "payments", "pods": 10, "milliCPU": 500, "memoryMiB": 512, "tags": labels(nil),
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
