package priority_test

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/internal/record"
	"platform/components/kubernetes/priority"
	"platform/components/tags"
)

var owned = tags.Set{
	tags.Team: "platform", tags.Project: "platform", tags.Service: "priority", tags.Environment: "dev",
	tags.CostCentre: "1000", tags.DataClass: "internal",
}

func TestWhatWatchesComesFirstAndHeadroomLast(t *testing.T) {
	resources, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		made, err := priority.New(ctx, "priority", priority.Args{Tags: owned})
		if err == nil && len(made.Ready) != 4 {
			t.Errorf("%d classes are ready, want 4", len(made.Ready))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	labels := map[string]any{}
	for key, value := range owned {
		labels[key] = value
	}
	for _, want := range []struct {
		name, policy, description string
		value                     int
	}{
		{"observability", "PreemptLowerPriority", "Tells how all else fares", 2000},
		{"service", "PreemptLowerPriority", "Services that answer somebody", 1000},
		{"interruptible", "Never", "Work that may be interrupted and begun again", 100},
		{"headroom", "Never", "Keeps room for the peak that services declare; whoever needs the room takes it", -10},
	} {
		record.Exactly(t, resources, "kubernetes:scheduling.k8s.io/v1:PriorityClass priority-"+want.name, map[string]any{
			"apiVersion": "scheduling.k8s.io/v1", "kind": "PriorityClass",
			"metadata": map[string]any{"name": want.name, "labels": labels},
			"value":    want.value, "globalDefault": false, "preemptionPolicy": want.policy, "description": want.description,
		})
	}
}

func TestOwnersAreNeeded(t *testing.T) {
	_, err := record.Of(t, "dev", func(ctx *pulumi.Context) error {
		_, err := priority.New(ctx, "priority", priority.Args{Tags: owned.With(tags.Team, "")})
		return err
	})
	if err == nil || !strings.Contains(err.Error(), `tags.team: value "": a value is needed`) {
		t.Errorf("got %v, want the missing team", err)
	}
}
