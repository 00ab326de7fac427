package chart_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/chart"
)

func TestEveryChartIsToldWhereItsImagesAre(t *testing.T) {
	for _, source := range chart.Sources {
		if _, known := chart.Images[source.Chart]; !known {
			t.Errorf("%s is released, and where its images come from is not known", source.Chart)
		}
	}
}

func TestARegistryStandsForAllBesideTheOtherValues(t *testing.T) {
	values := pulumi.Map{"image": pulumi.Map{"keda": pulumi.Map{"tag": pulumi.String("1")}}, "replicas": pulumi.Int(2)}
	got, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		parent := &pulumi.ResourceState{}
		if err := ctx.RegisterComponentResource("test:index:Part", "part", parent, chart.From("registry.example.com/mirror")); err != nil {
			return err
		}
		_, err := chart.New(ctx, "r", chart.Args{
			Name: "keda", Chart: chart.KEDA.Chart, Version: "1.2.3", Repository: "oci://registry.example.com/charts",
			Namespace: "keda", TimeoutSec: 300, Values: values,
		}, pulumi.Parent(parent))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mirror := map[string]any{"registry": "registry.example.com/mirror/ghcr.io"}
	record.Exactly(t, record.Resources{"values": got[chart.Token+" r"]["values"].ObjectValue()}, "values", map[string]any{
		"replicas": 2, "image": map[string]any{
			"keda": map[string]any{"tag": "1", "registry": "registry.example.com/mirror/ghcr.io"}, "metricsApiServer": mirror, "webhooks": mirror,
		},
	})
	if _, changed := values["image"].(pulumi.Map)["webhooks"]; changed {
		t.Error("the values of whoever released it are changed")
	}
}
