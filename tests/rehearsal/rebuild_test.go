package rehearsal_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/config"
	"platform/stacks/lifecycle/drift"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/rebuild"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
)

// toyInventory lists what a toy cloud holds.
type toyInventory struct{ of *rehearsal.Environment }

func (i toyInventory) List(context.Context) ([]inventory.Item, []string, error) {
	var out []inventory.Item
	for _, o := range i.of.Cloud.Inventory() {
		out = append(out, inventory.Item{ID: o.ID, Type: o.Type, Tags: o.Tags})
	}
	return out, nil, nil
}

// byHand is a machine that somebody made with the environment's tags.
var byHand = cloud.Object{Type: "ec2:instance", ID: "i-made-by-hand", Hidden: true, Tags: map[string]string{"environment": "toy", "project": "platform"}}

func toyRebuild(e *rehearsal.Environment, progress *bytes.Buffer) *rebuild.Rebuild {
	return &rebuild.Rebuild{Stack: e.Stack(), Inventory: toyInventory{e}, Finder: e.Finder(), Progress: run.NewProgress(progress), Every: time.Millisecond}
}

func TestARebuildEndsEqualOrNamesWhatIsLeft(t *testing.T) {
	ctx := context.Background()
	e := open(t, t.TempDir(), toyProgram(2, false), false)
	must(t)(e.Up(ctx))
	before := e.Cloud.Inventory()
	var progress bytes.Buffer
	summary, err := toyRebuild(e, &progress).Run(ctx)
	if err != nil || len(summary.Stages) != 7 {
		t.Fatalf("ended with %v after %+v\n%s", err, summary.Stages, progress.String())
	}
	if d := cloud.Difference(before, e.Cloud.Inventory()); len(d) > 0 {
		t.Errorf("it is not what it was: %v", d)
	}
	if !strings.Contains(progress.String(), "are equal to what was there") || !strings.Contains(progress.String(), "expected to take") {
		t.Errorf("told:\n%s", progress.String())
	}

	r := toyRebuild(e, &progress)
	keep := r.Stack.Kept
	r.Stack.Kept = func([]apitype.ResourceV3) error {
		r.Stack.Kept = keep
		return e.Cloud.Meddle(func(tx *cloud.Tx) error { tx.Mint(byHand); return nil })
	}
	_, err = r.Run(ctx)
	var left inventory.LeftError
	if !errors.As(err, &left) || len(left.Left) != 1 || left.Left[0].ID != byHand.ID || status.Of(err) != status.Found {
		t.Errorf("with one left behind ended with %v", err)
	}
	if got := len(e.Cloud.Inventory()); got != 1 {
		t.Errorf("%d objects exist: it built beside what was left", got)
	}
}

func TestWhatDiffersIsFoundAndMended(t *testing.T) {
	ctx := context.Background()
	e := open(t, t.TempDir(), toyProgram(3, false), false)
	must(t)(e.Up(ctx))
	s := config.Settings{Environment: "toy", Cloud: "aws", Region: "eu-central-1"}
	find := func() map[drift.Kind]int {
		t.Helper()
		r, err := drift.Find(ctx, e.Stack(), toyInventory{e}, s)
		if err != nil {
			t.Fatal(err)
		}
		kinds := map[drift.Kind]int{}
		for _, d := range r.Differences {
			kinds[d.Kind]++
			if d.Mended != (d.Kind != drift.Added) {
				t.Errorf("whether an up mends it: %+v", d)
			}
			if d.Kind == drift.Changed && (len(d.Changes) != 1 || d.Changes[0].Path != "size" || d.Changes[0].New != "9") {
				t.Errorf("changed is %+v", d.Changes)
			}
		}
		return kinds
	}
	if got := find(); len(got) != 0 {
		t.Fatalf("found before anything was done: %v", got)
	}
	if err := e.Cloud.Meddle(func(tx *cloud.Tx) error {
		machines := tx.Find("aws:toy/machine:Machine", func(*cloud.Object) bool { return true })
		o := tx.Get(machines[0].Type, machines[0].ID)
		o.Inputs["size"], o.Outputs["size"] = float64(9), float64(9)
		tx.Remove(machines[1].Key())
		tx.Mint(byHand)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if got := find(); got[drift.Changed] != 1 || got[drift.Deleted] != 1 || got[drift.Added] != 1 {
		t.Errorf("found %v, want one of each kind", got)
	}
	must(t)(e.Refresh(ctx))
	must(t)(e.Up(ctx))
	if got := find(); got[drift.Changed] != 0 || got[drift.Deleted] != 0 || got[drift.Added] != 1 {
		t.Errorf("after an up found %v, want what was made by hand alone", got)
	}
}
