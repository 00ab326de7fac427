package record

import (
	"reflect"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/internals"
)

// SameInputs compares inputs that no resource took yet, once they are known, with plain values.
func SameInputs(t *testing.T, got pulumi.Map, want map[string]any) {
	t.Helper()
	known, err := internals.UnsafeAwaitOutput(t.Context(), got.ToMapOutput())
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(known.Value, want) {
		t.Errorf("got  %#v\nwant %#v", known.Value, want)
	}
}
