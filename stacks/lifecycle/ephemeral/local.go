package ephemeral

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"gopkg.in/yaml.v3"

	"platform/stacks/config"
	"platform/stacks/lifecycle/run"
)

// Local runs the built program with the Pulumi command, on real accounts. Each environment has a folder of its own, so that
// nothing is written into what is in Git; all in it can be made anew, on any machine.
type Local struct {
	Pulumi   auto.PulumiCommand
	Program  string // the built program
	Policies []string
	Dir      string
	Secrets  string // whose key the secrets in a state have
	Now      func() time.Time
}

// folder is the environment's.
func (l Local) folder(name string) string { return filepath.Join(l.Dir, name) }

// Open writes the environment's folder, and opens its stack there.
func (l Local) Open(ctx context.Context, r Record, file []byte) (*run.Stack, error) {
	dir := l.folder(r.Name)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the environment's folder: %w", err)
	}
	project, err := yaml.Marshal(map[string]any{
		"name": environments, "runtime": map[string]any{"name": "go", "options": map[string]any{"binary": l.Program}},
	})
	if err != nil {
		return nil, fmt.Errorf("write the project's file: %w", err)
	}
	if l.Secrets != "" {
		line, err := yaml.Marshal(map[string]string{"secretsprovider": l.Secrets})
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
	stack, err := auto.SelectStackLocalSource(ctx, r.Name, dir, auto.Pulumi(l.Pulumi))
	if err != nil {
		return nil, fmt.Errorf("open stack %s: %w", r.Name, err)
	}
	log, err := os.OpenFile(filepath.Join(dir, "pulumi.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the log: %w", err)
	}
	return &run.Stack{Auto: stack, Environment: r.Name, Files: os.DirFS(dir), Policies: l.Policies, Out: log}, nil
}

// credentials is the file that opens the environment's cluster.
const credentials = "kubeconfig"

// Keep writes it into the environment's folder, which only its owner reads.
func (l Local) Keep(name, kubeconfig string) (string, error) {
	path := filepath.Join(l.folder(name), credentials)
	if err := os.WriteFile(path, []byte(kubeconfig), 0o600); err != nil {
		return "", fmt.Errorf("write what opens the cluster: %w", err)
	}
	return path, nil
}

// Drop removes the environment's folder.
func (l Local) Drop(name string) error {
	if err := os.RemoveAll(l.folder(name)); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("remove the environment's folder: %w", err)
	}
	return nil
}
