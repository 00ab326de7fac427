package kubernetes

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"platform/tests/charts"
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const releaseType = "kubernetes:helm.sh/v3:Release"

// chart is what is known of one chart whose source cannot be had: what was read of it once, at its source.
type chart struct {
	Source     string         `yaml:"source"`
	Repository string         `yaml:"repository"`
	Versions   []string       `yaml:"versions"`
	Values     map[string]any `yaml:"values"`    // the keys that it knows; an empty mapping takes anything
	Workloads  []string       `yaml:"workloads"` // what it runs, as kind/name
	// Definitions are the custom resources that it brings.
	Definitions []definition `yaml:"definitions"`
	// Finalizers are those that its controllers take off.
	Finalizers []string `yaml:"finalizers"`
}

// definition is what is known of a custom resource that a chart brings.
type definition struct {
	Group    string   `yaml:"group"`
	Kind     string   `yaml:"kind"`
	Plural   string   `yaml:"plural"`
	Scope    string   `yaml:"scope"` // Namespaced or Cluster
	Versions []string `yaml:"versions"`
	// Goes says that the definition is one of the chart's templates and goes with the release. Helm leaves
	// those of the folder crds (https://helm.sh/docs/chart_best_practices/custom_resource_definitions/).
	Goes bool `yaml:"goes"`
}

// readCharts reads the charts that each cloud describes.
func readCharts(clouds []controller.Cloud) (map[string]chart, error) {
	out := map[string]chart{}
	for _, by := range clouds {
		some := map[string]chart{}
		decoder := yaml.NewDecoder(bytes.NewReader(by.Charts()))
		decoder.KnownFields(true)
		if err := decoder.Decode(&some); err != nil && !errors.Is(err, io.EOF) {
			return nil, fmt.Errorf("charts: %w", err)
		}
		for name, c := range some {
			if _, twice := out[name]; twice {
				return nil, fmt.Errorf("charts: %s is described twice", name)
			}
			out[name] = c
		}
	}
	return out, nil
}

// releaseInputs are the properties of a Release that are known
// (https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/).
var releaseInputs = []string{
	"atomic", "chart", "cleanupOnFail", "compat", "createNamespace", "lint", "maxHistory", "name", "namespace", "repositoryOpts",
	"skipAwait", "skipCrds", "timeout", "values", "version", "waitForJobs", "resourceNames", "valueYamlFiles",
}

// chartOf is the name of a release's chart and the repository that holds it. A registry of images has no index, and so its
// charts are named in full (https://helm.sh/docs/topics/registries/).
func chartOf(inputs map[string]any) (name, repository string) {
	name, _ = inputs["chart"].(string)
	if strings.HasPrefix(name, "oci://") {
		i := strings.LastIndex(name, "/")
		return name[i+1:], name[:i]
	}
	options, _ := inputs["repositoryOpts"].(map[string]any)
	repository, _ = options["repo"].(string)
	return name, repository
}

// checkRelease refuses charts, versions and values that are not known: a misspelt value is ignored by
// Helm, and is found on the day when it is missed.
func (p *Package) checkRelease(inputs map[string]any) []cloud.Failure {
	var out []cloud.Failure
	fail := func(path, format string, args ...any) {
		out = append(out, cloud.Failure{Path: path, Reason: fmt.Sprintf(format, args...)})
	}
	for _, name := range slices.Sorted(maps.Keys(inputs)) {
		if !slices.Contains(releaseInputs, name) && !strings.HasPrefix(name, "__") {
			fail(name, "unknown property")
		}
	}
	for _, name := range []string{"chart", "name", "namespace", "version"} {
		if inputs[name] == nil {
			fail(name, "missing: a release without it cannot be built again the same")
		}
	}
	name, repository := chartOf(inputs)
	source, err := charts.Open(name)
	if err != nil {
		fail("chart", "%v", err)
		return out
	}
	if source != nil {
		p.checkSource(source, inputs, fail)
		return out
	}
	c, ok := p.charts[name]
	if !ok {
		fail("chart", "%q is not known: add it to tests/charts/charts.yaml, or to Charts of a cloud in tests/cloud if its source cannot be had", name)
		return out
	}
	if v, ok := inputs["version"].(string); ok && !slices.Contains(c.Versions, v) {
		fail("version", "%q of chart %s is not known: allowed are %s", v, name, strings.Join(c.Versions, ", "))
	}
	if repository != "" && repository != c.Repository {
		fail("repositoryOpts.repo", "%q does not hold chart %s: it is in %s", repository, name, c.Repository)
	}
	if values, ok := inputs["values"].(map[string]any); ok {
		checkValues("values", values, c.Values, fail)
	}
	return out
}

func checkValues(path string, values, known map[string]any, fail func(string, string, ...any)) {
	for _, name := range slices.Sorted(maps.Keys(values)) {
		k, ok := known[name]
		if !ok {
			fail(path+"."+name, "the chart has no such value: allowed are %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
			continue
		}
		deeper, isMap := k.(map[string]any)
		value, given := values[name].(map[string]any)
		if isMap && given && len(deeper) > 0 {
			checkValues(path+"."+name, value, deeper, fail)
		}
	}
}

// install makes what the chart runs and defines.
func (p *Package) install(w *world, o *cloud.Object) error {
	if read, err := w.released(o); read || err != nil {
		return err
	}
	name, _ := chartOf(o.Inputs)
	c := p.charts[name]
	for _, workload := range c.Workloads {
		kind, name, _ := strings.Cut(workload, "/")
		w.t.Mint(cloud.Object{
			Type: "kubernetes:" + kind, ID: o.ID + "/" + name, Hidden: true, Owner: o.Key(),
			Props: map[string]any{"namespace": o.Str("namespace")},
		})
	}
	for _, d := range c.Definitions {
		k := w.key(definitionType, "", d.Plural+"."+d.Group)
		if w.t.Get(k.Type, k.ID) != nil {
			continue // Helm skips what is there already
		}
		owner := w.config.Cluster
		if d.Goes {
			owner = o.Key()
		}
		versions := []any{}
		for _, v := range d.Versions {
			versions = append(versions, map[string]any{"name": v})
		}
		w.t.Mint(cloud.Object{Type: k.Type, ID: k.ID, Hidden: true, Owner: owner, Props: map[string]any{"spec": map[string]any{
			"group": d.Group, "scope": d.Scope, "names": map[string]any{"kind": d.Kind, "plural": d.Plural}, "versions": versions,
		}}})
	}
	return nil
}

// uninstall removes what the chart runs, and then the definitions that go with it: what the chart's own
// controllers should have finalized is kept, since they are gone.
func (w *world) uninstall(o *cloud.Object) (kept []string, err error) {
	owned := w.t.Owned(o.Key())
	for _, each := range owned {
		if each.Type == definitionType {
			continue
		}
		if each.Inputs == nil {
			w.t.Remove(each.Key())
			continue
		}
		keeps, err := w.finish(each)
		if err != nil {
			return nil, err
		}
		kept = append(kept, keeps...)
	}
	for _, each := range owned {
		if each.Type == definitionType {
			keeps, err := w.finish(each)
			if err != nil {
				return nil, err
			}
			kept = append(kept, keeps...)
		}
	}
	return kept, nil
}
