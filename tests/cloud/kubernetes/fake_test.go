package kubernetes_test

import (
	"platform/tests/cloud"
	"platform/tests/cloud/controller"
)

const fakeCluster = "fake:cluster:Cluster"

// fake is a cloud of which a test says what is there.
type fake struct {
	pools   []controller.Pool
	missing bool // the controllers are
}

func (f *fake) ClusterType() string { return fakeCluster }

func (f *fake) Cluster(t *cloud.Tx, server string) *cloud.Object {
	return t.Lookup([]string{fakeCluster}, []string{"endpoint"}, server)
}

func (f *fake) Version(controller.Cluster) string { return "1.33" }

func (f *fake) Charts() []byte {
	return []byte(`
operator:
  source: test
  repository: https://charts.example.com
  versions: ["1.0.0"]
  values: {}
  workloads: [deployment/operator]
  finalizers: [operator.example.com/cleanup]
  definitions:
    - {group: example.com, kind: Widget, plural: widgets, scope: Namespaced, versions: [v1]}
    - {group: example.com, kind: Gadget, plural: gadgets, scope: Cluster, versions: [v1], goes: true}
`)
}

func (f *fake) Pools(*cloud.Tx, controller.Cluster) ([]controller.Pool, error) { return f.pools, nil }

func (f *fake) Scale(_ *cloud.Tx, _ controller.Cluster, pool string, size int) error {
	for i := range f.pools {
		if f.pools[i].Name == pool {
			f.pools[i].Size = size
		}
	}
	return nil
}

// Retire keeps a Widget while the controllers are missing.
func (f *fake) Retire(_ *cloud.Tx, _ controller.Cluster, o *cloud.Object) error {
	if f.missing && o.Type == "kubernetes:example.com/v1:Widget" {
		return controller.Pending("fake/widget: no controller")
	}
	return nil
}

func (f *fake) Expose(t *cloud.Tx, _ controller.Cluster, e controller.Exposed) (controller.Exposure, error) {
	if e.Class == "other" {
		return controller.Exposure{}, controller.ErrNotMine
	}
	if f.missing {
		return controller.Exposure{}, controller.Pending("no controller")
	}
	t.Mint(cloud.Object{Type: "fake:balancer", ID: e.Name, Hidden: true, Owner: e.Key, Props: map[string]any{"port": e.Ports[0].NodePort}})
	return controller.Exposure{Finalizer: "fake/balancer", IP: "198.18.0.1"}, nil
}

func (f *fake) Withdraw(t *cloud.Tx, _ controller.Cluster, e controller.Exposed) error {
	for _, o := range t.Owned(e.Key) {
		t.Remove(o.Key())
	}
	return nil
}

func (f *fake) Finalizes(_ *cloud.Tx, _ controller.Cluster, finalizer string) bool {
	return finalizer == "fake/balancer" && !f.missing
}

func (f *fake) Provision(t *cloud.Tx, _ controller.Cluster, claim controller.Claim) (cloud.Key, error) {
	if claim.Provisioner != "fake" {
		return cloud.Key{}, controller.ErrNotMine
	}
	if f.missing {
		return cloud.Key{}, controller.Pending("no driver")
	}
	return t.Mint(cloud.Object{
		Type: "fake:disk", ID: claim.Namespace + "-" + claim.Name, Hidden: true, Owner: claim.Key, Props: map[string]any{"size": claim.GiB},
	}).Key(), nil
}

func (f *fake) Reclaim(t *cloud.Tx, _ controller.Cluster, _ string, disk cloud.Key) error {
	if f.missing {
		return controller.Pending("no driver")
	}
	t.Remove(disk)
	return nil
}

// node is a pool with one node of 2 CPUs and 4 GiB, which may grow to three.
func node() controller.Pool {
	return controller.Pool{Name: "general", Min: 1, Max: 3, Size: 1, MilliCPU: 2000, MemoryMiB: 4096, Pods: 29}
}
