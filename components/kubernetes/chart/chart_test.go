package chart_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
)

func TestAReleaseIsPinnedAndTakenBackWhenItFails(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := chart.New(ctx, "r", chart.Args{
			Name: "operator", Chart: "operator", Version: "9.50.1", Repository: "https://charts.example.com",
			Namespace: "kube-system", TimeoutSec: 300, Values: pulumi.Map{"replicaCount": pulumi.Int(2)},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, chart.Token+" r", map[string]any{
		"name": "operator", "chart": "operator", "version": "9.50.1",
		"repositoryOpts": map[string]any{"repo": "https://charts.example.com"},
		"namespace":      "kube-system", "createNamespace": false, "values": map[string]any{"replicaCount": 2},
		"atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
	})
}

func TestAChartOfARegistryIsNamedInFull(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := chart.New(ctx, "r", chart.Args{
			Name: "operator", Chart: "operator", Version: "1.2.3", Repository: "oci://registry.example.com/charts",
			Namespace: "operator", TimeoutSec: 300, SkipCRDs: true, Values: pulumi.Map{},
		})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	record.Exactly(t, resources, chart.Token+" r", map[string]any{
		"name": "operator", "chart": "oci://registry.example.com/charts/operator", "version": "1.2.3",
		"namespace": "operator", "createNamespace": false, "values": map[string]any{}, "skipCrds": true,
		"atomic": true, "skipAwait": false, "cleanupOnFail": true, "timeout": 300, "maxHistory": 5, "compat": "true",
	})
}

func TestVersionsThatMoveAreRefused(t *testing.T) {
	for version, allowed := range map[string]bool{
		"9.50.1": true, "v1.2.3": true, "1.2.3-rc.1": true, "": false, "latest": false, "9.50": false, "~9.50.1": false, "^9.0.0": false, "9.x.x": false,
	} {
		err := chart.Args{Name: "n", Chart: "c", Version: version, Repository: "r", Namespace: "s", TimeoutSec: 1}.Validate()
		if (err == nil) != allowed {
			t.Errorf("version %q: allowed should be %v, the error is %v", version, allowed, err)
		}
	}
	err := chart.Args{}.Validate()
	for _, path := range []string{"name:", "chart:", "version:", "repository:", "namespace:", "timeoutSec:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
