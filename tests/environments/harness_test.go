// Package environments rehearses the committed environments, and shows that a rehearsal can fail.
package environments

import (
	"bytes"
	"context"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"platform/stacks/config"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/platform"
	"platform/tests/account"
	"platform/tests/rehearsal"
	"platform/tests/world"
)

const stacks = "../../stacks"

// The committed environments, and of each cloud the one that asks for most.
var (
	committed  = []string{"dev-aws", "staging-aws", "prod-aws", "dev-azure", "prod-azure", "dev-gcp", "prod-gcp", "ephemeral"}
	production = []string{"prod-aws", "prod-azure", "prod-gcp"}
)

func settings(t *testing.T, name string) config.Settings {
	t.Helper()
	return settingsIn(t, stacks, name)
}

func settingsIn(t *testing.T, folder, name string) config.Settings {
	t.Helper()
	s, err := config.FromFile(os.DirFS(folder), name, platform.Offers)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// altered is a folder that holds one environment alone, whose file is changed.
func altered(t *testing.T, name string, change func(file string) string) string {
	t.Helper()
	file, err := os.ReadFile(filepath.Join(stacks, "Pulumi."+name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	text, folder := change(string(file)), t.TempDir()
	if text == string(file) {
		t.Fatalf("the file of %s is as it was", name)
	}
	if err := os.WriteFile(filepath.Join(folder, "Pulumi."+name+".yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

// policies is the policy pack's command, built once for all tests.
var policies = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "policies")
	if err != nil {
		return "", err
	}
	return rehearsal.BuildPolicies(context.Background(), dir)
})

// open prepares a committed environment that no policy judges; before runs in the program ahead of what it deploys.
func open(t *testing.T, name, dir string, out io.Writer, before func(*pulumi.Context) error) *rehearsal.Environment {
	t.Helper()
	return openIn(t, stacks, "", name, dir, out, before)
}

// judged prepares an environment of a folder that the policies judge.
func judged(t *testing.T, folder, name, dir string, out io.Writer, before func(*pulumi.Context) error) *rehearsal.Environment {
	t.Helper()
	pack, err := policies()
	if err != nil {
		t.Fatal(err)
	}
	return openIn(t, folder, pack, name, dir, out, before)
}

func openIn(t *testing.T, folder, pack, name, dir string, out io.Writer, before func(*pulumi.Context) error) *rehearsal.Environment {
	t.Helper()
	return opened(t, settingsIn(t, folder, name), rehearsal.Options{
		StackFile: folder + "/Pulumi." + name + ".yaml", Dir: dir, Out: out, Policies: pack,
		Program: func(ctx *pulumi.Context) error {
			if err := before(ctx); err != nil {
				return err
			}
			s, err := config.FromPulumi(ctx, os.DirFS(folder), platform.Offers)
			if err != nil {
				return err
			}
			return platform.Deploy(ctx, s)
		},
	})
}

// opened is an environment until the test ends; what its options leave open its settings and the machine say.
func opened(t *testing.T, s config.Settings, o rehearsal.Options) *rehearsal.Environment {
	t.Helper()
	in, err := world.Of(world.At(s))
	if err != nil {
		t.Fatal(err)
	}
	o.Project, o.Stack, o.Packages, o.Seed = config.Project, s.Environment, in.Packages, in.Seed
	e, err := rehearsal.Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

// inventoryOf is the inventory of the account that an environment is in, as the clouds' own services tell it.
func inventoryOf(t *testing.T, e *rehearsal.Environment, s config.Settings) inventory.Inventory {
	t.Helper()
	i, closing, err := account.Serve(e.Cloud, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closing)
	return i
}

func nothing(*pulumi.Context) error { return nil }

func TestEveryCommittedEnvironmentLivesThroughItsRehearsal(t *testing.T) {
	t.Parallel()
	for _, name := range committed {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out bytes.Buffer
			e := judged(t, stacks, name, t.TempDir(), &out, nothing)
			if err := e.Rehearse(context.Background()); err != nil {
				t.Errorf("%v\n%s", err, tail(out.String()))
			}
		})
	}
}

// tail is the end of a long output, where the cause is.
func tail(s string) string { return s[max(0, len(s)-4000):] }
