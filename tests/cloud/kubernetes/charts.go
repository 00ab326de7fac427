package kubernetes

import (
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"platform/tests/cloud"
)

const releaseType = "kubernetes:helm.sh/v3:Release"

// chart is what is known of one chart.
type chart struct {
	Source     string         `yaml:"source"`
	Repository string         `yaml:"repository"`
	Versions   []string       `yaml:"versions"`
	Values     map[string]any `yaml:"values"`    // the keys that it knows; an empty mapping takes anything
	Workloads  []string       `yaml:"workloads"` // what it runs, as kind/name
}

//go:embed charts.yaml
var chartsFile []byte

func charts() (map[string]chart, error) {
	out := map[string]chart{}
	if err := yaml.Unmarshal(chartsFile, &out); err != nil {
		return nil, fmt.Errorf("charts.yaml: %w", err)
	}
	return out, nil
}

// releaseInputs are the properties of a Release that are known
// (https://www.pulumi.com/registry/packages/kubernetes/api-docs/helm/v3/release/).
var releaseInputs = []string{
	"atomic", "chart", "cleanupOnFail", "compat", "createNamespace", "lint", "maxHistory", "name", "namespace", "repositoryOpts",
	"skipAwait", "skipCrds", "timeout", "values", "version", "waitForJobs", "resourceNames", "valueYamlFiles",
}

// checkRelease refuses charts, versions and values that are not known: a misspelt value is ignored by
// Helm, and is found on the day when it is missed.
func checkRelease(inputs map[string]any) []cloud.Failure {
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
	known, err := charts()
	if err != nil {
		fail("", "%v", err)
		return out
	}
	name, _ := inputs["chart"].(string)
	c, ok := known[name]
	if !ok {
		fail("chart", "%q is not known: add it to tests/cloud/kubernetes/charts.yaml", name)
		return out
	}
	if v, ok := inputs["version"].(string); ok && !slices.Contains(c.Versions, v) {
		fail("version", "%q of chart %s is not known: allowed are %s", v, name, strings.Join(c.Versions, ", "))
	}
	options, _ := inputs["repositoryOpts"].(map[string]any)
	if repository, ok := options["repo"].(string); ok && repository != c.Repository {
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

// mintRelease makes what the chart runs.
func mintRelease(t *cloud.Tx, o *cloud.Object) {
	known, err := charts()
	if err != nil {
		return // Check has said so
	}
	for _, workload := range known[o.Str("chart")].Workloads {
		kind, name, _ := strings.Cut(workload, "/")
		t.Mint(cloud.Object{
			Type: "kubernetes:" + kind, ID: o.ID + "/" + name, Hidden: true, Owner: o.Key(),
			Props: map[string]any{"namespace": o.Str("namespace")},
		})
	}
}
