// Package rehearsal drives the real Pulumi engine over an environment on the simulated clouds.
package rehearsal

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/pulumi/pulumi/sdk/v3/go/common/workspace"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/lifecycle/run"
	"platform/tests/cloud"
)

// Options says what is rehearsed and where.
type Options struct {
	Project string
	Stack   string
	Program pulumi.RunFunc
	// StackFile is the committed configuration; a copy is used, so that a rehearsal changes nothing in Git.
	StackFile string
	// Engine runs it; without, the one that `make test` names.
	Engine   *Engine
	Packages []cloud.Package
	Seed     []cloud.Object // what is there before
	// Cloud is one that others are in too; it is served already, and outlives the environment. Without, the environment has its
	// own, of the Packages.
	Cloud *cloud.Cloud
	// State is the folder of a backend that others use too; without, the environment has its own.
	State string
	Clock cloud.Clock
	// Policies is the policy pack's command, which judges each preview and up; none where it is empty.
	Policies string
	// Dir keeps state and cloud; it outlives the process, so that a rehearsal can be left up.
	Dir string
	Out io.Writer // Pulumi's own progress
	// Checkpoints writes the state after every step as on a real cloud. Without, an up is more than ten times as fast; what a
	// dying process leaves behind is then not known to the state.
	Checkpoints bool
	// Logs lets the engine write its logs.
	Logs bool
}

// passphrase guards the state of a stack that was made without cloud.Secrets, as an operator makes one who names no service of keys.
const passphrase = "rehearsal"

// Environment is one stack on the simulated clouds.
type Environment struct {
	Cloud *cloud.Cloud

	options Options
	stack   *run.Stack
}

// Open opens or creates an environment in its folder.
func Open(ctx context.Context, o Options) (_ *Environment, err error) {
	if o.Engine == nil {
		if o.Engine, err = NamedEngine(ctx); err != nil {
			return nil, err
		}
	}
	work, home := filepath.Join(o.Dir, "work"), filepath.Join(o.Dir, "home")
	o.State = cmp.Or(o.State, filepath.Join(o.Dir, "state"))
	open := auto.UpsertStackInlineSource
	if _, err := os.Stat(o.State); errors.Is(err, fs.ErrNotExist) {
		open = auto.NewStackInlineSource // there is none to ask for
	}
	for _, dir := range []string{work, o.State, home} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make the rehearsal's folder: %w", err)
		}
	}
	e := &Environment{Cloud: o.Cloud, options: o}
	if o.Cloud == nil {
		if e.Cloud, err = ownCloud(o); err != nil {
			return nil, err
		}
		defer func() {
			if err != nil {
				err = errors.Join(err, e.Cloud.Close())
			}
		}()
	}
	if err := e.copyStackFile(); err != nil {
		return nil, err
	}
	env := Variables(e.Cloud, o.State, home)
	if !o.Checkpoints {
		env["PULUMI_EXPERIMENTAL"], env["PULUMI_SKIP_CHECKPOINTS"] = "true", "true"
	}
	if !o.Logs {
		if err := withoutLogs(home); err != nil {
			return nil, err
		}
	}
	stack, err := open(ctx, o.Stack, o.Project, alone(o.Program),
		auto.WorkDir(work), auto.Pulumi(o.Engine), auto.EnvVars(env), auto.SecretsProvider(cloud.Secrets),
		auto.Project(workspace.Project{
			Name: tokens.PackageName(o.Project), Runtime: workspace.NewProjectRuntimeInfo("go", nil), Main: work,
		}))
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", o.Stack, err)
	}
	e.stack = &run.Stack{Auto: stack, Environment: o.Stack, Out: o.Out, Kept: e.keep}
	if o.StackFile != "" {
		e.stack.Files = os.DirFS(filepath.Dir(e.StackFile()))
	}
	if o.Policies != "" {
		e.stack.Policies = []string{o.Policies}
	}
	return e, nil
}

// ownCloud makes, or opens again, the simulated clouds of one environment.
func ownCloud(o Options) (*cloud.Cloud, error) {
	dir := filepath.Join(o.Dir, "cloud")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the rehearsal's folder: %w", err)
	}
	return cloud.Start(cloud.Options{Dir: dir, Seed: 1, Clock: o.Clock, Packages: o.Packages}, o.Seed...)
}

// Variables are those of a Pulumi command that keeps states in a folder and finds the simulated clouds.
func Variables(c *cloud.Cloud, state, home string) map[string]string {
	env := map[string]string{
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
	maps.Copy(env, c.Env())
	return env
}

// withoutLogs keeps the engine from writing logs, which take a third of its time. No setting does: what stands in the
// place of their folder does (https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/logging/encrypted.go).
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

// Kill ends the environment's running command at once, without a chance to tidy up.
func (e *Environment) Kill() { e.options.Engine.Kill() }

// Close ends the environment's own simulated clouds; what they hold stays in the folder.
func (e *Environment) Close() error {
	if e.options.Cloud != nil {
		return nil
	}
	return e.Cloud.Close()
}

// Changes counts the steps of an operation by kind, without those that changed nothing.
type Changes = run.Changes

// Stack is the environment's stack as the operator's command has it: a rehearsal runs the same code.
func (e *Environment) Stack() *run.Stack { return e.stack }

// Preview tells what an up would change, and lets the guard judge it.
func (e *Environment) Preview(ctx context.Context) (Changes, error) { return e.stack.Preview(ctx) }

// Up builds what the program says.
func (e *Environment) Up(ctx context.Context) (Changes, error) { return e.stack.Up(ctx) }

// Apply previews, and brings up what the guard lets pass.
func (e *Environment) Apply(ctx context.Context) (Changes, error) { return e.stack.Apply(ctx) }

// Refresh brings the state in line with the cloud, and tells what differed.
func (e *Environment) Refresh(ctx context.Context) (Changes, error) { return e.stack.Refresh(ctx) }

// Destroy removes everything that the state knows. What is locked stays, and is kept from then on.
func (e *Environment) Destroy(ctx context.Context) (Changes, error) { return e.stack.Destroy(ctx) }

// State is the engine's state. Secrets in it are in plain text, so it is not to be written anywhere.
func (e *Environment) State(ctx context.Context) (apitype.UntypedDeployment, error) {
	return e.stack.State(ctx)
}

// resources are those of the state.
func (e *Environment) resources(ctx context.Context) ([]apitype.ResourceV3, error) {
	_, d, err := e.stack.Deployment(ctx)
	return d.Resources, err
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
