package kubernetes

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"platform/tests/charts"
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// patience is how long the provider waits for an object to be gone
// (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/configure-timeouts/).
const patience = 10 * time.Minute

// Delete removes an object once nothing keeps it: with a namespace all that is in it, with a definition
// all of its kind. What a finalizer keeps stays, on its way out, and the call fails when the provider
// gives up waiting
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/finalizers/).
func (p *Package) Delete(t *cloud.Tx, c cloud.Config, o *cloud.Object) error {
	w, err := p.world(t, c)
	if err != nil {
		return err
	}
	kept, err := w.finish(o)
	if err != nil {
		return err
	}
	if len(kept) > 0 {
		t.Delay(patience)
		t.Fail(cloud.Refuse("Timeout", "%s: timed out waiting for the condition", strings.Join(kept, "; ")))
	}
	return w.reconcile(o)
}

// finish marks an object as on its way out, lets controllers do what their finalizers are for, and
// removes it, or says what keeps it.
func (w *world) finish(o *cloud.Object) (kept []string, err error) {
	if o.Props == nil {
		o.Props = map[string]any{}
	}
	o.Props["terminating"] = true
	switch {
	case o.Type == namespaceType:
		kept, err = w.empty(o)
	case o.Type == definitionType:
		kept, err = w.undefine(o)
	case o.Type == setsType, o.Type == applicationType:
		kept, err = w.retired(o)
	}
	if err != nil {
		return nil, err
	}
	finalizers, err := w.finalize(o)
	if err != nil {
		return nil, err
	}
	if len(finalizers) > 0 {
		// https://github.com/pulumi/pulumi-kubernetes/blob/master/provider/pkg/await/condition/deleted.go
		kept = append(kept, fmt.Sprintf("finalizers might be preventing deletion (%s)", strings.Join(finalizers, ", ")))
	}
	if len(kept) > 0 {
		return kept, nil
	}
	return w.remove(o)
}

func (w *world) remove(o *cloud.Object) (kept []string, err error) {
	switch o.Type {
	case claimType:
		err = w.release(o)
	case setType:
		err = w.abandon(o)
	case releaseType:
		kept, err = w.uninstall(o)
	case fetchType:
		w.forgotten(o)
	case prometheusType, alertmanagerType, agentType:
		for _, owned := range w.t.Owned(o.Key()) {
			keeps, err := w.finish(owned)
			if err != nil {
				return nil, err
			}
			kept = append(kept, keeps...)
		}
	}
	if err == nil && len(kept) == 0 {
		w.t.Remove(o.Key())
	}
	return kept, err
}

// protection keeps a claim while a pod uses it
// (https://kubernetes.io/docs/concepts/storage/persistent-volumes/#storage-object-in-use-protection).
const protection = "kubernetes.io/pvc-protection"

// ownFinalizers are those that Kubernetes takes off by itself, when what they wait for is over
// (https://kubernetes.io/docs/concepts/architecture/garbage-collection/).
var ownFinalizers = []string{
	"foregroundDeletion", "orphan", "kubernetes", "kubernetes.io/pv-protection", protection,
	"customresourcecleanup.apiextensions.k8s.io",
}

// finalize asks the controller behind each finalizer, and lists those that nobody takes off.
func (w *world) finalize(o *cloud.Object) (left []string, err error) {
	w.c.Releases = w.releases() // one may be on its way out by now
	if o.Type == claimType {
		used, err := w.used(o)
		if err != nil {
			return nil, err
		}
		if used {
			left = append(left, protection)
		}
	}
	metadata, _ := o.Inputs["metadata"].(map[string]any)
	given, _ := metadata["finalizers"].([]any)
	for _, f := range given {
		name := fmt.Sprint(f)
		if !slices.Contains(ownFinalizers, name) && !w.chartFinalizes(name) && !w.by.Finalizes(w.t, w.c, name) {
			left = append(left, name)
		}
	}
	for _, name := range w.held(o) {
		if !w.chartFinalizes(name) {
			left = append(left, name)
		}
	}
	var pending controller.Pending
	switch err := w.by.Retire(w.t, w.c, o); {
	case errors.As(err, &pending):
		left = append(left, string(pending))
	case err != nil:
		return nil, err
	}
	finalizer := o.Str("finalizer")
	switch {
	case finalizer == "":
	case w.by.Finalizes(w.t, w.c, finalizer):
		err = w.withdraw(o)
	default:
		left = append(left, finalizer)
	}
	return left, err
}

