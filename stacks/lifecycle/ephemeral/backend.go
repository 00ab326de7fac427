package ephemeral

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"

	"platform/stacks/config"
)

// The projects: that of all environments, and the one whose stacks are claims of address plans.
const (
	environments = config.Project
	claims       = config.Project + "-plans"
)

// Stack is one of a backend.
type Stack struct {
	Name      string
	Resources int
}

// Backend is where stacks are kept, with what is known of them.
type Backend interface {
	// Stacks are those of a project that have a tag with a value; all of them if no tag is named.
	Stacks(ctx context.Context, project, tag, value string) ([]Stack, error)
	// Create makes a stack, and says whether it did: of several who make one of the same name, one at most does.
	Create(ctx context.Context, project, stack string) (bool, error)
	// Remove removes a stack that has no resources. One that is not there is no error.
	Remove(ctx context.Context, project, stack string) error
	Tags(ctx context.Context, project, stack string) (map[string]string, error)
	SetTag(ctx context.Context, project, stack, tag, value string) error
}

// PulumiBackend asks the Pulumi command, which knows every backend and who may use it.
type PulumiBackend struct {
	Pulumi auto.PulumiCommand
	// Dir is for folders of the two projects: the command wants to be in one of them.
	Dir string
	// Env is beside that of this process.
	Env []string
	// Secrets is whose key the secrets of an environment's state have; the backend's own if it is empty.
	Secrets string
}

// ask runs the command in the folder of a project.
func (b PulumiBackend) ask(ctx context.Context, project string, env []string, args ...string) (string, error) {
	dir := filepath.Join(b.Dir, project)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make the folder of project %s: %w", project, err)
	}
	file := filepath.Join(dir, "Pulumi.yaml")
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		if err := os.WriteFile(file, []byte("name: "+project+"\nruntime: go\n"), 0o600); err != nil {
			return "", fmt.Errorf("write the project's file: %w", err)
		}
	}
	out, told, _, err := b.Pulumi.Run(ctx, dir, nil, nil, nil, append(slices.Clone(b.Env), env...), args...)
	if err != nil {
		return told, fmt.Errorf("pulumi %s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(told))
	}
	return out, nil
}

// Stacks lists by name.
func (b PulumiBackend) Stacks(ctx context.Context, project, tag, value string) ([]Stack, error) {
	args := []string{"stack", "ls", "--json"}
	if tag != "" {
		args = append(args, "--tag", tag+"="+value)
	}
	out, err := b.ask(ctx, project, nil, args...)
	if err != nil {
		return nil, err
	}
	var listed []struct {
		Name      string `json:"name"`
		Resources int    `json:"resourceCount"`
	}
	if err := json.Unmarshal([]byte(out), &listed); err != nil {
		return nil, fmt.Errorf("read the list of stacks: %w", err)
	}
	stacks := make([]Stack, 0, len(listed))
	for _, s := range listed {
		// Where somebody has several organizations the name begins with one.
		stacks = append(stacks, Stack{s.Name[strings.LastIndex(s.Name, "/")+1:], s.Resources})
	}
	slices.SortFunc(stacks, func(a, b Stack) int { return strings.Compare(a.Name, b.Name) })
	return stacks, nil
}

// Create makes a stack. A claim holds nothing, so that its passphrase guards nothing; the environment's own key is the
// operator's.
func (b PulumiBackend) Create(ctx context.Context, project, stack string) (bool, error) {
	args, env := []string{"stack", "init", stack, "--no-select"}, []string(nil)
	switch {
	case project == claims:
		env = []string{"PULUMI_CONFIG_PASSPHRASE=" + claims}
	case b.Secrets != "":
		args = append(args, "--secrets-provider", b.Secrets)
	}
	told, err := b.ask(ctx, project, env, args...)
	if err != nil {
		// The bucket of a state has a lock beside each stack, for which several may get in each other's way: then none has made it
		// (https://github.com/pulumi/pulumi/blob/v3.257.0/pkg/backend/diy/lock.go).
		if strings.Contains(told, "already exists") || strings.Contains(told, "currently locked") {
			return false, nil
		}
		return false, err
	}
	return true, nil
}

// Remove removes a stack and its lock's folder.
func (b PulumiBackend) Remove(ctx context.Context, project, stack string) error {
	told, err := b.ask(ctx, project, nil, "stack", "rm", stack, "--yes", "--preserve-config")
	if err != nil && strings.Contains(told, "no stack named") {
		return nil
	}
	return err
}

// Tags are those of a stack.
func (b PulumiBackend) Tags(ctx context.Context, project, stack string) (map[string]string, error) {
	out, err := b.ask(ctx, project, nil, "stack", "tag", "ls", "--json", "--stack", stack)
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	if err := json.Unmarshal([]byte(out), &tags); err != nil {
		return nil, fmt.Errorf("read the tags of stack %s: %w", stack, err)
	}
	return tags, nil
}

// SetTag sets one of a stack that is there.
func (b PulumiBackend) SetTag(ctx context.Context, project, stack, tag, value string) error {
	_, err := b.ask(ctx, project, nil, "stack", "tag", "set", tag, value, "--stack", stack)
	return err
}
