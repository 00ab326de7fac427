package kubernetes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kubectl-validate/pkg/validator"

	"platform/tests/charts"
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// checkSource refuses what the chart's own source speaks against: another version, values that it does not have or
// takes for wrong, templates that fail, and objects that the API would not take. All this is known before anything
// is made, if all values are.
func (p *Package) checkSource(c *charts.Chart, inputs map[string]any, fail func(string, string, ...any)) {
	if v, ok := inputs["version"].(string); ok && v != c.Version {
		fail("version", "%q is not the version whose source is read: %s; raise both, here and in tests/charts/charts.yaml", v, c.Version)
	}
	if _, repository := chartOf(inputs); repository != "" && repository != c.Repository {
		fail("repositoryOpts.repo", "%q does not hold the chart: it is in %s", repository, c.Repository)
	}
	known, whole := withoutUnknown(inputs["values"])
	values, _ := known.(map[string]any)
	for _, path := range c.Undeclared(values) {
		fail("values."+path, "the chart has no such value: %s/%s at %s declares what it has", c.Module, c.Path, c.Source.Version)
	}
	if !whole {
		return
	}
	objects, err := p.render(c, schemas, inputs)
	if err != nil {
		fail("values", "%v", err)
		return
	}
	for _, fault := range p.checkManifests(objects) {
		fail("values", "of these the chart makes a %s", fault)
	}
}

func (p *Package) render(c *charts.Chart, version string, inputs map[string]any) ([]charts.Object, error) {
	values, _ := inputs["values"].(map[string]any)
	name, _ := inputs["name"].(string)
	namespace, _ := inputs["namespace"].(string)
	return c.Render(charts.Release{Name: name, Namespace: namespace, Kubernetes: version, Values: values})
}

// What is known of charts is the same in every world: the faults of the objects of a release, by the first of them, and what
// judges the custom resources of a definition, by chart and name.
var checked, judges sync.Map

// judge checks custom resources, one after the other: the library keeps what it has parsed without a lock.
type judge struct {
	mu sync.Mutex
	by *validator.Validator
}

func (j *judge) check(raw []byte) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	_, parsed, err := j.by.Parse(raw)
	if err == nil {
		err = j.by.Validate(parsed)
	}
	return err
}

// checkManifests validates the objects of a release once: the same release is checked many times, and its objects are
// the same ones then.
func (p *Package) checkManifests(objects []charts.Object) []string {
	if len(objects) == 0 {
		return nil
	}
	if known, ok := checked.Load(&objects[0]); ok {
		return known.([]string)
	}
	done := []string{}
	for _, each := range objects {
		for _, failure := range p.checkManifest(each.Manifest) {
			done = append(done, fmt.Sprintf("%s that the API refuses: %s %s", label(each.Manifest), failure.Path, failure.Reason))
		}
	}
	checked.Store(&objects[0], done)
	return done
}

func (p *Package) checkManifest(manifest map[string]any) []cloud.Failure {
	apiVersion, _ := manifest["apiVersion"].(string)
	switch {
	case p.custom(apiVersion):
		return nil // only the cluster knows its definition
	case tokenOf(manifest) == definitionType:
		return checkDefinition(withoutStatus(manifest))
	}
	return p.validate(manifest)
}

// withoutStatus leaves out what only the API server sets; some charts give it as null.
func withoutStatus(manifest map[string]any) map[string]any {
	out := maps.Clone(manifest)
	delete(out, "status")
	return out
}

// tokenOf is the type of an object as the program would name it.
func tokenOf(manifest map[string]any) string {
	apiVersion, _ := manifest["apiVersion"].(string)
	kind, _ := manifest["kind"].(string)
	if !strings.Contains(apiVersion, "/") {
		apiVersion = "core/" + apiVersion
	}
	return "kubernetes:" + apiVersion + ":" + kind
}

func label(manifest map[string]any) string {
	name, _ := dig(manifest, "metadata", "name").(string)
	return fmt.Sprintf("%v %s", manifest["kind"], name)
}

// released applies a release, if its chart is one whose source is read.
func (w *world) released(o *cloud.Object) (read bool, err error) {
	name, _ := chartOf(o.Inputs)
	source, err := charts.Open(name)
	if source == nil || err != nil {
		return false, err
	}
	return true, w.apply(o, source)
}

// apply makes the objects of a release, changes those that are there, and removes what it no longer has, as Helm does
// (https://helm.sh/docs/topics/charts/#charts-vs-releases-vs-repositories). What a hook runs is over by then: it is only
// asked whether it may run.
func (w *world) apply(o *cloud.Object, c *charts.Chart) error {
	objects, err := w.p.render(c, w.version(), o.Inputs)
	if err != nil {
		return cloud.Refuse("ReleaseFailed", "%v", err)
	}
	release := nameOf(o)
	var wanted []cloud.Key
	for _, each := range objects {
		made, err := w.place(o, release, each)
		if err != nil {
			return err
		}
		if made != nil {
			wanted = append(wanted, made.Key())
		}
	}
	for _, each := range w.t.Owned(o.Key()) {
		if !slices.Contains(wanted, each.Key()) && each.Inputs != nil {
			if _, err := w.finish(each); err != nil {
				return err
			}
		}
	}
	return nil
}

