package touched

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

// graph is what a cloud's program is built from: files and the folders of their packages, by slash paths below the repository.
type graph struct{ files, folders map[string]bool }

// The commands whose outcome is an environment: the program, and the policies that judge it.
var built = []string{"./stacks", "./policies"}

// rehearsed is the command that rehearses one.
const rehearsed = "./tests/rehearsal/cmd/rehearse"

// read asks Go what packages are built from, with one cloud's tag.
func read(ctx context.Context, root, cloud string, packages []string) (graph, error) {
	args := append([]string{"list", "-deps", "-tags", cloud, "-json=Dir,GoFiles,CgoFiles,SFiles,HFiles,CFiles,EmbedFiles,Module"}, packages...)
	cmd, stdout, stderr := exec.CommandContext(ctx, "go", args...), bytes.Buffer{}, bytes.Buffer{}
	cmd.Dir, cmd.Stdout, cmd.Stderr = root, &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return graph{}, fmt.Errorf("go list -deps -tags %s %s: %w: %s", cloud, strings.Join(packages, " "), err, strings.TrimSpace(stderr.String()))
	}
	g := graph{map[string]bool{}, map[string]bool{}}
	for decoder := json.NewDecoder(&stdout); ; {
		var p struct {
			Dir                                                   string
			GoFiles, CgoFiles, SFiles, HFiles, CFiles, EmbedFiles []string
			Module                                                *struct {
				Main bool
				Dir  string
			}
		}
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return g, nil
		} else if err != nil {
			return graph{}, fmt.Errorf("read what go list printed: %w", err)
		}
		if p.Module == nil || !p.Module.Main {
			continue
		}
		folder, err := filepath.Rel(p.Module.Dir, p.Dir)
		if err != nil {
			return graph{}, err
		}
		folder = filepath.ToSlash(folder)
		g.folders[folder] = true
		for _, files := range [][]string{p.GoFiles, p.CgoFiles, p.SFiles, p.HFiles, p.CFiles, p.EmbedFiles} {
			for _, file := range files {
				g.files[path.Join(folder, filepath.ToSlash(file))] = true
			}
		}
	}
}

// has says whether a file is part of what is built. Of one that is gone only its package tells: the nearest above it.
func (g graph) has(c Change) bool {
	if !c.Deleted {
		return g.files[c.Path]
	}
	if strings.HasSuffix(c.Path, "_test.go") || strings.HasSuffix(c.Path, ".md") || strings.Contains("/"+c.Path, "/testdata/") {
		return false
	}
	if strings.HasSuffix(c.Path, ".go") {
		return g.folders[path.Dir(c.Path)]
	}
	for folder := path.Dir(c.Path); folder != "."; folder = path.Dir(folder) {
		if g.folders[folder] {
			return true
		}
	}
	return false
}
