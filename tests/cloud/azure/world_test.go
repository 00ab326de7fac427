package azure_test

import (
	"maps"
	"testing"

	"platform/tests/cloud"
	"platform/tests/cloud/azure"
	"platform/tests/cloud/trial"
)

// world is the simulated Azure without an engine: resources are made and removed by hand.
type world struct{ *trial.World }

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{trial.New(t, azure.New, cloud.Config{Account: subscription})}
	w.Have(groupType, with(nil))
	return w
}

// with adds what every resource has.
func with(inputs map[string]any) map[string]any {
	out := map[string]any{"resourceGroupName": "env", "location": "germanywestcentral"}
	maps.Copy(out, inputs)
	return out
}

// refused expects the error that Azure gives.
func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	if !cloud.Refused(err, code) {
		t.Errorf("%s: %v, want %s", what, err, code)
	}
}
