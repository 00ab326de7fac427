package gcp

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/documents"
	"platform/components/internal/record"
	"platform/components/tags"
)

func TestDocumentsAreEncryptedRestorableProtectedAsAskedAndHaveTheirKey(t *testing.T) {
	for protected, state := range map[bool]string{true: "DELETE_PROTECTION_ENABLED", false: "DELETE_PROTECTION_DISABLED"} {
		resources, err := recorded(t, func(ctx *pulumi.Context, d *Driver) error {
			_, err := documents.New(ctx, "reports", d, documents.Args{
				Service: "reports", DeleteProtection: protected, Tags: tags.Set{tags.Service: "reports"},
			})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		got := resources["gcp:firestore/database:Database dev-gcp-reports"].Copy()
		if key := got["cmekConfig"].ObjectValue()["kmsKeyName"]; !strings.Contains(key.StringValue(), "reports-documents-key") {
			t.Errorf("the key is %v", key)
		}
		delete(got, "cmekConfig")
		want := resource.NewPropertyMapFromMap(map[string]any{
			"project": "platform-dev", "locationId": "europe-west3", "type": "FIRESTORE_NATIVE", "appEngineIntegrationMode": "DISABLED",
			"pointInTimeRecoveryEnablement": "POINT_IN_TIME_RECOVERY_ENABLED", "deleteProtectionState": state, "deletionPolicy": "DELETE",
		})
		if !got.DeepEquals(want) {
			t.Errorf("got  %v\nwant %v", got, want)
		}
		record.Exactly(t, resources, "gcp:firestore/index:Index reports-index", map[string]any{
			"project": "platform-dev", "database": "dev-gcp-reports", "collection": "documents",
			"fields": []any{
				map[string]any{"fieldPath": "pk", "order": "ASCENDING"}, map[string]any{"fieldPath": "sk", "order": "ASCENDING"},
			},
		})
	}
}
