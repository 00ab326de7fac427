// Package pipeline proves that the workflows do nothing that no test runs, and nothing with more rights than they need.
package pipeline

import (
	"fmt"
	"io/fs"
	"path"
	"strings"

	"gopkg.in/yaml.v3"
)

// Workflow is a file of .github/workflows.
type Workflow struct {
	Path        string
	Text        string
	On          yaml.Node
	Permissions yaml.Node
	Concurrency yaml.Node
	Jobs        map[string]Job
}

// Job is one of a workflow, or the steps of a composite action.
type Job struct {
	If          string
	Uses        string
	Needs       yaml.Node
	Permissions yaml.Node
	Environment string
	Concurrency yaml.Node
	Timeout     int `yaml:"timeout-minutes"`
	Env         map[string]string
	Steps       []Step
}

// Step is one of a job.
type Step struct {
	If   string
	Uses string
	Run  string
	Env  map[string]string
	With map[string]string
}

// Read reads all workflows and actions of a repository; an action is a workflow of one job.
func Read(repository fs.FS) ([]Workflow, error) {
	var out []Workflow
	for _, pattern := range []string{".github/workflows/*.yml", ".github/workflows/*.yaml", ".github/actions/*/action.yml"} {
		names, err := fs.Glob(repository, pattern)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			w, err := read(repository, name)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
			out = append(out, w)
		}
	}
	return out, nil
}

func read(repository fs.FS, name string) (Workflow, error) {
	raw, err := fs.ReadFile(repository, name)
	if err != nil {
		return Workflow{}, err
	}
	w := Workflow{Path: name, Text: string(raw)}
	if path.Base(name) == "action.yml" {
		var action struct{ Runs Job }
		err := yaml.Unmarshal(raw, &action)
		w.Jobs = map[string]Job{"action": action.Runs}
		return w, err
	}
	return w, yaml.Unmarshal(raw, &w)
}

// action says whether it is one, and no workflow.
func (w Workflow) action() bool { return strings.HasPrefix(w.Path, ".github/actions/") }

// rights are what permissions say of each scope; a text for all of them is an error.
func rights(node yaml.Node) (map[string]string, error) {
	out := map[string]string{}
	if node.IsZero() {
		return nil, fmt.Errorf("says nothing: the repository's default would count")
	}
	if err := node.Decode(&out); err != nil {
		return nil, fmt.Errorf("%q: scopes by name are allowed", node.Value)
	}
	return out, nil
}
