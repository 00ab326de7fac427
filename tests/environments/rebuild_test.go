package environments

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/rebuild"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// rebuilding prepares the operator's rebuild of an environment on the simulated clouds.
func rebuilding(t *testing.T, name string, e *rehearsal.Environment, progress *bytes.Buffer) *rebuild.Rebuild {
	t.Helper()
	return &rebuild.Rebuild{
		Stack: e.Stack(), Inventory: inventoryOf(t, e, settings(t, name)), Finder: e.Finder(), Progress: run.NewProgress(progress), Every: time.Millisecond,
	}
}

func TestARebuildEndsEqual(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"staging-aws", "dev-azure", "dev-gcp"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			var out, progress, text bytes.Buffer
			e := judged(t, stacks, name, t.TempDir(), &out, nothing)
			if _, err := e.Up(ctx); err != nil {
				t.Fatal(err)
			}
			before := e.Cloud.Inventory()
			summary, err := rebuilding(t, name, e, &progress).Run(ctx)
			if err != nil {
				t.Fatalf("%v\n%s", err, progress.String())
			}
			if err := summary.Write(&text, "text"); err != nil {
				t.Fatal(err)
			}
			for _, stage := range []string{"recover:", "record:", "preview:", "destroy:", "empty:", "up:", "compare:"} {
				if !strings.Contains(text.String(), stage) {
					t.Errorf("the summary lacks %s\n%s", stage, text.String())
				}
			}
			for _, said := range []string{"expected to take", "nothing is left among", "are equal to what was there"} {
				if !strings.Contains(progress.String(), said) {
					t.Errorf("the progress lacks %q\n%s", said, progress.String())
				}
			}
			// What the verb says is so, as the simulated cloud itself sees it.
			if d := cloud.Difference(before, e.Cloud.Inventory()); len(d) > 0 {
				t.Errorf("it is not what it was:\n%s", tail(strings.Join(d, "\n")))
			}
			t.Logf("%s\n%s", text.String(), progress.String())
		})
	}
}

// What somebody makes by hand, and what a controller leaves, is named by a rebuild that then builds nothing.
func TestARebuildNamesWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	for name, left := range map[string]struct {
		object cloud.Object
		want   string
	}{
		// It bears no tag: its name alone says whose it is.
		"dev-aws": {cloud.Object{Type: "logs:log-group", ID: "/aws/eks/dev-aws-cluster/cluster", Hidden: true}, "log-group:/aws/eks/dev-aws-cluster/cluster"},
		"dev-azure": {cloud.Object{
			Type: "compute:disk", Hidden: true, Tags: map[string]string{"environment": "dev-azure", "project": "platform"},
			ID: "/subscriptions/aaaaaaaa-1111-4222-8333-444444444444/resourceGroups/elsewhere/providers/Microsoft.Compute/disks/pvc-1",
		}, "/disks/pvc-1 (its tags say so)"},
		"dev-gcp": {cloud.Object{
			Type: "compute:disk", Hidden: true, Tags: map[string]string{"goog-k8s-cluster-name": "dev-gcp-cluster"},
			ID: "projects/platform-dev-example/zones/europe-west3-a/disks/pvc-1",
		}, "//compute.googleapis.com/projects/platform-dev-example/zones/europe-west3-a/disks/pvc-1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			c := shop(t, name, false)
			if _, err := c.e.Up(ctx); err != nil {
				t.Fatal(err)
			}
			var progress bytes.Buffer
			r := rebuilding(t, name, c.e, &progress)
			keep := r.Stack.Kept
			r.Stack.Kept = func(kept []apitype.ResourceV3) error {
				if err := keep(kept); err != nil {
					return err
				}
				return c.e.Cloud.Meddle(func(t *cloud.Tx) error { t.Mint(left.object); return nil })
			}
			summary, err := r.Run(ctx)
			var found inventory.LeftError
			if !errors.As(err, &found) || len(found.Left) != 1 || !strings.Contains(found.Left[0].String(), left.want) {
				t.Fatalf("ended with %v, want %q named\n%s", err, left.want, progress.String())
			}
			if status.Of(err) != status.Found {
				t.Errorf("exit status %d, want %d", status.Of(err), status.Found)
			}
			if last := summary.Stages[len(summary.Stages)-1]; last.Error == "" || !strings.HasPrefix(last.Name, "empty") {
				t.Errorf("the last stage is %+v", last)
			}
		})
	}
}
