// Package rehearsal drives the real Pulumi engine over an environment on the simulated clouds.
package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optrefresh"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/tests/cloud"
)

// Options says what is rehearsed and where.
type Options struct {
	Project string
	Stack   string
	Program pulumi.RunFunc
	// StackFile is the committed configuration; a copy is used, so that a rehearsal changes nothing in Git.
	StackFile string
	Engine    *Engine
	Packages  []cloud.Package
	Seed      []cloud.Object // what is there before
	Clock     cloud.Clock
	// Policies is the policy pack's command, which judges each preview and up; none where it is empty.
	Policies string
	// Dir keeps state and cloud; it outlives the process, so that a rehearsal can be left up.
	Dir string
	Out io.Writer // Pulumi's own progress
	// Checkpoints writes the state after every step as on a real cloud, and the engine's logs. Without, an up is more
	// than ten times as fast; what a dying process leaves behind is then not known to the state.
	Checkpoints bool
}

// passphrase guards the state of rehearsals, in which nothing is secret but by way of example.
const passphrase = "rehearsal"

// Environment is one stack on the simulated clouds.
type Environment struct {
	Cloud *cloud.Cloud

	options Options
	stack   auto.Stack
}

// Open opens or creates an environment in its folder.
func Open(ctx context.Context, o Options) (_ *Environment, err error) {
	work, state, home := filepath.Join(o.Dir, "work"), filepath.Join(o.Dir, "state"), filepath.Join(o.Dir, "home")
	for _, dir := range []string{work, state, home, filepath.Join(o.Dir, "cloud")} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the rehearsal's folder: %w", err)
		}
	}
	c, err := cloud.Open(cloud.Options{Dir: filepath.Join(o.Dir, "cloud"), Seed: 1, Clock: o.Clock, Packages: o.Packages})
	if err != nil {
		return nil, err
	}
	e := &Environment{Cloud: c, options: o}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	if err := c.Seed(o.Seed...); err != nil {
		return nil, fmt.Errorf("put in place what is there before: %w", err)
	}
	if err := c.Serve(); err != nil {
		return nil, err
	}
	if err := e.copyStackFile(); err != nil {
		return nil, err
	}
	attach, providers := c.Env()
	env := map[string]string{
		attach:        providers,
		"PULUMI_HOME": home,
		// Beside each object the file backend writes a file of attributes, and that not in one step: a
		// process that dies there leaves a state that cannot be read. Nothing needs the attributes
		// (https://pkg.go.dev/gocloud.dev/blob/fileblob).
		"PULUMI_BACKEND_URL":       "file://" + state + "?metadata=skip",
		"PULUMI_CONFIG_PASSPHRASE": passphrase,
		// Whatever is not attached must fail at once instead of being sought on the network.
		"PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
		"PULUMI_SKIP_UPDATE_CHECK":                    "true",
	}
	if !o.Checkpoints {
		env["PULUMI_EXPERIMENTAL"], env["PULUMI_SKIP_CHECKPOINTS"] = "true", "true"
		if err := withoutLogs(home); err != nil {
			return nil, err
		}
	}
	e.stack, err = auto.UpsertStackInlineSource(ctx, o.Stack, o.Project, alone(o.Program),
		auto.WorkDir(work), auto.Pulumi(o.Engine), auto.EnvVars(env), auto.SecretsProvider("passphrase"),
		auto.Project(workspace.Project{
			Name: tokens.PackageName(o.Project), Runtime: workspace.NewProjectRuntimeInfo("go", nil), Main: work,
		}))
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", o.Stack, err)
	}
	return e, nil
}

// withoutLogs keeps the engine from writing logs, which nobody reads and which take a third of its time. No setting
// does: what stands in the place of their folder does
// (https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/logging/encrypted.go).
func withoutLogs(home string) error {
	logs := filepath.Join(home, "logs")
	if _, err := os.Stat(logs); err == nil {
		return nil
	}
	if err := os.WriteFile(logs, nil, 0o600); err != nil {
		return fmt.Errorf("switch the engine's logs off: %w", err)
	}
	return nil
}

// copyStackFile copies the committed configuration once; a later run of a kept environment goes on
// with its copy, in which the stack's encryption salt is.
func (e *Environment) copyStackFile() error {
	if e.options.StackFile == "" {
		return nil
	}
	target := e.StackFile()
	if _, err := os.Stat(target); err == nil {
		return nil
	}
	raw, err := os.ReadFile(e.options.StackFile)
	if err != nil {
		return fmt.Errorf("read the environment's file: %w", err)
	}
	return os.WriteFile(target, raw, 0o600)
}

// StackFile is the copy of the configuration that the environment runs with.
func (e *Environment) StackFile() string {
	return filepath.Join(e.options.Dir, "work", "Pulumi."+e.options.Stack+".yaml")
}

// Close ends the simulated clouds; what they hold stays in the folder.
func (e *Environment) Close() error { return e.Cloud.Close() }

