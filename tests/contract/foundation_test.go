package contract

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/components/azure"
	"platform/components/gcp"
)

func TestAFoundationIsBuiltDestroyedAndRebuilt(t *testing.T) {
	t.Parallel()
	t.Run("azure", func(t *testing.T) {
		t.Parallel()
		lifecycle(t, onAzure(t, func(*pulumi.Context, *azure.Driver, ...pulumi.ResourceOption) error { return nil }))
	})
	t.Run("gcp", func(t *testing.T) {
		t.Parallel()
		lifecycle(t, onGCP(t, func(*pulumi.Context, *gcp.Driver, ...pulumi.ResourceOption) error { return nil }))
	})
}
