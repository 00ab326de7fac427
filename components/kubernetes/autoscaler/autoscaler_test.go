package autoscaler_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/cluster"
	"platform/components/internal/record"
	"platform/components/kubernetes/autoscaler"
	"platform/components/tags"
)

const release = "kubernetes:helm.sh/v3:Release autoscaler-release"

func whole() autoscaler.Args {
	return autoscaler.Args{
		Chart: cluster.Autoscaler{
			Chart: "cluster-autoscaler", Version: "9.50.1", Repository: "https://charts.example.com",
			Namespace: "kube-system", ServiceAccount: "scaler",
			Values: pulumi.Map{"awsRegion": pulumi.String("eu-central-1"), "tolerations": pulumi.ToStringArray([]string{"t"})},
		},
		Tags: tags.Set{
			tags.Team: "platform", tags.Project: "platform", tags.Service: "cluster", tags.Environment: "dev",
			tags.CostCentre: "1000", tags.DataClass: "internal",
		},
	}
}

func build(t *testing.T, args autoscaler.Args) (record.Resources, error) {
	t.Helper()
	return record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := autoscaler.New(ctx, "autoscaler", args)
		if err == nil && made.Release == nil {
			t.Error("the release is not handed out")
		}
		return err
	})
}

func TestTheReleaseHasTheDriversChartAndValues(t *testing.T) {
	resources, err := build(t, whole())
	if err != nil {
		t.Fatal(err)
	}
	got := resources[release]
	for key, want := range map[string]string{
		"name": "cluster-autoscaler", "chart": "cluster-autoscaler", "version": "9.50.1", "namespace": "kube-system",
	} {
		if text := got[resource.PropertyKey(key)].StringValue(); text != want {
			t.Errorf("%s is %q, want %q", key, text, want)
		}
	}
	values := got["values"].ObjectValue()
	for key, want := range map[string]any{
		// the driver's
		"awsRegion": "eu-central-1", "tolerations": []any{"t"},
		// those of every cloud
		"fullnameOverride": "cluster-autoscaler", "replicaCount": 2, "priorityClassName": "system-cluster-critical",
		"podDisruptionBudget": map[string]any{"maxUnavailable": 1},
		"rbac":                map[string]any{"serviceAccount": map[string]any{"create": true, "name": "scaler"}},
		"extraArgs": map[string]any{
			"expander": "least-waste", "skip-nodes-with-system-pods": false, "skip-nodes-with-local-storage": false,
		},
		"resources": map[string]any{
			"requests": map[string]any{"cpu": "100m", "memory": "600Mi"}, "limits": map[string]any{"memory": "600Mi"},
		},
		"containerSecurityContext": map[string]any{
			"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": map[string]any{"drop": []any{"ALL"}},
		},
		"securityContext": map[string]any{
			"runAsNonRoot": true, "runAsUser": 65534, "runAsGroup": 65534, "fsGroup": 65534,
			"seccompProfile": map[string]any{"type": "RuntimeDefault"},
		},
	} {
		if have := values[resource.PropertyKey(key)]; !have.DeepEquals(resource.NewPropertyValue(want)) {
			t.Errorf("values.%s is %v, want %v", key, have, want)
		}
	}
}

func TestEveryFaultIsNamedAtOnceAndNothingIsRegistered(t *testing.T) {
	args := whole()
	args.Chart.Version, args.Chart.ServiceAccount, args.Tags = "latest", "", nil
	args.Chart.Values["replicaCount"] = pulumi.Int(1)
	resources, err := build(t, args)
	for _, path := range []string{"chart.serviceAccount:", "chart.values.replicaCount:", "tags.team:", "version:"} {
		if err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
	if len(resources) != 0 {
		t.Errorf("registered: %v", resources)
	}
}