// place makes or changes one object of a release; it is nil for what runs and is gone.
func (w *world) place(o *cloud.Object, release string, each charts.Object) (*cloud.Object, error) {
	typ := tokenOf(each.Manifest)
	_, kind := version(typ)
	name, _ := dig(each.Manifest, "metadata", "name").(string)
	namespace, _ := dig(each.Manifest, "metadata", "namespace").(string)
	if namespace == "" {
		namespace = o.Str("namespace")
	}
	if slices.Contains(unscoped, kind) {
		namespace = ""
	}
	if typ == definitionType {
		return w.define(o, each)
	}
	inputs, err := w.p.customInputs(w, typ, withNamespace(each.Manifest, namespace))
	if err != nil {
		return nil, fmt.Errorf("release %s: %s: %w", release, label(each.Manifest), err)
	}
	if custom := w.definition(typ); custom != nil && custom.Str("spec.scope") != "Namespaced" {
		namespace = ""
	}
	if err := w.open(namespace); err != nil {
		return nil, fmt.Errorf("release %s: %s: %w", release, label(each.Manifest), err)
	}
	k := w.key(typ, namespace, name)
	if there := w.t.Get(k.Type, k.ID); there != nil {
		if there.Owner != o.Key() {
			// https://github.com/helm/helm/blob/main/pkg/action/validate.go
			return nil, cloud.Refuse("ReleaseFailed",
				"%s %q in namespace %q exists and cannot be imported into the current release: invalid ownership metadata", kind, name, namespace)
		}
		was := w.exposure(there)
		there.Inputs = kept(typ, inputs)
		return there, w.follow(there, was)
	}
	uid := w.t.Random(32)
	made := w.t.Mint(cloud.Object{
		Type: typ, ID: k.ID, Public: strings.TrimPrefix(namespace+"/"+name, "/"), Hidden: true, Owner: o.Key(), Inputs: kept(typ, inputs),
		Random: []string{uid}, Props: map[string]any{"namespace": namespace, "uid": uid},
	})
	if err := w.fits(made); err != nil {
		return nil, fmt.Errorf("release %s: %w", release, err)
	}
	if !each.Hook {
		return made, nil
	}
	defer w.t.Remove(made.Key())
	return nil, w.mayRun(release, made)
}

// mayRun says why the pods of a hook are refused.
func (w *world) mayRun(release string, o *cloud.Object) error {
	if !slices.Contains(workloads, o.Type) {
		return nil
	}
	pods, err := w.pods(o)
	if err != nil {
		return err
	}
	admission := w.admission()
	for _, each := range pods {
		against, err := admission.admit(o.Str("namespace"), each.template)
		if err != nil {
			return err
		}
		if against != "" {
			return cloud.Refuse("ReleaseFailed", "release %s: hook %s: %s", release, nameOf(o), forbidden(o, against))
		}
	}
	return nil
}

// kept is what is remembered of an object: all of it where a controller of the cluster acts on it. What a chart makes up,
// certificates and passwords among it, is not.
func kept(typ string, inputs map[string]any) map[string]any {
	if slices.Contains(concerned, typ) {
		return inputs
	}
	return map[string]any{"metadata": map[string]any{"name": dig(inputs, "metadata", "name"), "namespace": dig(inputs, "metadata", "namespace"),
		"finalizers": dig(inputs, "metadata", "finalizers")}}
}

func withNamespace(manifest map[string]any, namespace string) map[string]any {
	given, _ := manifest["metadata"].(map[string]any)
	out, metadata := maps.Clone(manifest), map[string]any{}
	maps.Copy(metadata, given)
	delete(metadata, "namespace")
	if namespace != "" {
		metadata["namespace"] = namespace
	}
	out["metadata"] = metadata
	return out
}

// define makes a definition. Its schema, which can be as long as a book, stays with the chart.
func (w *world) define(o *cloud.Object, each charts.Object) (*cloud.Object, error) {
	name, _ := dig(each.Manifest, "metadata", "name").(string)
	k := w.key(definitionType, "", name)
	if there := w.t.Get(k.Type, k.ID); there != nil {
		return there, nil // Helm leaves what it finds in the folder crds, and changes nothing else that is looked at here
	}
	owner := o.Key()
	if each.Stays {
		owner = w.config.Cluster
	}
	chart, _ := chartOf(o.Inputs)
	versions := []any{}
	for _, v := range list(dig(each.Manifest, "spec", "versions")) {
		versions = append(versions, map[string]any{"name": v["name"], "served": v["served"]})
	}
	return w.t.Mint(cloud.Object{
		Type: k.Type, ID: k.ID, Public: name, Hidden: true, Owner: owner,
		Props: map[string]any{"chart": chart, "spec": map[string]any{
			"group": dig(each.Manifest, "spec", "group"), "scope": dig(each.Manifest, "spec", "scope"), "versions": versions,
			"names": map[string]any{"kind": dig(each.Manifest, "spec", "names", "kind"), "plural": dig(each.Manifest, "spec", "names", "plural")},
		}},
	}), nil
}

// version is the cluster's minor version.
func (w *world) version() string {
	if minor := controller.Minor(w.by.Version(w.c)); minor > 0 {
		return fmt.Sprintf("1.%d", minor)
	}
	return schemas
}

// unready are why what releases run is not ready, by release, of those of which something is not.
func (w *world) unready() map[cloud.Key]string {
	out := map[cloud.Key]string{}
	for _, each := range w.list(workloads...) {
		reason := each.Str(controller.Waits)
		if _, known := out[each.Owner]; reason != "" && !known {
			out[each.Owner] = nameOf(each) + ": " + reason
		}
	}
	return out
}
