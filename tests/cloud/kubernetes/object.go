package kubernetes

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"platform/tests/cloud"
)

// Create makes an object in its namespace, and lets the controllers act on it.
func (p *Package) Create(t *cloud.Tx, c cloud.Config, typ, urn string, inputs map[string]any) (*cloud.Object, error) {
	w, err := p.world(t, c)
	if err != nil {
		return nil, err
	}
	if inputs, err = p.customInputs(w, typ, inputs); err != nil {
		return nil, err
	}
	name, namespace := place(typ, inputs)
	if err := w.open(namespace); err != nil {
		return nil, err
	}
	public := name
	if namespace != "" {
		public = namespace + "/" + name
	}
	if t.Get(typ, c.Cluster.ID+"/"+public) != nil {
		return nil, cloud.Refuse("AlreadyExists", "%s %q already exists", typ, public)
	}
	uid := t.Random(32)
	o := t.Mint(cloud.Object{
		Type: typ, ID: c.Cluster.ID + "/" + public, Public: public, URN: urn, Account: c.Account, Region: c.Region,
		Inputs: inputs, Owner: c.Cluster, Random: []string{uid}, Props: map[string]any{"namespace": namespace, "uid": uid},
	})
	if typ == releaseType {
		if err := p.install(w, o); err != nil {
			return nil, err
		}
	}
	if err := errors.Join(w.fits(o), w.nodePortsFit(o)); err != nil {
		return nil, err
	}
	show(o)
	if err := w.reconcile(o); err != nil {
		return nil, err
	}
	if err := awaited(o); err != nil {
		return nil, err
	}
	return o, refused(o)
}

// fits refuses an object for which the quotas of its namespace have no room.
func (w *world) fits(o *cloud.Object) error {
	against, err := w.room(o)
	if err == nil && against != "" {
		err = cloud.Refuse("Forbidden", "%s %q is forbidden: %s", strings.TrimSuffix(w.resource(o), "."), nameOf(o), against)
	}
	return err
}

// place is where an object is: its name and its namespace, if its kind has one.
func place(typ string, inputs map[string]any) (name, namespace string) {
	if typ == releaseType {
		name, _ = inputs["name"].(string)
		namespace, _ = inputs["namespace"].(string)
		return name, namespace
	}
	metadata, _ := inputs["metadata"].(map[string]any)
	name, _ = metadata["name"].(string)
	if _, kind := version(typ); !slices.Contains(unscoped, kind) {
		namespace, _ = metadata["namespace"].(string)
	}
	return name, namespace
}

// builtin are the namespaces of every cluster
// (https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces/#initial-namespaces).
var builtin = []string{"default", "kube-node-lease", "kube-public", "kube-system"}

const namespaceType = "kubernetes:core/v1:Namespace"

// open refuses a namespace that is not there or on its way out
// (https://github.com/kubernetes/kubernetes/blob/master/staging/src/k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle/admission.go).
func (w *world) open(namespace string) error {
	if namespace == "" || slices.Contains(builtin, namespace) {
		return nil
	}
	o := w.t.Get(namespaceType, w.c.ID+"/"+namespace)
	switch {
	case o == nil:
		return cloud.Refuse("NotFound", "namespaces %q not found", namespace)
	case o.Bool("terminating"):
		return cloud.Refuse("Forbidden", "unable to create new content in namespace %s because it is being terminated", namespace)
	}
	return nil
}

// show sets the outputs: the inputs, the uid and the status that a controller has set.
func show(o *cloud.Object) {
	o.Outputs = maps.Clone(o.Inputs)
	if status := o.Props["status"]; status != nil {
		o.Outputs["status"] = status
	}
	metadata, ok := o.Inputs["metadata"].(map[string]any)
	if !ok {
		return
	}
	metadata = maps.Clone(metadata)
	metadata["uid"], o.Outputs["metadata"] = o.Props["uid"], metadata
}

// Update changes an object.
func (p *Package) Update(t *cloud.Tx, c cloud.Config, o *cloud.Object, inputs map[string]any) error {
	w, err := p.world(t, c)
	if err != nil {
		return err
	}
	if inputs, err = p.customInputs(w, o.Type, inputs); err != nil {
		return err
	}
	if err := unchanged(o, inputs); err != nil {
		return err
	}
	was := w.exposure(o)
	o.Inputs = inputs
	delete(o.Props, taken)
	show(o)
	if o.Type == releaseType {
		if _, err := w.released(o); err != nil {
			return err
		}
	}
	if err := errors.Join(w.fits(o), w.nodePortsFit(o)); err != nil {
		return err
	}
	if err := w.follow(o, was); err != nil {
		return err
	}
	if err := w.reconcile(o); err != nil {
		return err
	}
	if err := awaited(o); err != nil {
		return err
	}
	return refused(o)
}
