package run

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/opthistory"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/config"
	"platform/stacks/lifecycle/guard"
)

// Stack is the stack of one environment.
type Stack struct {
	// Auto is the engine's own handle: a local program on a real account, one of this process in a rehearsal.
	Auto        auto.Stack
	Environment string
	// Files is the folder of the environments, whose waivers the guard reads; nil where the environment has no file.
	Files fs.FS
	// Policies are the packs that judge each preview and up.
	Policies []string
	// Out is where Pulumi's own progress goes.
	Out io.Writer
	// Watch is told each event of the engine as it comes; nil tells nobody.
	Watch func(apitype.EngineEvent)
	// Kept is told after a destroy what the engine was asked to leave in the cloud; nil tells nobody.
	Kept func([]apitype.ResourceV3) error
}

// Changes counts the steps of an operation by kind, without those that changed nothing.
type Changes map[string]int

func (c Changes) String() string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(c)) {
		parts = append(parts, fmt.Sprintf("%s %d", op, c[op]))
	}
	if len(parts) == 0 {
		return "no changes"
	}
	return strings.Join(parts, ", ")
}

func changed[K ~string](summary map[K]int) Changes {
	out := Changes{}
	for op, n := range summary {
		if op != K(apitype.OpSame) && op != K(apitype.OpRead) && n > 0 {
			out[string(op)] = n
		}
	}
	return out
}

func summed(s auto.UpdateSummary) Changes {
	if s.ResourceChanges == nil {
		return Changes{}
	}
	return changed(*s.ResourceChanges)
}

// Preview tells what an up would change, and lets the guard judge it: what is refused is an error.
func (s *Stack) Preview(ctx context.Context, options ...optpreview.Option) (Changes, error) {
	events := listen(s.Watch)
	r, err := s.Auto.Preview(ctx, append(options, optpreview.ProgressStreams(s.Out), optpreview.SuppressOutputs(),
		optpreview.PolicyPacks(s.Policies...), optpreview.EventStreams(events.stream))...)
	all, err := events.end(err)
	if err != nil {
		return nil, fmt.Errorf("preview: %w", err)
	}
	return changed(r.ChangeSummary), s.guard(all)
}

// guard judges what a preview told, by the waivers of the environment's file.
func (s *Stack) guard(all []apitype.EngineEvent) error {
	preview, err := guard.FromEvents(all)
	if err != nil {
		return fmt.Errorf("guard: %w", err)
	}
	var waivers []config.Waiver
	if s.Files != nil {
		if waivers, err = config.Waived(s.Files, s.Environment); err != nil {
			return fmt.Errorf("guard: %w", err)
		}
	}
	report := guard.Judge(preview, waivers, time.Now())
	if err := report.Err(); err != nil {
		return Refusal{report.Text()}
	}
	_, _ = io.WriteString(s.Out, report.Text())
	return nil
}

// Refusal is what the guard does not let pass.
type Refusal struct{ Report string }

func (r Refusal) Error() string { return r.Report }

// Up builds what the program says.
func (s *Stack) Up(ctx context.Context, options ...optup.Option) (Changes, error) {
	events := listen(s.Watch)
	r, err := s.Auto.Up(ctx, append(options, optup.ProgressStreams(s.Out), optup.SuppressOutputs(), optup.PolicyPacks(s.Policies...),
		optup.EventStreams(events.stream))...)
	if _, err := events.end(err); err != nil {
		return nil, fmt.Errorf("up: %w", err)
	}
	return summed(r.Summary), nil
}

// Apply previews, and brings up what the guard lets pass.
func (s *Stack) Apply(ctx context.Context) (Changes, error) {
	if _, err := s.Preview(ctx); err != nil {
		return nil, err
	}
	return s.Up(ctx)
}

// Refresh brings the state in line with the cloud, and tells what differed.
func (s *Stack) Refresh(ctx context.Context) (Changes, error) {
	events := listen(s.Watch)
	r, err := s.Auto.Refresh(ctx, optrefresh.ProgressStreams(s.Out), optrefresh.EventStreams(events.stream))
	if _, err := events.end(err); err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return summed(r.Summary), nil
}

