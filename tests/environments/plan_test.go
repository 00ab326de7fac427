package environments

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/cloud"
)

// TestAPlanIsAllThatAnApplyDoes plans an environment from nothing and applies the plan, as the pipeline does, by the real engine; then
// plans a change, lets the program ask for another one behind the plan's back, and applies what was planned.
func TestAPlanIsAllThatAnApplyDoes(t *testing.T) {
	t.Parallel()
	ctx, plan := context.Background(), filepath.Join(t.TempDir(), "plan.json")
	var out bytes.Buffer
	var change func(*sqs.QueueArgs)
	e := judged(t, stacks, "dev-aws", t.TempDir(), &out, func(ctx *pulumi.Context) error {
		if change == nil {
			return nil
		}
		return plant(func(props pulumi.Input) {
			if args, ok := props.(*sqs.QueueArgs); ok {
				change(args)
			}
		})(ctx)
	})
	apply := func() (string, error) {
		r, err := e.Stack().Auto.Up(ctx, optup.Plan(plan), optup.SuppressProgress(), optup.SuppressOutputs(), optup.PolicyPacks(e.Stack().Policies...))
		return r.StdOut + r.StdErr, err
	}
	planned := func() {
		t.Helper()
		if _, err := e.Stack().Preview(ctx, optpreview.Plan(plan)); err != nil {
			t.Fatalf("%v\n%s", err, tail(out.String()))
		}
		if raw, err := os.ReadFile(plan); err != nil || !strings.Contains(string(raw), "resourcePlans") {
			t.Fatalf("the plan is not there: %v", err)
		}
	}
	planned()
	if told, err := apply(); err != nil {
		t.Fatalf("an environment cannot be built by its plan: %v\n%s", err, tail(told))
	}
	if changes, err := e.Preview(ctx); err != nil || len(changes) > 0 {
		t.Errorf("after the apply the preview shows %v, %v", changes, err)
	}

	asked := func(seconds int) func(*sqs.QueueArgs) {
		return func(args *sqs.QueueArgs) { args.ReceiveWaitTimeSeconds = pulumi.Int(seconds) }
	}
	built := e.Cloud.Inventory()
	change = asked(7)
	planned()
	change = asked(9)
	if _, err := apply(); err == nil || !strings.Contains(err.Error(), "violates plan") {
		t.Errorf("what the plan does not say is done: %v", err)
	}
	if d := cloud.Difference(built, e.Cloud.Inventory()); len(d) > 0 {
		t.Errorf("an apply that was refused changed\n%s", strings.Join(d, "\n"))
	}
	change = asked(7)
	if told, err := apply(); err != nil {
		t.Errorf("what was planned is not done: %v\n%s", err, tail(told))
	}
	if d := strings.Join(cloud.Difference(built, e.Cloud.Inventory()), "\n"); !strings.Contains(d, "receiveWaitTimeSeconds") {
		t.Errorf("the apply changed\n%s\nwant how long a queue waits for messages", d)
	}
}
