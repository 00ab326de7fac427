package cloud_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"platform/tests/cloud"
)

const table = `
test:mail/box:Box:
  source: https://example.com/box
  id: "{name}"
  name: {property: name, max: 10, pattern: '^[a-z]+$', scope: region}
  requires: [name]
  exclusive: [[size, unlimited]]
  properties:
    name: {type: string, replace: true}
    size: {type: int, min: 1, max: 9}
    unlimited: {type: bool, default: false}
    colour: {type: string, enum: [red, green]}
    policy: {type: string, format: json}
  outputs:
    arn: "arn:test:{region}:{name}"
`

func load(t *testing.T, text string) (*cloud.Rules, error) {
	t.Helper()
	return cloud.Load(fstest.MapFS{"box.yaml": {Data: []byte(text)}}, "*.yaml")
}

func box(t *testing.T) *cloud.Rule {
	t.Helper()
	rules, err := load(t, table)
	if err != nil {
		t.Fatal(err)
	}
	return rules.Types["test:mail/box:Box"]
}

func TestValidInputsPass(t *testing.T) {
	if faults := box(t).Validate(map[string]any{"name": "letters", "size": 9.0, "colour": "red", "policy": "{}"}); len(faults) > 0 {
		t.Errorf("faults: %v", faults)
	}
}

func TestEveryFaultOfTheInputsIsReported(t *testing.T) {
	faults := box(t).Validate(map[string]any{
		"size": 10.0, "unlimited": true, "colour": "blue", "policy": "{", "shape": "round",
	})
	var paths []string
	for _, fault := range faults {
		paths = append(paths, fault.Path)
	}
	for _, want := range []string{"name", "size", "colour", "policy", "shape"} {
		if !slices.Contains(paths, want) {
			t.Errorf("%s is not among the faults %v", want, faults)
		}
	}
}

func TestANameBeyondItsLimitIsAFault(t *testing.T) {
	for _, name := range []string{"abcdefghijk", "Letters"} {
		if faults := box(t).Validate(map[string]any{"name": name}); len(faults) != 1 || faults[0].Path != "name" {
			t.Errorf("%s: faults are %v", name, faults)
		}
	}
}

func TestDiffTellsReplacementFromUpdate(t *testing.T) {
	old := map[string]any{"name": "letters", "size": 1.0, "policy": `{"a":1,"b":2}`}
	same := box(t).Diff(old, map[string]any{"name": "letters", "size": 1.0, "policy": `{ "b": 2, "a": 1 }`, "unlimited": false})
	if len(same) > 0 {
		t.Errorf("values that mean the same differ: %v", same)
	}
	got := map[string]bool{}
	for _, change := range box(t).Diff(old, map[string]any{"name": "parcels", "size": 2.0, "policy": `{"a":1,"b":2}`}) {
		got[change.Path] = change.Replace
	}
	if len(got) != 2 || got["name"] != true || got["size"] != false {
		t.Errorf("changes (and whether they replace) are %v, want name by replacement and size in place", got)
	}
}

func TestARuleWithAnUnknownKeyDoesNotLoad(t *testing.T) {
	_, err := load(t, strings.Replace(table, "  requires:", "  needs:", 1))
	if err == nil || !strings.Contains(err.Error(), "needs") {
		t.Errorf("error is %v", err)
	}
}

func TestARuleWithoutASourceDoesNotLoad(t *testing.T) {
	_, err := load(t, strings.Replace(table, "  source: https://example.com/box\n", "", 1))
	if err == nil || !strings.Contains(err.Error(), "source") {
		t.Errorf("error is %v", err)
	}
}
