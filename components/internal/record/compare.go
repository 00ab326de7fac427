package record

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// Exactly wants a resource to be registered with these inputs and no others. The plain values are compared, as
// property maps take one that is null for one that is absent.
func Exactly(t *testing.T, resources Resources, key string, want map[string]any) {
	t.Helper()
	got, ok := resources[key]
	if !ok {
		t.Errorf("%s is not registered; registered are\n%s", key, strings.Join(slices.Sorted(maps.Keys(resources)), "\n"))
		return
	}
	same(t, key, got.Mappable(), want)
}

// Same wants a part of a resource's plain inputs to be this.
func Same(t *testing.T, got any, want map[string]any) {
	t.Helper()
	same(t, "inputs", got, want)
}

// same compares through a property map, so that whole numbers are those of the engine.
func same(t *testing.T, what string, got any, want map[string]any) {
	t.Helper()
	if wanted := resource.NewPropertyMapFromMap(want).Mappable(); !reflect.DeepEqual(got, any(wanted)) {
		t.Errorf("%s\ngot  %v\nwant %v", what, got, wanted)
	}
}

// Count is how many resources of a type are registered.
func Count(resources Resources, typ string) int {
	n := 0
	for key := range resources {
		if strings.HasPrefix(key, typ+" ") {
			n++
		}
	}
	return n
}

// SameDocument compares two JSON texts by what they say.
func SameDocument(t *testing.T, got, want string) {
	t.Helper()
	if !reflect.DeepEqual(document(t, got), document(t, want)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func document(t *testing.T, text string) any {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(text), &parsed); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return parsed
}
