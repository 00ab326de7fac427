package kubernetes

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

// world is one cluster in one call.
type world struct {
	t      *cloud.Tx
	p      *Package
	by     controller.Cloud // in which it is
	c      controller.Cluster
	config cloud.Config
}

// world is what somebody who calls the API server sees.
func (p *Package) world(t *cloud.Tx, c cloud.Config) (*world, error) {
	if !answers(t, c) {
		return nil, unreachable()
	}
	i := slices.IndexFunc(p.clouds, func(by controller.Cloud) bool { return by.ClusterType() == c.Cluster.Type })
	if i < 0 {
		return nil, fmt.Errorf("no cloud answers for clusters of type %s: pass it to kubernetes.New", c.Cluster.Type)
	}
	w := &world{t: t, p: p, by: p.clouds[i], config: c}
	w.c = controller.Cluster{Object: t.Get(c.Cluster.Type, c.Cluster.ID)}
	w.c.Releases = w.releases()
	return w, nil
}

func (w *world) releases() []controller.Release {
	var out []controller.Release
	for _, o := range w.list(releaseType) {
		if o.Bool("terminating") {
			continue
		}
		given, _ := o.Inputs["values"].(map[string]any)
		chart, _ := chartOf(o.Inputs)
		out = append(out, controller.Release{
			Chart: chart, Name: o.Str("name"), Namespace: o.Str("namespace"), Values: given,
		})
	}
	return out
}

// find lists the cluster's objects of some types, in the order of creation within each type.
func (w *world) find(types ...string) []*cloud.Object {
	var out []*cloud.Object
	for _, typ := range types {
		out = append(out, w.t.Find(typ, func(o *cloud.Object) bool { return strings.HasPrefix(o.ID, w.c.ID+"/") })...)
	}
	return out
}

// list is find for what is only read.
func (w *world) list(types ...string) []*cloud.Object {
	var out []*cloud.Object
	for _, typ := range types {
		out = append(out, w.t.List(typ, func(o *cloud.Object) bool { return strings.HasPrefix(o.ID, w.c.ID+"/") })...)
	}
	return out
}

// listIn lists the objects of a type in a namespace to be read only, in the order of creation.
func (w *world) listIn(namespace, typ string) []*cloud.Object {
	return slices.DeleteFunc(w.t.ListBy(typ, "namespace", namespace), func(o *cloud.Object) bool {
		return !strings.HasPrefix(o.ID, w.c.ID+"/"+namespace+"/")
	})
}

// running says whether the cluster has nodes to run what a chart brings.
func (w *world) running() (bool, error) {
	pools, err := w.by.Pools(w.t, w.c)
	return controller.Nodes(pools) > 0, err
}

// What wakes the controllers of a cluster: access is by name alone, and what bounds pods concerns those of its namespace.
var (
	access = []string{roleType, clusterRoleType, bindingType, clusterBindingType}
	bounds = []string{limitsType, quotaType, namespaceType}
	// concerned are all types on which controllers act; calls about others need not wake them.
	concerned = slices.Concat([]string{
		releaseType, classType, claimType, serviceType, ingressType, priorityType, setsType, applicationType, prometheusType, alertmanagerType, agentType,
	}, access, bounds, workloads)
)

// reconcile lets the controllers that an object concerns act on what is there, until the next call: first the cluster's and
// the cloud's own, then those that charts run, and the first again on what these made.
func (w *world) reconcile(o *cloud.Object) error {
	switch {
	case slices.Contains(access, o.Type):
		w.bindings()
	case slices.Contains(bounds, o.Type) && !o.Bool("terminating") && !w.runs(o):
	case slices.Contains(concerned, o.Type):
		if err := w.settle(); err != nil {
			return err
		}
	}
	if changed, err := w.brought(o.Type); err != nil || !changed {
		return err
	}
	return w.settle()
}

func (w *world) settle() error {
	w.c.Releases = w.releases()
	w.bindings()
	w.operate()
	w.watchers()
	return errors.Join(w.scaleNodes(), w.configured(), w.releasesReady(), w.claims(), w.exposures())
}

// runs says whether pods are in the namespace that an object is, or is in.
func (w *world) runs(o *cloud.Object) bool {
	namespace := o.Str("namespace")
	if o.Type == namespaceType {
		namespace = nameOf(o)
	}
	return slices.ContainsFunc(workloads, func(typ string) bool { return len(w.listIn(namespace, typ)) > 0 })
}

// releasesReady: what a chart runs needs a node.
func (w *world) releasesReady() error {
	running, err := w.running()
	if err != nil {
		return err
	}
	unready := w.unready()
	for _, o := range w.list(releaseType) {
		reason := unready[o.Key()]
		if chart, _ := chartOf(o.Inputs); !running && len(w.p.charts[chart].Workloads) > 0 {
			reason = "no node runs its pods"
		}
		w.note(o, reason)
	}
	return nil
}

// note notes why an object that is only read is not what it should be, if that is news.
func (w *world) note(o *cloud.Object, reason string) {
	if o.Str(controller.Waits) != reason {
		wait(w.t.Get(o.Type, o.ID), reason)
	}
}

// wait notes why an object is not what it should be; "" says that it is. A check finds what still
// waits when an environment is built.
func wait(o *cloud.Object, reason string) {
	if reason == "" {
		delete(o.Props, controller.Waits)
		return
	}
	if o.Props == nil {
		o.Props = map[string]any{}
	}
	o.Props[controller.Waits] = reason
}

// key is the key of an object in the cluster.
func (w *world) key(typ, namespace, name string) cloud.Key {
	if namespace != "" {
		name = namespace + "/" + name
	}
	return cloud.Key{Type: typ, ID: w.c.ID + "/" + name}
}

// texts are the text values of a map.
func texts(v any) map[string]string {
	out := map[string]string{}
	m, _ := v.(map[string]any)
	for k, e := range m {
		if s, ok := e.(string); ok {
			out[k] = s
		}
	}
	return out
}

// list are the objects in an array.
func list(v any) []map[string]any {
	var out []map[string]any
	items, _ := v.([]any)
	for _, e := range items {
		if m, ok := e.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

func nameOf(o *cloud.Object) string {
	name, _ := place(o.Type, o.Inputs)
	if name == "" {
		name = o.ID[strings.LastIndex(o.ID, "/")+1:]
	}
	return name
}
