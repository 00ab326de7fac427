package charts

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/releaseutil"
	"sigs.k8s.io/yaml"
)

// Object is one object that a release makes.
type Object struct {
	Manifest map[string]any
	// Stays says that it is left when the release goes: Helm keeps what is in the folder crds, and what says so itself
	// (https://helm.sh/docs/howto/charts_tips_and_tricks/#tell-helm-not-to-uninstall-a-resource).
	Stays bool
	// Hook says that it is not part of the release: it runs at some moment, as a job does before the rest is made
	// (https://helm.sh/docs/topics/charts_hooks/).
	Hook bool
}

// Release is what a chart is released as.
type Release struct {
	Name, Namespace string
	Kubernetes      string // the cluster's version, as 1.33
	Values          map[string]any
}

// Render makes the objects of a release, in the order in which Helm makes them. Its errors are those of the real engine:
// values that the chart's schema refuses, and templates that fail.
func (c *Chart) Render(r Release) ([]Object, error) {
	raw, err := json.Marshal(r)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(raw)
	key := hex.EncodeToString(sum[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	if done, ok := c.rendered[key]; ok {
		return done, nil
	}
	objects, err := c.render(r)
	if err != nil {
		return nil, fmt.Errorf("chart %s: %w", c.helm.Name(), err)
	}
	c.rendered[key] = objects
	return objects, nil
}

func (c *Chart) render(r Release) ([]Object, error) {
	values, _ := whole(r.Values).(map[string]any)
	if values == nil {
		values = map[string]any{}
	}
	if faults := c.absent(values); len(faults) > 0 {
		return nil, errors.New(strings.Join(faults, "; "))
	}
	// It takes out of the chart what the values switch off.
	chart := copied(c.helm)
	if err := chartutil.ProcessDependenciesWithMerge(chart, values); err != nil {
		return nil, err
	}
	capabilities := chartutil.DefaultCapabilities.Copy()
	version, err := chartutil.ParseKubeVersion("v" + r.Kubernetes + ".0")
	if err != nil {
		return nil, err
	}
	capabilities.KubeVersion = *version
	if wanted := c.helm.Metadata.KubeVersion; wanted != "" && !chartutil.IsCompatibleRange(wanted, version.String()) {
		return nil, fmt.Errorf("chart requires kubeVersion: %s which is incompatible with Kubernetes %s", wanted, version)
	}
	input, err := chartutil.ToRenderValues(chart, values, chartutil.ReleaseOptions{
		Name: r.Name, Namespace: r.Namespace, Revision: 1, IsInstall: true,
	}, capabilities)
	if err != nil {
		return nil, err
	}
	files, err := engine.Render(chart, input)
	if err != nil {
		return nil, err
	}
	for name := range files {
		if path.Base(name) == "NOTES.txt" || strings.HasPrefix(path.Base(name), "_") {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, capabilities.APIVersions, releaseutil.InstallOrder)
	if err != nil {
		return nil, err
	}
	var out []Object
	for _, definition := range c.defined {
		out = append(out, Object{Manifest: definition, Stays: c.Definitions == ""})
	}
	for _, within := range chart.Dependencies() {
		for _, each := range within.CRDObjects() {
			definitions, err := documents(string(each.File.Data))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", each.Filename, err)
			}
			for _, definition := range definitions {
				out = append(out, Object{Manifest: definition, Stays: true})
			}
		}
	}
	for _, hook := range hooks {
		if !installs(hook.Events) {
			continue
		}
		manifest, err := object([]byte(hook.Manifest))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", hook.Path, err)
		}
		out = append(out, Object{Manifest: manifest, Hook: true})
	}
	for _, each := range manifests {
		manifest, err := object([]byte(each.Content))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", each.Name, err)
		}
		for _, one := range listed(manifest) {
			out = append(out, Object{Manifest: one, Stays: kept(one)})
		}
	}
	return out, nil
}

// listed are the objects of a list, or the object itself.
func listed(manifest map[string]any) []map[string]any {
	if manifest["kind"] == nil {
		return nil
	}
	items, isList := manifest["items"].([]any)
	if !isList {
		return []map[string]any{manifest}
	}
	var out []map[string]any
	for _, item := range items {
		if one, ok := item.(map[string]any); ok {
			out = append(out, one)
		}
	}
	return out
}

func installs[E ~string](events []E) bool {
	return slices.ContainsFunc(events, func(e E) bool { return e == "pre-install" || e == "post-install" })
}

func kept(manifest map[string]any) bool {
	metadata, _ := manifest["metadata"].(map[string]any)
	annotations, _ := metadata["annotations"].(map[string]any)
	return annotations["helm.sh/resource-policy"] == "keep"
}

var between = regexp.MustCompile(`(?m)^---.*$`)

// documents are the objects of a file of several.
func documents(text string) ([]map[string]any, error) {
	var out []map[string]any
	for _, each := range between.Split(text, -1) {
		one, err := object([]byte(each))
		if err != nil {
			return nil, err
		}
		if len(one) > 0 {
			out = append(out, one)
		}
	}
	return out, nil
}

// texts are the objects that were read, by the sum of their text: most are the same in every release of a chart, and the largest,
// its definitions, always are.
var texts sync.Map

// object reads one object, as the API server gets it from Helm: through JSON. Nobody may change it, since others have the same one.
func object(raw []byte) (map[string]any, error) {
	sum := sha256.Sum256(raw)
	if known, ok := texts.Load(sum); ok {
		return known.(map[string]any), nil
	}
	out := map[string]any{}
	if err := yaml.Unmarshal(raw, &out); err != nil {
		return nil, err
	}
	texts.Store(sum, out)
	return out, nil
}

// whole makes whole numbers what they are in YAML: templates print a float in its scientific form.
func whole(v any) any {
	switch v := v.(type) {
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, each := range v {
			out[key] = whole(each)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, each := range v {
			out[i] = whole(each)
		}
		return out
	}
	return v
}
