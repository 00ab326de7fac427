// Package accounts runs environments that live for some hours on real accounts, with the built program and the Pulumi command.
package accounts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"gopkg.in/yaml.v3"

	"platform/stacks/config"
	"platform/stacks/lifecycle/ephemeral"
	"platform/stacks/lifecycle/inventory"
	"platform/stacks/lifecycle/orphans"
	"platform/stacks/lifecycle/preflight"
	"platform/stacks/lifecycle/run"
)

// Accounts are those of the landing zone of environments that live for some hours. Each environment has a folder of its own, so
// that nothing is written into what is in Git; all in it can be made anew, on any machine.
type Accounts struct {
	ephemeral.Runs
	Stacks fs.FS
	Ask    preflight.Ask
	Now    func() time.Time
}

// New makes the site of a run.
func New(runs ephemeral.Runs, stacks fs.FS, now func() time.Time) ephemeral.Site {
	return Accounts{Runs: runs, Stacks: stacks, Ask: preflight.Run, Now: now}
}

// settings are the mould's on a cloud.
func (a Accounts) settings(cloud, region string) (config.Settings, error) {
	s, err := config.Stated(a.Stacks, config.Mould)
	if err != nil {
		return s, err
	}
	s.Cloud, s.Region = cloud, region
	s.Landing = s.Catalog.LandingZones[cloud][s.LandingZone]
	return s, nil
}

// Admit refuses changes that are not committed, and credentials of another account.
func (a Accounts) Admit(ctx context.Context, cloud string, say func(string, ...any)) error {
	s, err := a.settings(cloud, "")
	if err != nil {
		return err
	}
	return preflight.Checks{Settings: s, Kind: preflight.Up, Repository: ".", Ask: a.Ask, Now: a.Now(), Say: say}.Pass(ctx)
}

// folder is the environment's.
func (a Accounts) folder(name string) string { return filepath.Join(a.Dir, name) }

// Open writes the environment's folder, and opens its stack there.
func (a Accounts) Open(ctx context.Context, r ephemeral.Record, file []byte) (*run.Stack, error) {
	dir := a.folder(r.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the environment's folder: %w", err)
	}
	project, err := yaml.Marshal(map[string]any{
		"name": config.Project, "runtime": map[string]any{"name": "go", "options": map[string]any{"binary": a.Program}},
	})
	if err != nil {
		return nil, fmt.Errorf("write the project's file: %w", err)
	}
	if a.Secrets != "" {
		line, err := yaml.Marshal(map[string]string{"secretsprovider": a.Secrets})
		if err != nil {
			return nil, fmt.Errorf("write the environment's file: %w", err)
		}
		file = bytes.Join([][]byte{line, file}, nil)
	}
	for name, content := range map[string][]byte{"Pulumi.yaml": project, config.FileOf(r.Name): file} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return nil, fmt.Errorf("write the environment's folder: %w", err)
		}
	}
	stack, err := auto.SelectStackLocalSource(ctx, r.Name, dir, auto.Pulumi(a.Pulumi))
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", r.Name, err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "pulumi.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return &run.Stack{Auto: stack, Environment: r.Name, Files: os.DirFS(dir), Policies: a.Policies, Out: log}, nil
}

// credentials is the file that opens the environment's cluster.
const credentials = "kubeconfig"

// Keep writes it into the environment's folder, which only its owner reads.
func (a Accounts) Keep(name, kubeconfig string) (string, error) {
	path := filepath.Join(a.folder(name), credentials)
	if err := os.WriteFile(path, []byte(kubeconfig), 0o600); err != nil {
		return "", fmt.Errorf("write what opens the cluster: %w", err)
	}
	return path, nil
}

// Drop removes the environment's folder.
func (a Accounts) Drop(name string) error {
	if err := os.RemoveAll(a.folder(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the environment's folder: %w", err)
	}
	return nil
}

// The inventories learn of a deletion some minutes after it
// (https://docs.aws.amazon.com/resource-explorer/latest/userguide/troubleshooting_search.html).
const settles, every = 15 * time.Minute, 30 * time.Second

// inventory is that of the environment's account.
func (a Accounts) inventory(ctx context.Context, cloud, region string) (inventory.Inventory, error) {
	s, err := a.settings(cloud, region)
	if err != nil {
		return nil, err
	}
	return inventory.Of(ctx, s)
}

// Settle takes the lock of a dead run away and settles what it left: the environment's time is over, or its owner ends it, so
// that no other run has a right to it.
func (a Accounts) Settle(ctx context.Context, r ephemeral.Record, stack *run.Stack) ([]string, error) {
	if err := stack.Cancel(ctx); err != nil {
		return nil, err
	}
	known, err := a.inventory(ctx, r.Cloud, r.Region)
	if err != nil {
		return nil, err
	}
	finder, err := inventory.FinderOf(r.Cloud, known)
	if err != nil {
		return nil, err
	}
	return stack.Recover(ctx, finder)
}

// Destroy ends what a cluster left by the cloud's own services, too.
func (a Accounts) Destroy(ctx context.Context, r ephemeral.Record, stack *run.Stack, say func(string, ...any)) (run.Changes, error) {
	known, err := a.inventory(ctx, r.Cloud, r.Region)
	if err != nil {
		return nil, err
	}
	return orphans.Sweep{Stack: stack, Inventory: known, Settle: settles, Every: every, Say: say}.Destroy(ctx)
}

// Prove asks the cloud's own inventory service.
func (a Accounts) Prove(ctx context.Context, r ephemeral.Record, had []apitype.ResourceV3, say func(string, ...any)) error {
	known, err := a.inventory(ctx, r.Cloud, r.Region)
	if err != nil {
		return err
	}
	return inventory.Proof{
		Inventory: known, Scope: inventory.ScopeOf(r.Name, had), Settle: settles, Every: every, Say: say,
	}.Empty(ctx)
}
