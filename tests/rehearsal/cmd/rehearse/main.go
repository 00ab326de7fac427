// Command rehearse runs an environment on the simulated clouds through the real Pulumi engine.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/config"
	"platform/stacks/platform"
	"platform/tests/cloud"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const usage = `usage: rehearse [flags] [run | preview | outputs | down]

  run      bring the environment up, check it, tear it down, prove it empty, rebuild it (the default)
  preview  what an up would change in an environment that was kept
  outputs  the stack outputs of an environment that was kept
  down     destroy an environment that was kept, and forget it
`

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "rehearse: "+err.Error())
		os.Exit(1)
	}
}

type options struct {
	environment, pulumi, policies, stacks, dir, verb string
	keep                                             bool
	scale                                            float64
}

func run() error {
	o := options{}
	flags := flag.NewFlagSet("rehearse", flag.ExitOnError)
	flags.StringVar(&o.environment, "env", "dev-aws", "environment: a stacks/Pulumi.<env>.yaml")
	flags.StringVar(&o.pulumi, "pulumi", "pulumi", "the Pulumi command")
	flags.StringVar(&o.policies, "policies", "", "the policy pack's command; without, it is built")
	flags.StringVar(&o.stacks, "stacks", "stacks", "folder of the environments")
	flags.StringVar(&o.dir, "dir", filepath.Join(".cache", "rehearsal"), "where state and simulated cloud are kept")
	flags.BoolVar(&o.keep, "keep", false, "leave the environment up at the end")
	flags.Float64Var(&o.scale, "scale", 0, "modelled seconds that pass in one real second; 0 never waits")
	flags.Usage = func() { fmt.Fprint(flags.Output(), usage); flags.PrintDefaults() }
	if err := flags.Parse(os.Args[1:]); err != nil {
		return err
	}
	o.verb = "run"
	if flags.NArg() > 0 {
		o.verb = flags.Arg(0)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	switch o.verb {
	case "run", "preview", "outputs", "down":
		return o.do(ctx)
	}
	flags.Usage()
	return fmt.Errorf("%q is none of run, preview, outputs, down", o.verb)
}

func (o options) folder() (string, error) {
	return filepath.Abs(filepath.Join(o.dir, o.environment))
}

func (o options) do(ctx context.Context) error {
	dir, err := o.folder()
	if err != nil {
		return err
	}
	_, err = os.Stat(dir)
	kept := err == nil
	switch {
	case o.verb != "run" && !kept:
		return fmt.Errorf("no rehearsal of %s was kept: make rehearse ENV=%s KEEP=1", o.environment, o.environment)
	case o.verb == "run" && kept:
		fmt.Printf("forgetting the earlier rehearsal of %s\n", o.environment)
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	e, err := o.open(ctx, dir)
	if err != nil {
		return err
	}
	err = o.act(ctx, e)
	if closing := e.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return fmt.Errorf("%w\nthe environment is left as it is in %s: `rehearse -env %s down` ends it", err, dir, o.environment)
	}
	if o.verb == "down" || o.verb == "run" && !o.keep {
		return os.RemoveAll(dir)
	}
	return nil
}

func (o options) act(ctx context.Context, e *rehearsal.Environment) error {
	switch o.verb {
	case "preview":
		_, err := e.Preview(ctx)
		return err
	case "outputs":
		return e.Outputs(ctx, os.Stdout)
	case "down":
		return e.TakeDown(ctx)
	}
	if err := e.Rehearse(ctx); err != nil {
		return err
	}
	if o.keep {
		fmt.Printf("%s stays up: make rehearsal-preview, make rehearsal-outputs, and make down ENV=%s when you are done\n", o.environment, o.environment)
	}
	return nil
}

// open prepares the engine and the simulated clouds of the environment's account.
func (o options) open(ctx context.Context, dir string) (*rehearsal.Environment, error) {
	stacks := os.DirFS(o.stacks)
	settings, err := config.FromFile(stacks, o.environment, platform.Offers)
	if err != nil {
		return nil, err
	}
	engine, err := rehearsal.NewEngine(ctx, o.pulumi)
	if err != nil {
		return nil, err
	}
	// The engine looks for it from a folder of its own.
	if o.policies == "" {
		o.policies, err = rehearsal.BuildPolicies(ctx, o.dir)
	} else {
		o.policies, err = filepath.Abs(o.policies)
	}
	if err != nil {
		return nil, err
	}
	in, err := world.Of(world.At(settings))
	if err != nil {
		return nil, err
	}
	return rehearsal.Open(ctx, rehearsal.Options{
		Project: config.Project, Stack: o.environment, StackFile: filepath.Join(o.stacks, "Pulumi."+o.environment+".yaml"),
		Engine: engine, Packages: in.Packages, Dir: dir, Out: os.Stdout, Clock: cloud.Clock{Scale: o.scale},
		Seed: in.Seed, Policies: o.policies,
		Program: func(ctx *pulumi.Context) error {
			s, err := config.FromPulumi(ctx, stacks, platform.Offers)
			if err != nil {
				return err
			}
			return platform.Deploy(ctx, s)
		},
	})
}
