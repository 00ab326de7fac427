package charts

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"platform/components/kubernetes/chart"
)

func TestTheSourcesThatAreReadAreThoseThatAreReleased(t *testing.T) {
	for _, released := range chart.Sources {
		c, err := Open(released.Chart)
		if err != nil {
			t.Fatal(err)
		}
		if c == nil {
			t.Errorf("%s is released and not in charts.yaml", released.Chart)
			continue
		}
		if c.Version != released.Version || c.Repository != released.Repository {
			t.Errorf("%s: %s of %s is read, and %s of %s is released", released.Chart, c.Version, c.Repository, released.Version, released.Repository)
		}
	}
}

// TestImagesComeFromWhereTheChartsSay compares the table of values by which charts are told where their images are with
// their own. Istio's sources name a place of tests until they are released.
func TestImagesComeFromWhereTheChartsSay(t *testing.T) {
	for name, values := range chart.Images {
		c := open(t, name)
		for at, want := range values {
			var got any = c.given()
			for _, key := range strings.Split(at, ".") {
				below, _ := got.(map[string]any)
				got = below[key]
			}
			if released := strings.Replace(fmt.Sprint(got), "/testing", "/release", 1); released != want {
				t.Errorf("%s: %s is %v, want %s", name, at, got, want)
			}
		}
	}
}

// TestAValueThatTheChartDoesNotHaveIsFound plants keys beside those of each chart's own values.
func TestAValueThatTheChartDoesNotHaveIsFound(t *testing.T) {
	sources, err := Sources()
	if err != nil {
		t.Fatal(err)
	}
	deep := 0
	for name := range sources {
		c, err := Open(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Undeclared(c.given()); len(got) != 0 {
			t.Errorf("%s: its own values are not declared: %v", name, got)
		}
		values, want := map[string]any{"neverHeardOf": 1}, []string{"neverHeardOf"}
		for key, given := range c.given() {
			if inner, ok := given.(map[string]any); ok && len(inner) > 0 && !slices.Contains(c.Open, key) {
				values[key] = map[string]any{"neverHeardOf": 1}
				want = append(want, key+".neverHeardOf")
			}
		}
		got := c.Undeclared(values)
		slices.Sort(want)
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("%s: found %v, want %v", name, got, want)
		}
		deep += len(want) - 1
	}
	if deep < len(sources) {
		t.Errorf("%d keys were planted below others in %d charts", deep, len(sources))
	}
}

func open(t *testing.T, name string) *Chart {
	t.Helper()
	c, err := Open(name)
	if err != nil || c == nil {
		t.Fatalf("%s: %v %v", name, c, err)
	}
	return c
}

func TestAValueThatOnlyATemplateReadsIsDeclared(t *testing.T) {
	// values.yaml shows it in a comment alone.
	c := open(t, "metrics-server")
	if got := c.Undeclared(map[string]any{"revisionHistoryLimit": 3, "revisionHistory": 3}); !slices.Equal(got, []string{"revisionHistory"}) {
		t.Errorf("undeclared: %v", got)
	}
}

