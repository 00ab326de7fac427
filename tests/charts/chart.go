package charts

import (
	"cmp"
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
	"helm.sh/helm/v3/pkg/chartutil"
)

// Chart is one chart as its source says it.
type Chart struct {
	Source
	Version string // in its repository

	helm      *helm.Chart
	templates string
	schema    map[string]any
	defined   []map[string]any  // custom resource definitions that stand beside the templates
	within    map[string]*Chart // the charts within it, by the key of their values

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
	if c.helm, err = source.read(dir); err != nil {
		return nil, err
	}
	if source.Release != "" {
		c.helm.Metadata.Version = source.Release
	}
	if source.App != "" {
		c.helm.Metadata.AppVersion = source.App
	}
	if err := c.read(); err != nil {
		return nil, err
	}
	if err := c.nest(dir); err != nil {
		return nil, err
	}
	alone := *c.helm
	alone.SetDependencies()
	for _, each := range alone.CRDObjects() {
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

// read takes up what the chart itself says.
func (c *Chart) read() error {
	c.Version = c.helm.Metadata.Version
	if len(c.helm.Schema) > 0 {
		var err error
		if c.schema, err = object(c.helm.Schema); err != nil {
			return fmt.Errorf("values.schema.json: %w", err)
		}
	}
	var text strings.Builder
	for _, each := range c.helm.Templates {
		text.Write(each.Data)
	}
	c.templates = text.String()
	return nil
}

// nest takes up the charts within the chart. A released chart has them packed with it; in the sources some are folders of
// its own, and others stand beside it, whose versions must be those that it asks for.
func (c *Chart) nest(dir string) error {
	for _, name := range slices.Sorted(maps.Keys(c.Within)) {
		one, err := loader.LoadDir(filepath.Join(dir, c.Within[name]))
		if err != nil {
			return fmt.Errorf("chart %s within it: %w", name, err)
		}
		i := slices.IndexFunc(c.helm.Metadata.Dependencies, func(d *helm.Dependency) bool { return d.Name == name })
		if i < 0 || !chartutil.IsCompatibleRange(c.helm.Metadata.Dependencies[i].Version, one.Metadata.Version) {
			return fmt.Errorf("chart %s within it: version %s is not what Chart.yaml asks for", name, one.Metadata.Version)
		}
		c.helm.AddDependency(one)
	}
	c.within = map[string]*Chart{}
	for _, asked := range c.helm.Metadata.Dependencies {
		for _, one := range c.helm.Dependencies() {
			if one.Name() != asked.Name {
				continue
			}
			inner := &Chart{helm: one}
			if err := inner.read(); err != nil {
				return fmt.Errorf("chart %s within it: %w", one.Name(), err)
			}
			if err := inner.nest(dir); err != nil {
				return err
			}
			if asks := one.Metadata.Dependencies; len(asks) != len(inner.within) {
				return fmt.Errorf("chart %s within it has %d charts within it, of which %d are read", one.Name(), len(asks), len(inner.within))
			}
			c.within[cmp.Or(asked.Alias, asked.Name)] = inner
		}
	}
	return nil
}

// copied is a chart whose dependencies can be taken out without a loss for the other.
func copied(of *helm.Chart) *helm.Chart {
	out, metadata := *of, *of.Metadata
	metadata.Dependencies = nil
	for _, each := range of.Metadata.Dependencies {
		one := *each
		metadata.Dependencies = append(metadata.Dependencies, &one)
	}
	out.Metadata = &metadata
	var within []*helm.Chart
	for _, each := range of.Dependencies() {
		within = append(within, copied(each))
	}
	out.SetDependencies(within...)
	return &out
}

// absent are charts within this one that some values switch on and whose sources are not read: nothing of them would be
// rendered.
func (c *Chart) absent(values map[string]any) []string {
	all, err := chartutil.CoalesceValues(c.helm, values)
	if err != nil {
		return []string{err.Error()}
	}
	var out []string
	for _, asked := range c.helm.Metadata.Dependencies {
		if c.within[cmp.Or(asked.Alias, asked.Name)] != nil {
			continue
		}
		on := true // without a condition, or with one that no value answers
		for condition := range strings.SplitSeq(asked.Condition, ",") {
			if v, err := all.PathValue(strings.TrimSpace(condition)); err == nil {
				on = v == true
				break
			}
		}
		if on {
			out = append(out, fmt.Sprintf("chart %s within it: its source is not read: name it under within in tests/charts/charts.yaml, or switch it off by %s",
				asked.Name, asked.Condition))
		}
	}
	return out
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

// given are the values that the chart gives by itself, and those of the charts within it below their keys.
func (c *Chart) given() map[string]any {
	if c.Under != "" {
		given, _ := c.helm.Values[c.Under].(map[string]any)
		return given
	}
	if len(c.within) == 0 {
		return c.helm.Values
	}
	out := maps.Clone(c.helm.Values)
	for key, inner := range c.within {
		own, _ := out[key].(map[string]any)
		out[key] = merged(own, inner.given())
	}
	return out
}

// merged are the values of a chart with those of another, which it overrides.
func merged(over, under map[string]any) map[string]any {
	out := maps.Clone(under)
	if out == nil {
		out = map[string]any{}
	}
	for key, value := range over {
		a, isMap := value.(map[string]any)
		b, wasMap := out[key].(map[string]any)
		if isMap && wasMap {
			value = merged(a, b)
		}
		out[key] = value
	}
	return out
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

// reads says whether a template reads the value at a path, by dots or by the names on the way. What is below the key of a
// chart within it, that one's templates read.
func (c *Chart) reads(path string) bool {
	if key, rest, below := strings.Cut(path, "."); below && c.within[key] != nil && c.within[key].reads(rest) {
		return true
	}
	dug := `dig "` + strings.ReplaceAll(path, ".", `" "`) + `" `
	return regexp.MustCompile(`\.Values\.`+regexp.QuoteMeta(path)+`\b`).MatchString(c.templates) || strings.Contains(c.templates, dug)
}
