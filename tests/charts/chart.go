package charts

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	helm "helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
)

// Chart is one chart as its source says it.
type Chart struct {
	Source
	Version string // in its repository

	helm      *helm.Chart
	templates string
	schema    map[string]any
	defined   []map[string]any // custom resource definitions that stand beside the templates

	mu       sync.Mutex
	rendered map[string][]Object
}

var (
	opening sync.Mutex
	opened  = map[string]*Chart{}
)

// Open reads a chart; it is nil for one that the table does not have.
func Open(name string) (*Chart, error) {
	sources, err := Sources()
	if err != nil {
		return nil, err
	}
	source, known := sources[name]
	if !known {
		return nil, nil
	}
	opening.Lock()
	defer opening.Unlock()
	if opened[name] == nil {
		if opened[name], err = load(source); err != nil {
			return nil, fmt.Errorf("chart %s: %w", name, err)
		}
	}
	return opened[name], nil
}

func load(source Source) (*Chart, error) {
	dir, err := source.dir()
	if err != nil {
		return nil, err
	}
	c := &Chart{Source: source, rendered: map[string][]Object{}}
	if c.helm, err = loader.LoadDir(filepath.Join(dir, source.Path)); err != nil {
		return nil, err
	}
	if source.Release != "" {
		c.helm.Metadata.Version = source.Release
	}
	if source.App != "" {
		c.helm.Metadata.AppVersion = source.App
	}
	c.Version = c.helm.Metadata.Version
	if len(c.helm.Schema) > 0 {
		if c.schema, err = object(c.helm.Schema); err != nil {
			return nil, fmt.Errorf("values.schema.json: %w", err)
		}
	}
	var text strings.Builder
	for _, each := range c.helm.Templates {
		text.Write(each.Data)
	}
	c.templates = text.String()
	for _, each := range c.helm.CRDObjects() {
		if err := c.define(each.File.Data); err != nil {
			return nil, fmt.Errorf("%s: %w", each.Filename, err)
		}
	}
	if source.Definitions != "" {
		raw, err := os.ReadFile(filepath.Join(dir, source.Definitions))
		if err != nil {
			return nil, err
		}
		if err := c.define(raw); err != nil {
			return nil, fmt.Errorf("%s: %w", source.Definitions, err)
		}
	}
	return c, nil
}

func (c *Chart) define(raw []byte) error {
	objects, err := documents(string(raw))
	c.defined = append(c.defined, objects...)
	return err
}

// Undeclared lists the paths of values that the chart does not have. It has what its values.yaml gives, a mapping that is
// empty there having any keys, what its schema describes, and what a template reads.
func (c *Chart) Undeclared(values map[string]any) []string {
	var out []string
	c.undeclared("", values, c.given(), c.schema, &out)
	return out
}

// given are the values that the chart gives by itself.
func (c *Chart) given() map[string]any {
	if c.Under == "" {
		return c.helm.Values
	}
	given, _ := c.helm.Values[c.Under].(map[string]any)
	return given
}

func (c *Chart) undeclared(at string, values, defaults, schema map[string]any, out *[]string) {
	for _, key := range slices.Sorted(maps.Keys(values)) {
		path := strings.TrimPrefix(at+"."+key, ".")
		byDefault, given := defaults[key]
		described, known := property(c.schema, schema, key)
		if !given && !known && !c.reads(path) {
			*out = append(*out, path)
			continue
		}
		inner, isMap := values[key].(map[string]any)
		if !isMap || slices.Contains(c.Open, path) {
			continue
		}
		deeper, _ := byDefault.(map[string]any)
		if len(deeper) == 0 && described["properties"] == nil {
			continue // the chart passes on whatever is in it
		}
		c.undeclared(path, inner, deeper, described, out)
	}
}

// property is what a schema says of a key, through references within the whole schema.
func property(whole, schema map[string]any, key string) (map[string]any, bool) {
	properties, _ := schema["properties"].(map[string]any)
	one, ok := properties[key].(map[string]any)
	for range 8 { // as deep as references may lead
		reference, _ := one["$ref"].(string)
		path, within := strings.CutPrefix(reference, "#/")
		if !within {
			break
		}
		var next any = whole
		for step := range strings.SplitSeq(path, "/") {
			m, _ := next.(map[string]any)
			next = m[step]
		}
		one, _ = next.(map[string]any)
	}
	return one, ok
}

// reads says whether a template reads the value at a path, by dots or by the names on the way.
func (c *Chart) reads(path string) bool {
	dug := `dig "` + strings.ReplaceAll(path, ".", `" "`) + `" `
	return regexp.MustCompile(`\.Values\.`+regexp.QuoteMeta(path)+`\b`).MatchString(c.templates) || strings.Contains(c.templates, dug)
}
