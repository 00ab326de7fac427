package environments

import (
	"bytes"
	"context"
	"testing"
	"time"

	"platform/stacks/lifecycle/orphans"
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// clusterTypes are the clusters of the three clouds.
var clusterTypes = []string{
	"aws:eks/cluster:Cluster", "azure-native:containerservice:ManagedCluster", "gcp:container/cluster:Cluster",
}

// TestAClusterThatDoesNotAnswerIsTakenDownToo destroys whole environments whose cluster has fallen silent: what was in
// it is forgotten, and what its controllers made in the cloud goes as well.
func TestAClusterThatDoesNotAnswerIsTakenDownToo(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"dev-aws", "staging-aws", "dev-azure", "dev-gcp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			var out bytes.Buffer
			e := open(t, name, t.TempDir(), &out, nothing)
			if _, err := e.Up(ctx); err != nil {
				t.Fatalf("%v\n%s", err, tail(out.String()))
			}
			silenced := 0
			if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
				silenced = controller.Silence(tx, clusterTypes...)
				return nil
			}); err != nil || silenced != 1 {
				t.Fatalf("%d clusters were silenced (%v)", silenced, err)
			}
			_, err := orphans.Sweep{
				Stack: e.Stack(), Inventory: inventoryOf(t, e, settings(t, name)), Every: time.Millisecond, Say: t.Logf,
			}.Destroy(ctx)
			if err != nil {
				t.Errorf("%v\n%s", err, tail(out.String()))
			}
			for _, o := range cloud.Left(e.Cloud.Inventory()) {
				t.Errorf("left: %s", o)
			}
		})
	}
}