// Compare tells how the cloud differs from the state, and changes neither.
func (s *Stack) Compare(ctx context.Context) ([]apitype.EngineEvent, error) {
	events := listen(s.Watch)
	_, err := s.Auto.PreviewRefresh(ctx, optrefresh.ProgressStreams(s.Out), optrefresh.EventStreams(events.stream))
	all, err := events.end(err)
	if err != nil {
		return nil, fmt.Errorf("compare with the cloud: %w", err)
	}
	return all, nil
}

// Destroy removes everything that the state knows. A preview comes first: the engine refuses a protected
// resource only when its turn comes, and what does not depend on it would be gone by then.
func (s *Stack) Destroy(ctx context.Context) (Changes, error) {
	if _, err := s.Auto.PreviewDestroy(ctx, optdestroy.SuppressProgress(), optdestroy.SuppressOutputs()); err != nil {
		return nil, fmt.Errorf("preview of the destroy: nothing was deleted: %w", locked(err))
	}
	kept, err := s.kept(ctx)
	if err != nil {
		return nil, err
	}
	events := listen(s.Watch)
	r, err := s.Auto.Destroy(ctx, optdestroy.ProgressStreams(s.Out), optdestroy.EventStreams(events.stream))
	if _, err := events.end(err); err != nil {
		return nil, fmt.Errorf("destroy: %w", err)
	}
	if s.Kept != nil {
		err = s.Kept(kept)
	}
	return summed(r.Summary), err
}

// kept are the resources that the engine forgets instead of deleting.
func (s *Stack) kept(ctx context.Context) ([]apitype.ResourceV3, error) {
	_, d, err := s.Deployment(ctx)
	return slices.DeleteFunc(d.Resources, func(r apitype.ResourceV3) bool { return !r.RetainOnDelete || !r.Custom }), err
}

// State is the engine's state, whose secrets are in plain text: it is not to be written anywhere.
func (s *Stack) State(ctx context.Context) (apitype.UntypedDeployment, error) {
	d, err := s.Auto.Export(ctx)
	if err != nil {
		return d, fmt.Errorf("read the state of %s: %w", s.Environment, err)
	}
	return d, nil
}

// Deployment is the state, as it is written and as it reads.
func (s *Stack) Deployment(ctx context.Context) (state apitype.UntypedDeployment, d apitype.DeploymentV3, err error) {
	if state, err = s.State(ctx); err != nil {
		return state, d, err
	}
	if len(state.Deployment) == 0 || string(state.Deployment) == "null" { // of a stack that never ran
		return state, d, nil
	}
	if err = json.Unmarshal(state.Deployment, &d); err != nil {
		err = fmt.Errorf("read the state of %s: %w", s.Environment, err)
	}
	return state, d, err
}

// Cancel takes away the lock that a dead run left.
func (s *Stack) Cancel(ctx context.Context) error {
	if err := s.Auto.Cancel(ctx); err != nil && !strings.Contains(err.Error(), "no update") {
		return fmt.Errorf("take the dead run's lock away: %w", err)
	}
	return nil
}

// Expected is how long the last run of a kind that succeeded took; zero if there was none. The kinds are the engine's:
// update, destroy, refresh.
func (s *Stack) Expected(ctx context.Context, kind string) time.Duration {
	// What is expected is only told; a history that cannot be read must not stop a run.
	history, err := s.Auto.History(ctx, 20, 1, opthistory.ShowSecrets(false))
	if err != nil {
		return 0
	}
	for _, run := range history { // the latest comes first
		if run.Kind != kind || run.Result != "succeeded" || run.EndTime == nil {
			continue
		}
		begun, err := time.Parse(time.RFC3339, run.StartTime)
		if err != nil {
			continue
		}
		ended, err := time.Parse(time.RFC3339, *run.EndTime)
		if err != nil {
			continue
		}
		return ended.Sub(begun)
	}
	return 0
}

// Events are what a preview tells, which the guard does not judge: nothing follows it.
func (s *Stack) Events(ctx context.Context, options ...optpreview.Option) ([]apitype.EngineEvent, error) {
	events := listen(s.Watch)
	_, err := s.Auto.Preview(ctx, append(options, optpreview.ProgressStreams(s.Out), optpreview.SuppressOutputs(), optpreview.EventStreams(events.stream))...)
	return events.end(err)
}
