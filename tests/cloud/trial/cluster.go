package trial

import (
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
	"platform/tests/cloud/kubernetes"
)

type values = map[string]any

// Cluster is the API of a cluster in a world, without an engine.
type Cluster struct {
	world  *World
	api    *kubernetes.Package
	config cloud.Config
}

// Enter is the cluster that answers at a server, with the namespace shop.
func (w *World) Enter(by controller.Cloud, server string) *Cluster {
	w.T.Helper()
	api, err := kubernetes.New(by)
	w.must(err)
	c := &Cluster{world: w, api: api}
	w.must(w.Store.View(func(t *cloud.Tx) error {
		c.config, err = api.Configure(t, values{"kubeconfig": `{"clusters":[{"cluster":{"server":"` + server + `"}}]}`})
		return err
	}))
	c.Inside("kubernetes:core/v1:Namespace", values{"metadata": values{"name": "shop"}})
	return c
}

// Inside makes an object in the cluster.
func (c *Cluster) Inside(typ string, inputs map[string]any) *cloud.Object {
	c.world.T.Helper()
	o, err := c.TryInside(typ, inputs)
	c.world.must(err)
	return o
}

// TryInside makes an object in the cluster, or says why it cannot be.
func (c *Cluster) TryInside(typ string, inputs map[string]any) (*cloud.Object, error) {
	return c.world.create(c.api, c.config, typ, inputs)
}

// Leave deletes an object in the cluster.
func (c *Cluster) Leave(o *cloud.Object) error {
	return c.world.Store.Update("leave", func(t *cloud.Tx) error { return c.api.Delete(t, c.config, t.Get(o.Type, o.ID)) })
}

// DefaultClass makes the storage class of claims that name none.
func (c *Cluster) DefaultClass(provisioner string, parameters map[string]any) {
	c.world.T.Helper()
	c.Inside("kubernetes:storage.k8s.io/v1:StorageClass", values{
		"metadata":    values{"name": "encrypted", "annotations": values{"storageclass.kubernetes.io/is-default-class": "true"}},
		"provisioner": provisioner, "volumeBindingMode": "WaitForFirstConsumer", "reclaimPolicy": "Delete", "parameters": parameters,
	})
}

// Database makes a StatefulSet of one pod that claims a volume of the default class.
func (c *Cluster) Database() *cloud.Object {
	c.world.T.Helper()
	return c.Inside("kubernetes:apps/v1:StatefulSet", values{
		"metadata": values{"name": "db", "namespace": "shop"},
		"spec": values{
			"serviceName": "db", "selector": values{"matchLabels": values{"app": "db"}},
			"template": values{"metadata": values{"labels": values{"app": "db"}}, "spec": values{"containers": []any{
				values{"name": "db", "image": "registry.example.com/db:1"},
			}}},
			"volumeClaimTemplates": []any{values{"metadata": values{"name": "data"}, "spec": values{
				"accessModes": []any{"ReadWriteOnce"}, "resources": values{"requests": values{"storage": "20Gi"}},
			}}},
		},
	})
}

// Big makes a Deployment of pods of which one fills a machine of two cores.
func (c *Cluster) Big(replicas float64, memory string) *cloud.Object {
	c.world.T.Helper()
	return c.Inside("kubernetes:apps/v1:Deployment", values{
		"metadata": values{"name": "big", "namespace": "shop"},
		"spec": values{"replicas": replicas, "selector": values{"matchLabels": values{"app": "big"}}, "template": values{
			"metadata": values{"labels": values{"app": "big"}}, "spec": values{"containers": []any{values{
				"name": "big", "image": "registry.example.com/big:1", "resources": values{"requests": values{"cpu": "1900m", "memory": memory}},
			}}},
		}},
	})
}
