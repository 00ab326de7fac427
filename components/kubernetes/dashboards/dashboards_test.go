package dashboards_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/dashboards"
	"platform/components/kubernetes/dashboards/board"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Project: "platform", tags.Environment: "dev", tags.Team: "platform", tags.Service: "monitoring", tags.CostCentre: "1000", tags.DataClass: "internal",
}

func TestGrafanaFindsEachDashboardByItsLabel(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := dashboards.New(ctx, "dashboards", dashboards.Args{Namespace: pulumi.String("observability"), Boards: board.All(), Tags: owned})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range board.All() {
		text, err := b.JSON()
		if err != nil {
			t.Fatal(err)
		}
		labels := map[string]any{"grafana_dashboard": "1"}
		for key, value := range owned {
			labels[key] = value
		}
		record.Exactly(t, resources, "kubernetes:core/v1:ConfigMap dashboards-"+b.ID, map[string]any{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": map[string]any{"name": b.ID, "namespace": "observability", "labels": labels},
			"data": map[string]any{b.ID + ".json": text},
		})
	}
}

func TestEveryFaultIsNamedAtOnce(t *testing.T) {
	err := dashboards.Args{Boards: []board.Board{{ID: "a"}, {ID: "a"}}}.Validate()
	for _, path := range []string{"boards[1].id:", "tags.team:"} {
		if err == nil || !strings.Contains("\n"+err.Error(), "\n"+path) {
			t.Errorf("%s is not named in\n%v", path, err)
		}
	}
}
