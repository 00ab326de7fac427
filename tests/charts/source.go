package charts

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"golang.org/x/mod/module"
	"gopkg.in/yaml.v3"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
)

// Source says where the source of a chart is.
type Source struct {
	Module      string   `yaml:"module"`
	Version     string   `yaml:"version"`
	Sum         string   `yaml:"sum"`
	Path        string   `yaml:"path"`
	Repository  string   `yaml:"repository"`
	Release     string   `yaml:"release"`
	App         string   `yaml:"app"`
	Definitions string   `yaml:"definitions"`
	Open        []string `yaml:"open"`
	Under       string   `yaml:"under"`
	// Within are the charts within this one whose sources are elsewhere in the module, by name.
	Within map[string]string `yaml:"within"`
	// Written is the folder of a chart that is written here, and Files are those of the module that it reads, by the names that it has for them.
	Written string            `yaml:"written"`
	Files   map[string]string `yaml:"files"`
	// Finalizers are those that its controllers take off.
	Finalizers []string `yaml:"finalizers"`
	// Holds are the kinds on which its controllers set these by themselves.
	Holds []string `yaml:"holds"`
}

//go:embed charts.yaml
var table []byte

//go:embed all:written
var written embed.FS

// Sources reads the table, by the name of the chart.
var Sources = sync.OnceValues(func() (map[string]Source, error) {
	out := map[string]Source{}
	decoder := yaml.NewDecoder(bytes.NewReader(table))
	decoder.KnownFields(true)
	if err := decoder.Decode(&out); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("tests/charts/charts.yaml: %w", err)
	}
	return out, nil
})

// modules is the folder of Go's module cache.
var modules = sync.OnceValues(func() (string, error) {
	raw, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		return "", fmt.Errorf("where is Go's module cache? %w", err)
	}
	return strings.TrimSpace(string(raw)), nil
})

// dir is the folder of the module, which is fetched if it is not there. What the cache holds was compared with its hash
// when it came.
func (s Source) dir() (string, error) {
	cache, err := modules()
	if err != nil {
		return "", err
	}
	escaped, err := module.EscapePath(s.Module)
	if err != nil {
		return "", err
	}
	version, err := module.EscapeVersion(s.Version)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, escaped+"@"+version)
	if _, err := os.Stat(filepath.Join(dir, s.Path)); err == nil {
		return dir, nil
	}
	return s.fetch()
}

// read reads the chart, out of a module or as it is written here.
func (s Source) read(dir string) (*chart.Chart, error) {
	if s.Written == "" {
		return loader.LoadDir(filepath.Join(dir, s.Path))
	}
	root := path.Join("written", s.Written)
	var files []*loader.BufferedFile
	err := fs.WalkDir(written, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := written.ReadFile(name)
		files = append(files, &loader.BufferedFile{Name: strings.TrimPrefix(name, root+"/"), Data: data})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(s.Files)) {
		data, err := os.ReadFile(filepath.Join(dir, s.Files[name]))
		if err != nil {
			return nil, err
		}
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
	}
	return loader.LoadFiles(files)
}

func (s Source) fetch() (string, error) {
	fmt.Fprintf(os.Stderr, "fetching the source of charts from module %s (once)\n", s.Module)
	empty, err := os.MkdirTemp("", "charts")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(empty) }()
	command := exec.Command("go", "mod", "download", "-json", s.Module+"@"+s.Version)
	// The hash is pinned here, so that no database of them need be asked.
	command.Dir, command.Env = empty, append(os.Environ(), "GOFLAGS=-mod=mod", "GO111MODULE=on", "GOWORK=off", "GOSUMDB=off")
	raw, failed := command.Output()
	var got struct{ Dir, Sum, Error string }
	if err := json.Unmarshal(raw, &got); err != nil || got.Error != "" || failed != nil {
		return "", fmt.Errorf("module %s@%s, which holds charts, cannot be had: check that the module proxy answers (go env GOPROXY): %s %w",
			s.Module, s.Version, got.Error, errors.Join(failed, err))
	}
	if got.Sum != s.Sum {
		return "", fmt.Errorf("module %s@%s is not what was pinned: its hash is %s, and tests/charts/charts.yaml says %s",
			s.Module, s.Version, got.Sum, s.Sum)
	}
	return got.Dir, nil
}
