// Package rebuild takes an environment down and builds it again from Git, and proves that nothing was left and nothing was lost.
package rebuild

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/modelled"
	"platform/stacks/lifecycle/orphans"
	"platform/stacks/lifecycle/run"
	"platform/stacks/lifecycle/status"
)

// Budgets are how long stages may take; zero is what follows from the modelled durations.
type Budgets struct{ Destroy, Up time.Duration }

// slack is how much longer than its modelled critical path a stage may take, and grace what is added for the engine itself: the engine
// does not make all calls at once, and the durations are usual ones.
const slack, grace = 2, 15 * time.Minute

// Rebuild is one run.
type Rebuild struct {
	Stack     *run.Stack
	Inventory inventory.Inventory
	Finder    run.Finder
	Progress  *run.Progress
	Budgets   Budgets
	// Settle is for how long the inventory may still list what was deleted, Every how often it is asked.
	Settle, Every time.Duration
	// Backup keeps the state before anything is changed, and says where.
	Backup func(ctx context.Context) (string, error)

	before   apitype.DeploymentV3
	items    []inventory.Item
	whole    bool // what was there is what Git says
	snapshot Snapshot
}

// DifferentError names how what was built differs from what was there.
type DifferentError struct{ Differences []string }

func (e DifferentError) Error() string {
	const most = 50
	lines := e.Differences
	if len(lines) > most {
		lines = append(lines[:most:most], fmt.Sprintf("and %d more", len(e.Differences)-most))
	}
	return fmt.Sprintf("%d differences:\n  %s", len(e.Differences), strings.Join(lines, "\n  "))
}

// Run rebuilds. The summary is of what was done, whatever the error.
func (r *Rebuild) Run(ctx context.Context) (run.Summary, error) {
	r.Stack.Watch = r.Progress.Watch
	destroying := run.Stage{Name: "destroy: take it all down", Do: r.destroy}
	building := run.Stage{Name: "up: build it from Git", Do: r.up}
	first, err := run.Run(ctx, r.Progress, "rebuild", r.Stack.Environment,
		run.Stage{Name: "recover: settle what an interrupted run left", Do: r.recover},
		run.Stage{Name: "record: what is there", Do: r.record},
		run.Stage{Name: "preview: Git can build it", Expected: r.Stack.Expected(ctx, "preview"), Do: r.preview})
	if err != nil {
		return first, r.found(err)
	}
	destroying.Expected, destroying.Budget = r.expected(ctx, "destroy", modelled.Delete, r.Budgets.Destroy)
	building.Expected, building.Budget = r.expected(ctx, "update", modelled.Create, r.Budgets.Up)
	second, err := run.Run(ctx, r.Progress, "rebuild", r.Stack.Environment, destroying,
		run.Stage{Name: "empty: nothing is left", Expected: 0, Do: r.empty},
		building,
		run.Stage{Name: "compare: it is what it was", Do: r.compare})
	first.Stages, first.Seconds = append(first.Stages, second.Stages...), first.Seconds+second.Seconds
	if err == nil {
		if over := first.Over(); len(over) > 0 {
			err = status.Error{Code: status.Found, Err: fmt.Errorf("over budget: %s", strings.Join(over, "; "))}
		}
	}
	return first, r.found(err)
}

// found gives what was found a status of its own.
func (r *Rebuild) found(err error) error {
	if errors.As(err, new(inventory.LeftError)) || errors.As(err, new(DifferentError)) {
		return status.Error{Code: status.Found, Err: err}
	}
	return err
}

// expected is what an operation took the last time, or else by the model, and what it may take.
func (r *Rebuild) expected(ctx context.Context, kind string, op modelled.Operation, budget time.Duration) (time.Duration, time.Duration) {
	took := map[string]time.Duration{}
	for _, res := range r.before.Resources {
		if res.Custom {
			took[string(res.URN)] = modelled.Took(string(res.Type), op)
		}
	}
	_, longest := modelled.CriticalPath(r.before.Resources, took)
	if budget == 0 && longest > 0 {
		budget = slack*longest + grace
	}
	if last := r.Stack.Expected(ctx, kind); last > 0 {
		return last, budget
	}
	return longest, budget
}

type say = func(format string, args ...any)

func (r *Rebuild) recover(ctx context.Context, tell say) error {
	if r.Backup != nil {
		at, err := r.Backup(ctx)
		if err != nil {
			return err
		}
		tell("the state is kept in %s", at)
	}
	told, err := r.Stack.Recover(ctx, r.Finder)
	for _, line := range told {
		tell("%s", line)
	}
	return err
}

func (r *Rebuild) record(ctx context.Context, tell say) (err error) {
	if _, r.before, err = r.Stack.Deployment(ctx); err != nil {
		return err
	}
	if r.items, _, err = r.Inventory.List(ctx); err != nil {
		return fmt.Errorf("ask the cloud what is there: %w", err)
	}
	found := r.scope().Find(r.items)
	r.snapshot = Take(r.before, found)
	tell("%d resources, of which and for which the cloud lists %d things", len(r.before.Resources), len(found))
	return nil
}

func (r *Rebuild) scope() inventory.Scope {
	return inventory.ScopeOf(r.Stack.Environment, r.before.Resources)
}

// preview shows before anything is deleted that the program runs and the policies let it pass. What the guard would refuse goes
// anyway.
func (r *Rebuild) preview(ctx context.Context, tell say) error {
	changes, err := r.Stack.Preview(ctx)
	if err != nil && !errors.As(err, new(run.Refusal)) {
		return err
	}
	r.whole = len(changes) == 0 && err == nil && len(r.before.Resources) > 0
	if !r.whole {
		tell("Git asks for more or else than is there (%s): what is built cannot be compared with it", changes)
	}
	return nil
}

func (r *Rebuild) destroy(ctx context.Context, tell say) error {
	if len(r.before.Resources) == 0 {
		tell("the state is empty")
		return nil
	}
	changes, err := orphans.Sweep{Stack: r.Stack, Inventory: r.Inventory, Settle: r.Settle, Every: r.Every, Say: tell}.Destroy(ctx)
	if err == nil {
		tell("%s", changes)
	}
	return err
}

func (r *Rebuild) empty(ctx context.Context, tell say) error {
	return inventory.Proof{Inventory: r.Inventory, Scope: r.scope(), Settle: r.Settle, Every: r.Every, Say: tell}.Empty(ctx)
}

func (r *Rebuild) up(ctx context.Context, tell say) error {
	changes, err := r.Stack.Up(ctx)
	if err == nil {
		tell("%s", changes)
	}
	return err
}

func (r *Rebuild) compare(ctx context.Context, tell say) error {
	_, after, err := r.Stack.Deployment(ctx)
	if err != nil {
		return err
	}
	items, _, err := r.Inventory.List(ctx)
	if err != nil {
		return fmt.Errorf("ask the cloud what is there: %w", err)
	}
	found := inventory.ScopeOf(r.Stack.Environment, after.Resources).Find(items)
	if !r.whole {
		tell("not compared: what was there was not what Git says")
		return nil
	}
	if d := Differences(r.snapshot, Take(after, found)); len(d) > 0 {
		return DifferentError{d}
	}
	tell("%d resources, %d outputs and %d things that the cloud lists are equal to what was there", len(after.Resources), len(r.snapshot.Outputs), len(found))
	return nil
}
