package system_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/system"
	"platform/components/kubernetes/tenancy"
	"platform/components/tags"
)

func TestANamespaceOfThePlatformIsRestrictedAndTagged(t *testing.T) {
	owned := tags.Set{
		tags.Team: "platform", tags.Project: "platform", tags.Service: "certificates", tags.Environment: "dev",
		tags.CostCentre: "1000", tags.DataClass: "internal",
	}
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := system.NewNamespace(ctx, "certificates-namespace", system.Args{Name: "cert-manager", Level: tenancy.LevelRestricted, Tags: owned})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{}
	for key, value := range tenancy.Restricted(owned) {
		labels[key] = value
	}
	if labels["pod-security.kubernetes.io/enforce"] != "restricted" {
		t.Errorf("the labels enforce nothing: %v", labels)
	}
	record.Exactly(t, resources, "kubernetes:core/v1:Namespace certificates-namespace", map[string]any{
		"apiVersion": "v1", "kind": "Namespace", "metadata": map[string]any{"name": "cert-manager", "labels": labels},
	})
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := system.Args{Name: "Cert Manager", Level: "open"}.Validate()
	for _, path := range []string{"name:", "level:", "tags.team:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}

func TestThePlacementToleratesWhatSystemPoolsBear(t *testing.T) {
	var keys []string
	for _, each := range system.Pool().Tolerations {
		keys = append(keys, each.Key+" "+each.Effect)
	}
	if got := strings.Join(keys, ", "); got != "platform/system NoSchedule, CriticalAddonsOnly NoSchedule" {
		t.Errorf("tolerated are %s", got)
	}
}
