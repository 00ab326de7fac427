package world

import (
	"bytes"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"platform/policies/document"
	"platform/stacks/lifecycle/modelled"
	"platform/tests/cloud"
	"platform/tests/cloud/aws"
	"platform/tests/cloud/azure"
	"platform/tests/cloud/gcp"
	"platform/tests/cloud/kubernetes"
)

// durations is what the program knows of the times that the simulated clouds model.
const durations = "../../stacks/lifecycle/modelled/durations.yaml"

const durationsHead = "# What operations on a type take, where that is not a second. make durations writes this from the rules of the simulated clouds.\n"

// inside are the types in a cluster whose times are modelled, of which there is no table.
var inside = []string{"kubernetes:helm.sh/v3:Release"}

// TestTheModelledTimesAreThoseOfTheSimulatedClouds: a review tells the times by which a rehearsal was rehearsed.
// UPDATE_GOLDEN=1 (make durations) writes them.
func TestTheModelledTimesAreThoseOfTheSimulatedClouds(t *testing.T) {
	all := map[string]modelled.Type{}
	at := func(p cloud.Package, typ, source string) {
		took := func(op string) modelled.Duration {
			if d := p.Duration(typ, op); d != modelled.Usual {
				return modelled.Duration(d)
			}
			return 0
		}
		of := modelled.Type{Create: took("Create"), Update: took("Update"), Delete: took("Delete"), Source: source}
		if of.Create+of.Update+of.Delete > 0 {
			all[document.Kind(typ)] = of
		}
	}
	for name, open := range map[string]func(string) (*cloud.Table, error){"aws": aws.New, "azure": azure.New, "gcp": gcp.New} {
		table, err := open("111122223333")
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for typ, rule := range table.Rules.Types {
			at(table, typ, rule.DurationSource)
		}
	}
	clusters, err := kubernetes.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range inside {
		at(clusters, typ, "")
	}
	if len(all) < 100 {
		t.Errorf("only %d types have a time of their own", len(all))
	}
	want := bytes.NewBufferString(durationsHead)
	for _, typ := range slices.Sorted(maps.Keys(all)) {
		raw, err := yaml.Marshal(map[string]modelled.Type{typ: all[typ]})
		if err != nil {
			t.Fatal(err)
		}
		want.Write(raw)
	}
	if os.Getenv("UPDATE_GOLDEN") != "" {
		if err := os.WriteFile(durations, want.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(durations)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want.Bytes()) {
		t.Errorf("%s is not what the simulated clouds say: make durations writes it anew", durations)
	}
	for typ, of := range all {
		for op, d := range map[modelled.Operation]modelled.Duration{modelled.Create: of.Create, modelled.Update: of.Update, modelled.Delete: of.Delete} {
			if d == 0 {
				d = modelled.Duration(modelled.Usual)
			}
			if got := modelled.Took(typ, op); got != time.Duration(d) {
				t.Errorf("%s of %s takes %s, want %s", op, typ, got, d)
			}
		}
	}
	for typ, want := range map[string]time.Duration{
		"platform:queue:Queue": 0, "pulumi:providers:aws": 0, "aws:ssm/parameter:Parameter": modelled.Usual,
		"azure-native:containerservice/v20240101:ManagedCluster": time.Duration(all["azure-native:containerservice:ManagedCluster"].Create),
	} {
		if got := modelled.Took(typ, modelled.Create); got != want {
			t.Errorf("to create %s takes %s, want %s", typ, got, want)
		}
	}
}
