// Package touched tells which environments a change touches, from what each cloud's program is built from.
package touched

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os/exec"
	"path"
	"slices"
	"strings"

	"platform/stacks/config"
)

// Change is one file that differs.
type Change struct {
	Path    string // below the repository, with slashes
	Deleted bool
}

// Environment is one of the repository.
type Environment struct{ Name, Cloud, Tier string }

// all are the files outside of packages by which every environment is built; of a rehearsal these as well that build and run it.
var (
	all       = []string{"go.mod", "go.sum", "Pulumi.yaml", "policies/PulumiPolicy.yaml"}
	rehearsal = append([]string{"Makefile", ".ci/run"}, all...)
)

// Environments are those that the folder of the stacks holds, sorted; of a faulty file the fault is told.
func Environments(stacks fs.FS) ([]Environment, error) {
	names, err := fs.Glob(stacks, "Pulumi.*.yaml")
	if err != nil {
		return nil, err
	}
	var out []Environment
	var faults []error
	for _, name := range names {
		environment := strings.TrimSuffix(strings.TrimPrefix(name, "Pulumi."), ".yaml")
		s, err := config.Stated(stacks, environment)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		out = append(out, Environment{environment, s.Cloud, s.Tier})
	}
	return out, errors.Join(faults...)
}

// Standing are the environments that the pipeline keeps up: the mould stands nowhere itself.
func Standing(of []Environment) []Environment {
	return slices.DeleteFunc(slices.Clone(of), func(e Environment) bool { return e.Name == config.Mould })
}

// Since are the files that differ from where the branch left a commit.
func Since(ctx context.Context, root, base string) ([]Change, error) {
	if strings.HasPrefix(base, "-") || base == "" {
		return nil, fmt.Errorf("--base: value %q: a commit is allowed", base)
	}
	cmd, stdout, stderr := exec.CommandContext(ctx, "git", "diff", "--name-status", "--no-renames", "-z", base+"...HEAD", "--"), bytes.Buffer{}, bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("what differs from %s: %w: %s (a shallow clone does not know it: fetch the whole history)", base, err, strings.TrimSpace(stderr.String()))
	}
	var out []Change
	fields := strings.Split(strings.TrimSuffix(stdout.String(), "\x00"), "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		out = append(out, Change{fields[i+1], fields[i] == "D"})
	}
	return out, nil
}

// Graphs are what environments are built from, by their clouds.
type Graphs struct {
	clouds map[string]graph
	all    []string
}

// Read asks Go for the packages of each cloud that has an environment; of a rehearsal with those of the simulated clouds.
func Read(ctx context.Context, root string, environments []Environment, rehearses bool) (Graphs, error) {
	g := Graphs{map[string]graph{}, all}
	packages := built
	if rehearses {
		packages, g.all = append(slices.Clone(built), rehearsed), rehearsal
	}
	for _, e := range environments {
		if _, known := g.clouds[e.Cloud]; known {
			continue
		}
		of, err := read(ctx, root, e.Cloud, packages)
		if err != nil {
			return g, err
		}
		g.clouds[e.Cloud] = of
	}
	return g, nil
}

// Touched are the environments that changes touch, in the order in which they were given.
func (g Graphs) Touched(changes []Change, environments []Environment) []string {
	out := []string{}
	for _, e := range environments {
		if slices.ContainsFunc(changes, func(c Change) bool { return g.touches(c, e) }) {
			out = append(out, e.Name)
		}
	}
	return out
}

func (g Graphs) touches(c Change, e Environment) bool {
	// The program holds the files of all environments, for their address plans alone.
	if folder, file := path.Split(c.Path); folder == "stacks/" && strings.HasPrefix(file, "Pulumi.") && strings.HasSuffix(file, ".yaml") {
		return file == config.FileOf(e.Name)
	}
	return slices.Contains(g.all, c.Path) || g.clouds[e.Cloud].has(c)
}
