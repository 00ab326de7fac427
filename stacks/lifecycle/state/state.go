// Package state keeps copies of an environment's state before it is changed. Secrets stay encrypted in them, by the key of the
// stack: a copy is worth nothing without it.
package state

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"platform/stacks/lifecycle/run"
)

// Store is a folder of copies, one folder in it for each environment.
type Store struct {
	Folder string
	Keep   int // of each environment; the oldest go first
	Now    func() time.Time
}

// Copy is what is known of one.
type Copy struct {
	Name      string    `json:"name"`
	Taken     time.Time `json:"taken"`
	Resources int       `json:"resources"`
	Pending   int       `json:"pending"` // operations that were under way
}

// form is a time as names of copies have it: they sort as they were taken.
const form = "20060102T150405.000Z"

const suffix = ".json"

func (s Store) folder(environment string) string { return filepath.Join(s.Folder, environment) }

// Backup copies the state of a stack and says where the copy is. Copies beyond those that are kept are deleted.
func (s Store) Backup(ctx context.Context, stack *run.Stack) (string, error) {
	raw, err := stack.Sealed(ctx)
	if err != nil {
		return "", fmt.Errorf("copy the state of %s: %w", stack.Environment, err)
	}
	folder := s.folder(stack.Environment)
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of copies: %w", err)
	}
	at := filepath.Join(folder, s.Now().UTC().Format(form)+suffix)
	// In one step, so that a copy is whole or not there.
	if err := os.WriteFile(at+".part", raw, 0o600); err != nil {
		return "", fmt.Errorf("write the copy: %w", err)
	}
	if err := os.Rename(at+".part", at); err != nil {
		return "", fmt.Errorf("write the copy: %w", err)
	}
	return at, s.prune(stack.Environment)
}

func (s Store) prune(environment string) error {
	names, err := s.names(environment)
	if err != nil {
		return err
	}
	for _, name := range names[:max(0, len(names)-s.Keep)] {
		if err := os.Remove(filepath.Join(s.folder(environment), name)); err != nil {
			return fmt.Errorf("delete an old copy: %w", err)
		}
	}
	return nil
}

// names are those of the copies, the oldest first.
func (s Store) names(environment string) ([]string, error) {
	entries, err := os.ReadDir(s.folder(environment))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the folder of copies: %w", err)
	}
	var out []string
	for _, e := range entries {
		if _, err := time.Parse(form, strings.TrimSuffix(e.Name(), suffix)); err == nil && strings.HasSuffix(e.Name(), suffix) {
			out = append(out, e.Name())
		}
	}
	slices.Sort(out)
	return out, nil
}

// List lists the copies of an environment, the newest first.
func (s Store) List(environment string) ([]Copy, error) {
	names, err := s.names(environment)
	if err != nil {
		return nil, err
	}
	out := []Copy{}
	for _, name := range slices.Backward(names) {
		_, d, err := s.read(environment, name)
		if err != nil {
			return nil, err
		}
		taken, _ := time.Parse(form, strings.TrimSuffix(name, suffix)) // names are parsed by the list
		out = append(out, Copy{strings.TrimSuffix(name, suffix), taken, len(d.Resources), len(d.PendingOperations)})
	}
	return out, nil
}

// read reads a copy, which must be of the environment.
func (s Store) read(environment, name string) (state apitype.UntypedDeployment, d apitype.DeploymentV3, err error) {
	raw, err := os.ReadFile(filepath.Join(s.folder(environment), name))
	if err != nil {
		return state, d, fmt.Errorf("read the copy: %w", err)
	}
	if err := json.Unmarshal(raw, &state); err != nil {
		return state, d, fmt.Errorf("copy %s is not a state: %w", name, err)
	}
	if len(state.Deployment) > 0 && string(state.Deployment) != "null" {
		if err := json.Unmarshal(state.Deployment, &d); err != nil {
			return state, d, fmt.Errorf("copy %s is not a state: %w", name, err)
		}
	}
	for _, r := range d.Resources {
		if string(r.URN.Stack()) != environment {
			return state, d, fmt.Errorf("copy %s is of stack %s, not of %s", name, r.URN.Stack(), environment)
		}
	}
	return state, d, nil
}

// Restore puts a copy in the place of the state, of which it makes a copy first, and returns where that is.
func (s Store) Restore(ctx context.Context, stack *run.Stack, name string) (string, error) {
	names, err := s.names(stack.Environment)
	if err != nil {
		return "", err
	}
	if !slices.Contains(names, name+suffix) {
		return "", fmt.Errorf("there is no copy %q of %s: there are %s", name, stack.Environment, strings.ReplaceAll(strings.Join(names, ", "), suffix, ""))
	}
	state, _, err := s.read(stack.Environment, name+suffix)
	if err != nil {
		return "", err
	}
	// One more is kept meanwhile: the oldest may be the one that is restored.
	more := s
	more.Keep++
	at, err := more.Backup(ctx, stack)
	if err != nil {
		return "", err
	}
	if err := stack.Auto.Import(ctx, state); err != nil {
		return at, fmt.Errorf("restore the state of %s: %w", stack.Environment, err)
	}
	return at, nil
}