// held are the finalizers that the controllers of a chart set on what they look after. They have seen it: its definition came
// with them.
func (w *world) held(o *cloud.Object) []string {
	definition := w.definition(o.Type)
	if definition == nil || definition.Str("chart") == "" {
		return nil
	}
	source, err := charts.Open(definition.Str("chart"))
	_, kind := version(o.Type)
	if err != nil || source == nil || !slices.Contains(source.Holds, kind) {
		return nil
	}
	return source.Finalizers
}

// chartFinalizes says whether an installed chart runs the controller that takes a finalizer off.
func (w *world) chartFinalizes(finalizer string) bool {
	running, err := w.running()
	if err != nil || !running {
		return false
	}
	for _, r := range w.c.Releases {
		if slices.Contains(w.p.charts[r.Chart].Finalizers, finalizer) {
			return true
		}
		if source, err := charts.Open(r.Chart); err == nil && source != nil && slices.Contains(source.Finalizers, finalizer) {
			return true
		}
	}
	return false
}

// empty deletes what is in a namespace: what runs first, since it keeps its claims. The messages are
// those of the namespace's conditions NamespaceContentRemaining and NamespaceFinalizersRemaining
// (https://github.com/kubernetes/kubernetes/blob/master/pkg/controller/namespace/deletion/status_condition_utils.go).
func (w *world) empty(namespace *cloud.Object) (kept []string, err error) {
	inside := w.inside(namespace.PublicID())
	slices.SortStableFunc(inside, func(a, b *cloud.Object) int { return order(a) - order(b) })
	remaining, finalizers := map[string]int{}, map[string]int{}
	for _, o := range inside {
		if w.t.Get(o.Type, o.ID) == nil {
			continue // went with another
		}
		keeps, err := w.finish(o)
		if err != nil {
			return nil, err
		}
		if len(keeps) == 0 {
			continue
		}
		remaining[w.resource(o)]++
		left, err := w.finalize(o)
		if err != nil {
			return nil, err
		}
		for _, f := range left {
			finalizers[f]++
		}
	}
	if len(remaining) > 0 {
		kept = append(kept, "Some resources are remaining: "+counted(remaining, "%s has %d resource instances"))
	}
	if len(finalizers) > 0 {
		kept = append(kept, "Some content in the namespace has finalizers remaining: "+counted(finalizers, "%s in %d resource instances"))
	}
	return kept, nil
}

// inside lists what is in a namespace, the releases of charts among it: what Helm knows of them is kept
// in the namespace, and what they run is there too.
func (w *world) inside(namespace string) []*cloud.Object {
	return slices.DeleteFunc(w.t.Owned(w.config.Cluster), func(o *cloud.Object) bool {
		return !strings.HasPrefix(o.Type, controller.Inside) || o.Props["namespace"] != namespace
	})
}

func order(o *cloud.Object) int {
	if slices.Contains(workloads, o.Type) {
		return 0
	}
	return 1
}

func counted(counts map[string]int, form string) string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, fmt.Sprintf(form, name, counts[name]))
	}
	return strings.Join(out, ", ")
}

// resource is how the API names a kind, with its group; the core group's name is empty.
func (w *world) resource(o *cloud.Object) string {
	apiVersion, kind := version(o.Type)
	group, _, ok := strings.Cut(apiVersion, "/")
	if !ok {
		group = ""
	}
	if d := w.definition(o.Type); d != nil {
		return d.Str("spec.names.plural") + "." + group
	}
	name := strings.ToLower(kind)
	switch {
	case strings.HasSuffix(name, "s"):
		name += "es"
	case strings.HasSuffix(name, "y"):
		name = strings.TrimSuffix(name, "y") + "ies"
	default:
		name += "s"
	}
	return name + "." + group
}