func TestTheRealEngineMakesTheObjects(t *testing.T) {
	c := open(t, "cert-manager")
	release := Release{Name: "cert-manager", Namespace: "certificates", Kubernetes: "1.33", Values: map[string]any{
		"crds": map[string]any{"enabled": true, "keep": false}, "replicaCount": 2.0,
	}}
	objects, err := c.Render(release)
	if err != nil {
		t.Fatal(err)
	}
	var kinds []string
	for _, each := range objects {
		kind := fmt.Sprint(each.Manifest["kind"])
		switch {
		case each.Hook:
			kind = "hook " + kind
		case each.Stays:
			kind = "stays " + kind
		}
		kinds = append(kinds, kind)
		metadata, _ := each.Manifest["metadata"].(map[string]any)
		if kind == "Deployment" && metadata["name"] == "cert-manager" {
			spec, _ := each.Manifest["spec"].(map[string]any)
			if spec["replicas"] != 2.0 {
				t.Errorf("%v replicas, want 2", spec["replicas"])
			}
		}
	}
	for _, want := range []string{"CustomResourceDefinition", "Deployment", "ClusterRole", "ValidatingWebhookConfiguration", "hook Job"} {
		if !slices.Contains(kinds, want) {
			t.Errorf("no %s is made: %v", want, kinds)
		}
	}
	if slices.Index(kinds, "CustomResourceDefinition") > slices.Index(kinds, "Deployment") {
		t.Errorf("what is defined comes after what uses it: %v", kinds)
	}
	release.Values = map[string]any{"replicaCount": "two"}
	if _, err := c.Render(release); err == nil || !strings.Contains(err.Error(), "replicaCount") {
		t.Errorf("a value of the wrong type: %v", err)
	}
	release.Values, release.Kubernetes = nil, "1.20"
	if _, err := c.Render(release); err == nil || !strings.Contains(err.Error(), "incompatible with Kubernetes") {
		t.Errorf("on a cluster that is too old: %v", err)
	}
}

func TestAModuleThatIsNotThePinnedOneIsRefused(t *testing.T) {
	source := open(t, "metrics-server").Source
	source.Sum = "h1:another"
	if _, err := source.fetch(); err == nil || !strings.Contains(err.Error(), "is not what was pinned") {
		t.Errorf("the error is %v", err)
	}
	source.Version = "v0.0.1-never"
	if _, err := source.fetch(); err == nil || !strings.Contains(err.Error(), "module proxy") {
		t.Errorf("of a version that is not there: %v", err)
	}
}

// A chart within another has its own values below its name, is made with it or left out by a condition, and is the version
// that the other asks for.
func TestAChartWithinAnother(t *testing.T) {
	c := open(t, "kube-prometheus-stack")
	got := c.Undeclared(map[string]any{"kube-state-metrics": map[string]any{
		"replicas": 2, "collectors": []any{}, "priorityClassName": "p", "neverHeardOf": 1, "prometheus": map[string]any{"neverHeardOf": 1},
	}})
	if want := []string{"kube-state-metrics.neverHeardOf", "kube-state-metrics.prometheus.neverHeardOf"}; !slices.Equal(got, want) {
		t.Errorf("undeclared: %v, want %v", got, want)
	}
	made := func(values map[string]any) (map[string]bool, error) {
		objects, err := c.Render(Release{Name: "m", Namespace: "watch", Kubernetes: "1.30", Values: values})
		out := map[string]bool{}
		for _, each := range objects {
			metadata, _ := each.Manifest["metadata"].(map[string]any)
			out[fmt.Sprint(each.Manifest["kind"], " ", metadata["name"])] = true
		}
		return out, err
	}
	off := map[string]any{"enabled": false}
	// Twice, since what one release leaves out the next one may want.
	for _, on := range []bool{false, true, false} {
		objects, err := made(map[string]any{
			"grafana": off, "kubeStateMetrics": map[string]any{"enabled": on}, "crds": map[string]any{"enabled": on}, "windowsMonitoring": off,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"Deployment m-kube-state-metrics", "CustomResourceDefinition podmonitors.monitoring.coreos.com"} {
			if objects[name] != on {
				t.Errorf("%s is there: %v, want %v", name, objects[name], on)
			}
		}
	}
	if _, err := made(map[string]any{"windowsMonitoring": off}); err == nil || !strings.Contains(err.Error(), "chart grafana within it: its source is not read") {
		t.Errorf("with a chart whose source is not read: %v", err)
	}
	source := c.Source
	source.Within = map[string]string{"kube-state-metrics": "charts/prometheus-node-exporter"}
	if _, err := load(source); err == nil || !strings.Contains(err.Error(), "is not what Chart.yaml asks for") {
		t.Errorf("with another version: %v", err)
	}
}
