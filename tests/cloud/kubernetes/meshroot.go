package kubernetes

import (
	"fmt"

	"platform/tests/cloud"
)

// meshChart is what controls the mesh, and rootName the ConfigMap by which it tells each namespace whom to believe
// (https://github.com/istio/istio/blob/1.31.0/pilot/pkg/serviceregistry/kube/controller/namespacecontroller.go).
const (
	meshChart = "istiod"
	rootName  = "istio-ca-root-cert"
	rootKey   = "root-cert.pem"
)

// tellRoot lets istiod put its root into each namespace that lacks it, where there is room. It stays until its namespace goes.
func (w *world) tellRoot() (made bool, err error) {
	var lacking []*cloud.Object
	for _, space := range w.list(namespaceType) {
		if k := w.key(configType, nameOf(space), rootName); !space.Bool("terminating") && !w.t.Has(k.Type, k.ID) {
			lacking = append(lacking, space)
		}
	}
	if len(lacking) == 0 || !w.lives(meshChart) {
		return false, nil
	}
	for _, space := range lacking {
		namespace := nameOf(space)
		k, uid := w.key(configType, namespace, rootName), w.t.Random(32)
		o := w.t.Mint(cloud.Object{
			Type: k.Type, ID: k.ID, Public: namespace + "/" + rootName, Hidden: true, Owner: w.config.Cluster, Random: []string{uid},
			Inputs: map[string]any{
				"apiVersion": "v1", "kind": "ConfigMap", "data": map[string]any{rootKey: "<root of the mesh>"},
				"metadata": map[string]any{"name": rootName, "namespace": namespace, "labels": map[string]any{"istio.io/config": "true"}},
			},
			Props: map[string]any{"namespace": namespace, "uid": uid},
		})
		against, err := w.room(o)
		if err != nil {
			return false, err
		}
		if against != "" {
			w.t.Remove(o.Key())
			w.note(space, fmt.Sprintf("configmaps %q is forbidden: %s", rootName, against))
			continue
		}
		w.note(space, "")
		made = true
	}
	return made, nil
}