// Changes counts the steps of an operation by kind, without those that changed nothing.
type Changes map[string]int

func changed(summary map[string]int) Changes {
	out := Changes{}
	for op, n := range summary {
		if op != string(apitype.OpSame) && op != string(apitype.OpRead) && n > 0 {
			out[op] = n
		}
	}
	return out
}

// packs are the policy packs that judge what is built.
func (e *Environment) packs() []string {
	if e.options.Policies == "" {
		return nil
	}
	return []string{e.options.Policies}
}

// Preview tells what an up would change, and lets the guard judge it.
func (e *Environment) Preview(ctx context.Context) (Changes, error) {
	stream, ended := make(chan events.EngineEvent), make(chan struct{})
	told := make(chan []events.EngineEvent, 1)
	go func() {
		var all []events.EngineEvent
		defer func() { told <- all }()
		for {
			select {
			case event, ok := <-stream:
				if !ok {
					return
				}
				all = append(all, event)
			case <-ended: // a command that never began closes nothing
				return
			}
		}
	}()
	r, err := e.stack.Preview(ctx, optpreview.ProgressStreams(e.options.Out), optpreview.SuppressOutputs(),
		optpreview.PolicyPacks(e.packs()...), optpreview.EventStreams(stream))
	if err != nil {
		close(ended)
		return nil, fmt.Errorf("preview: %w", err)
	}
	summary := map[string]int{}
	for op, n := range r.ChangeSummary {
		summary[string(op)] = n
	}
	return changed(summary), e.guard(<-told)
}

// Up builds what the program says.
func (e *Environment) Up(ctx context.Context) (Changes, error) {
	r, err := e.stack.Up(ctx, optup.ProgressStreams(e.options.Out), optup.SuppressOutputs(), optup.PolicyPacks(e.packs()...))
	if err != nil {
		return nil, fmt.Errorf("up: %w", err)
	}
	return summary(r.Summary), nil
}

// Refresh brings the state in line with the cloud, and tells what differed.
func (e *Environment) Refresh(ctx context.Context) (Changes, error) {
	r, err := e.stack.Refresh(ctx, optrefresh.ProgressStreams(e.options.Out))
	if err != nil {
		return nil, fmt.Errorf("refresh: %w", err)
	}
	return summary(r.Summary), nil
}

// Destroy removes everything that the state knows. A preview comes first: the engine refuses a protected
// resource only when its turn comes, and what does not depend on it would be gone by then. What is locked stays, and is
// kept from then on.
func (e *Environment) Destroy(ctx context.Context) (Changes, error) {
	if _, err := e.stack.PreviewDestroy(ctx, optdestroy.SuppressProgress(), optdestroy.SuppressOutputs()); err != nil {
		return nil, fmt.Errorf("preview of the destroy: nothing was deleted: %w", err)
	}
	stay, err := e.retained(ctx)
	if err != nil {
		return nil, err
	}
	r, err := e.stack.Destroy(ctx, optdestroy.ProgressStreams(e.options.Out))
	if err != nil {
		return nil, fmt.Errorf("destroy: %w", err)
	}
	return summary(r.Summary), e.keep(stay)
}

func summary(s auto.UpdateSummary) Changes {
	if s.ResourceChanges == nil {
		return Changes{}
	}
	return changed(*s.ResourceChanges)
}

// State is the engine's state. Secrets in it are in plain text, so it is not to be written anywhere.
func (e *Environment) State(ctx context.Context) (apitype.UntypedDeployment, error) {
	d, err := e.stack.Export(ctx)
	if err != nil {
		return d, fmt.Errorf("read the state of %s: %w", e.options.Stack, err)
	}
	return d, nil
}

// deployment is the state, as it is written and as it reads.
func (e *Environment) deployment(ctx context.Context) (state apitype.UntypedDeployment, d apitype.DeploymentV3, err error) {
	if state, err = e.State(ctx); err != nil {
		return state, d, err
	}
	if err = json.Unmarshal(state.Deployment, &d); err != nil {
		err = fmt.Errorf("read the state of %s: %w", e.options.Stack, err)
	}
	return state, d, err
}

// resources are those of the state.
func (e *Environment) resources(ctx context.Context) ([]apitype.ResourceV3, error) {
	_, d, err := e.deployment(ctx)
	return d.Resources, err
}

// cancel takes away the lock that a dead process left.
func (e *Environment) cancel(ctx context.Context) error {
	if err := e.stack.Cancel(ctx); err != nil && !strings.Contains(err.Error(), "no update") {
		return fmt.Errorf("take the dead run's lock away: %w", err)
	}
	return nil
}

// alone runs a program as its own process would: with nothing beneath it. The SDK tells the engine the whole stack of
// calls of each registration, and here the server that the engine calls would be in all of them.
func alone(program pulumi.RunFunc) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		ended := make(chan error)
		go func() { ended <- program(ctx) }()
		return <-ended
	}
}
