package gcp_test

import (
	"testing"

	"platform/tests/cloud"
)

func TestAPolicyOfPlacesRefusesAnotherPlaceAndNothingGlobal(t *testing.T) {
	for place, refused := range map[string]bool{"us-east1": true, "europe-west30": true, "europe-west3": false, "global": false} {
		w := newWorld(t, "cloudkms", "orgpolicy")
		w.Have("gcp:orgpolicy/policy:Policy", map[string]any{
			"name": "projects/" + project + "/policies/gcp.resourceLocations", "parent": "projects/" + project,
			"spec": map[string]any{"rules": []any{map[string]any{"values": map[string]any{"allowedValues": []any{"in:europe-west3-locations"}}}}},
		})
		_, err := w.Create("gcp:kms/keyRing:KeyRing", map[string]any{"name": "ring", "project": project, "location": place})
		if cloud.Refused(err, "FAILED_PRECONDITION") != refused || !refused && err != nil {
			t.Errorf("a ring in %s: %v", place, err)
		}
	}
}
